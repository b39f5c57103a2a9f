/** What a worker process does again and again besides its queues. Each part is a line here; where several processes run one, the part itself sees to it that only one works. */
import { purgeAnswers } from "../db/idempotency-keys.ts";
import { guardHome } from "../db/safe-mode.ts";
import { callUnready } from "../producers/call-unready.ts";
import { askAboutHeld } from "../producers/ask-about-held.ts";
import { carryOutActions } from "../producers/carry-out-actions.ts";
import { completeSeries } from "../producers/complete-series.ts";
import { raiseSilenceAlerts } from "../producers/raise-silence-alerts.ts";
import { reResolveSessions } from "../producers/re-resolve-sessions.ts";
import { repairReplies } from "./handle-replies.ts";
import { tellBlockedAnswers } from "../producers/tell-blocked-answers.ts";
import { sweepDeskPages } from "./page-desk.ts";
import { purgeTellings } from "../db/webhook-outbox.ts";
import { sweepPages } from "./page-staff.ts";
import { writeDigests } from "../producers/write-digests.ts";
import { sendDigests } from "./send-digests.ts";
import { sendCrisisAnswers } from "./send-crisis-answers.ts";
import { sendWebhooks } from "./send-webhooks.ts";
import { sayMissingWords } from "./say-missing-words.ts";
import type { WorkerDeps } from "./start-workers.ts";
import { settleUnknown } from "./settle-unknown.ts";

export type PeriodicPart = {
  /** Stands in the log when a run fails. */
  readonly name: string;
  /** Machine time between the end of a run and the next; the first one begins with the process. */
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function listPeriodicParts(deps: WorkerDeps): readonly PeriodicPart[] {
  const { webhooks } = deps;
  return [
    ...(webhooks ? [{ name: "send-webhooks", everyMs: SECOND_MS, work: () => sendWebhooks({ ...deps, webhooks }) }] : []),
    { name: "purge-answers", everyMs: 60 * MINUTE_MS, work: () => purgeAnswers(deps.db) },
    { name: "purge-tellings", everyMs: 60 * MINUTE_MS, work: () => purgeTellings(deps.db) },
    { name: "ask-about-held", everyMs: 30 * SECOND_MS, work: () => askAboutHeld(deps) },
    { name: "raise-silence-alerts", everyMs: MINUTE_MS, work: () => raiseSilenceAlerts(deps) },
    { name: "page-staff", everyMs: 5 * SECOND_MS, work: () => sweepPages(deps) },
    { name: "page-desk", everyMs: 5 * SECOND_MS, work: () => sweepDeskPages(deps) },
    { name: "repair-replies", everyMs: 3 * SECOND_MS, work: () => repairReplies(deps) },
    { name: "send-crisis-answers", everyMs: SECOND_MS, work: () => sendCrisisAnswers(deps) },
    { name: "tell-blocked-answers", everyMs: 10 * SECOND_MS, work: () => tellBlockedAnswers(deps) },
    { name: "settle-unknown", everyMs: 5 * SECOND_MS, work: () => settleUnknown(deps) },
    { name: "tidy-queues", everyMs: MINUTE_MS, work: () => deps.queues.tidy() },
    { name: "guard-home", everyMs: MINUTE_MS, work: () => guardHome(deps.db) },
    { name: "complete-series", everyMs: 60 * MINUTE_MS, work: () => completeSeries(deps) },
    { name: "carry-out-actions", everyMs: 5 * SECOND_MS, work: () => carryOutActions(deps) },
    { name: "say-missing-words", everyMs: 60 * MINUTE_MS, work: () => sayMissingWords(deps) },
    { name: "write-digests", everyMs: 5 * MINUTE_MS, work: () => writeDigests(deps) },
    { name: "send-digests", everyMs: 30 * SECOND_MS, work: () => sendDigests(deps) },
    { name: "call-unready", everyMs: 5 * MINUTE_MS, work: () => callUnready(deps) },
    { name: "re-resolve-sessions", everyMs: DAY_MS, work: () => reResolveSessions(deps) },
  ];
}
