/** A process that takes an answer which worries somebody; with AFTERGLOW_FAULT=before-page it dies between the commit and the page. Its argument is the cause. */
import { z } from "zod";
import { readConfig } from "../../../src/config.ts";
import { transact } from "../../../src/db/transact.ts";
import { openDeps } from "../../../src/deps.ts";
import type { AlertCause } from "../../../src/domain/alert.ts";
import { pageAfterCommit } from "../../../src/producers/page-after-commit.ts";
import { raiseAlerts } from "../../../src/producers/raise-alerts.ts";

const cause = z.custom<AlertCause>((value) => typeof value === "object").parse(JSON.parse(process.argv[2] ?? "null"));
const deps = await openDeps(readConfig());
const ids = await transact(deps.db, (tx) => raiseAlerts(tx, [cause], { actor: "patient" }));
await pageAfterCommit(deps, ids);
await deps.close();
