/** The web process under test, with a clinician and an administrator of the first clinic signed in. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { machineNow } from "../../src/clock.ts";
import { readConfig } from "../../src/config.ts";
import { findClinic } from "../../src/db/clinics.ts";
import { beginSession } from "../../src/db/staff-sessions.ts";
import { transact } from "../../src/db/transact.ts";
import { type CoreDeps, openCore } from "../../src/deps.ts";
import type { Role } from "../../src/domain/roles.ts";
import { makeStaffCookie } from "../../src/http/auth/staff-cookie.ts";
import { startHttp } from "../../src/http/start-http.ts";
import { addStaff } from "../../src/producers/change-staff.ts";
import { readBenchClinics } from "../stage/requests.ts";
import { serve } from "./serve.ts";

const startInput = z.object({ env: z.record(z.string(), z.string()) });
/** Nobody works so fast; what is measured is not the limit. */
const CALLS_A_MINUTE = 1_000_000;

serve({
  start: async (input) => {
    const { env } = startInput.parse(input);
    const config = { ...readConfig({ ...env, ROLE: "http", LOG_LEVEL: "warn" }), PORT: 0 };
    const core = await openCore(config);
    const { url } = await startHttp(
      { ...core, config, pageStaff: () => Promise.resolve(), testRoster: () => Promise.resolve([]) },
      { api: { callsAMinute: CALLS_A_MINUTE } },
    );
    return {
      url,
      admin: await signIn(core, "admin", config.PUBLIC_BASE_URL),
      clinician: await signIn(core, "clinician", config.PUBLIC_BASE_URL),
    };
  },
});

async function signIn({ db }: CoreDeps, role: Role, publicBaseUrl: string): Promise<string> {
  const now = machineNow();
  const login = `bench-${role}`;
  const token = randomBytes(32).toString("base64url");
  const [first] = await readBenchClinics();
  const clinic = first && (await findClinic(db, first.slug));
  if (!clinic) throw new Error("No clinic stands");
  const added = await addStaff(db, clinic, { login, name: `The ${role}`, role, actor: "bench", now });
  if (added.kind !== "changed") throw new Error(`${login} was not added: ${JSON.stringify(added)}`);
  await transact(db, (tx) => beginSession(tx, added.value.staff, { token, stage: "full", now }));
  const [cookie = ""] = makeStaffCookie(publicBaseUrl).write(token).split(";");
  return cookie;
}
