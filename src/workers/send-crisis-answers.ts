/**
 * Sends the crisis text to numbers to which no touchpoint can carry it.
 *
 * Trigger: every second in every worker process. Re-checks: that nobody else has claimed it, and that nothing is in safe mode; neither consent, nor the hour, nor a
 * switch or a sender's rate, because it answers a person in danger who has just written. The carrier's own block is respected: a refusal is final, is remembered as an
 * opt-out, and is said in the alert. Effect: one text, in the clinic's newest approved wording, else as shipped. A repeat finds it claimed; what provably was not sent
 * is tried again for an hour, and what may have been is sent once more, because somebody in danger rather reads it twice. After that hour nobody is called for any
 * more, not even where safe mode or an outage has kept the text until then.
 */
import type { Channel, SendOutcome, SmsContent } from "../channels/channel.ts";
import type { Database, Tx } from "../db/database.ts";
import {
  claimCrisisAnswers,
  type CrisisAnswerEnd,
  type DueCrisisAnswer,
  MOST_UNANSWERED,
  recordCrisisAnswer,
} from "../db/crisis-answers.ts";
import { appendEvents } from "../db/events.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import { placeOfFrom } from "../db/inbound-messages.ts";
import { insertOptOut } from "../db/opt-outs.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { HOUR } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import { endAll } from "./end-all.ts";
import { writeCrisisText } from "./write-crisis-text.ts";

export type CrisisAnswerDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly log: Log;
  readonly sms: Pick<Channel<SmsContent>, "send">;
};

/** How long a crisis text is of use to whoever wrote. */
const OF_USE_SECONDS = HOUR / 1_000;
const AGAIN_SECONDS = { "not-sent": 5, throttled: 5, unknown: 15 } as const;

/** Returns how many it took up. One that fails keeps none of the others; it rejects when all have ended, and what failed is taken up again when its claim runs out. */
export async function sendCrisisAnswers(deps: CrisisAnswerDeps): Promise<number> {
  const due = await claimCrisisAnswers(deps.db);
  await endAll(due.map((each) => sendOne(deps, each)));
  return due.length;
}

async function sendOne(deps: CrisisAnswerDeps, due: DueCrisisAnswer): Promise<void> {
  const { id, fromSealed, inboundId, from, ageSeconds } = due;
  if (ageSeconds >= OF_USE_SECONDS) return end(deps, due, { kind: "not-sent", code: "too-late" });
  const to = deps.vault.open(fromSealed, placeOfFrom(inboundId));
  const content = { body: await writeCrisisText(deps, due) };
  const envelope = { touchpointId: id, deliveryId: id, from, to, validSeconds: OF_USE_SECONDS - ageSeconds };
  await end(deps, due, await deps.sms.send(envelope, content));
}

async function end(deps: CrisisAnswerDeps, due: DueCrisisAnswer, outcome: SendOutcome): Promise<void> {
  const ended = toEnd(due, outcome);
  if (ended.state !== "sent")
    deps.log.warn("crisis-answer.not-sent", { clinicId: due.clinicId, kind: outcome.kind, code: ended.code ?? "" });
  await transact(deps.db, async (tx) => {
    if (!(await recordCrisisAnswer(tx, due, ended))) return;
    if (outcome.kind === "refused" && outcome.reason === "opted-out") await rememberOptOut(tx, due);
    // What did not come through is said by whoever looks for blocked answers.
    if (due.alertId === null || ended.state !== "sent") return;
    const data = { attempts: due.attempts };
    await appendEvents(tx, [{ kind: "alert.answered", clinicId: due.alertClinicId, subjectId: due.alertId, actor: "afterglow", data }]);
  });
}

function toEnd({ unanswered, ageSeconds }: DueCrisisAnswer, outcome: SendOutcome): CrisisAnswerEnd {
  const none = { unanswered, providerMessageId: null, againInSeconds: 0 };
  if (outcome.kind === "sent") return { ...none, state: "sent", providerMessageId: outcome.providerMessageId, code: null };
  const { kind, code } = outcome;
  if (kind === "refused") return { ...none, state: "failed", code };
  const lost = unanswered + (kind === "unknown" ? 1 : 0);
  if (lost >= MOST_UNANSWERED) return { ...none, unanswered: lost, state: "unknown", code };
  if (ageSeconds >= OF_USE_SECONDS) return { ...none, unanswered: lost, state: lost > 0 ? "unknown" : "failed", code };
  return { ...none, unanswered: lost, state: "planned", code, againInSeconds: AGAIN_SECONDS[kind] };
}

/** What the carrier knows of the number holds for us as well, whoever gets it later. */
async function rememberOptOut(tx: Tx, { groupId, fromIndex }: DueCrisisAnswer): Promise<void> {
  const { now } = await readClinicTime(tx);
  await insertOptOut(tx, { groupId, channel: "sms", addressIndex: fromIndex }, { source: "carrier", at: now });
}
