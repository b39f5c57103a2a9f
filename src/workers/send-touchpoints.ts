/**
 * Sends the touchpoints of one hint over one channel.
 *
 * Trigger: the sweep or a producer, with ids. Re-checks: state, window, consent, on the database's clinic time, twice: when loading and, decisively, when
 * claiming. Effect: each touchpoint ends the attempt with its own word. A repeat claims nothing and sends nothing. Leaves out: folding what the provider
 * reports later.
 */
import { machineNow, newId } from "../clock.ts";
import type { Channel, SendOutcome } from "../channels/channel.ts";
import { raisePlanRevision } from "../db/plans.ts";
import { claimTouchpoints, type Evidence, loadForSending, markAddresses, recordEvidence, takeTokens } from "../db/sends.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { DeliveryId, PatientId, TouchpointId, WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { SendHint } from "../queues/send-hints.ts";
import { type OutcomeWord, toOutcome, toSettled } from "./outcome.ts";
import type { SendGate } from "./send-gate.ts";
import { type Write, writeMessages, type WritingDeps, type Written } from "./write-messages.ts";

export type SendDeps<Content> = WritingDeps & {
  readonly log: Log;
  readonly workerId: WorkerId;
  readonly channel: Pick<Channel<Content>, "name" | "send">;
  readonly write: Write<Content>;
  readonly gate: SendGate;
  /** Hints what had to stay behind, for when the sender's bucket has tokens again. */
  readonly hintLater: (ids: readonly TouchpointId[], afterMs: number) => Promise<void>;
  /** Asks for new plans of patients whose address turned out dead or opted out. */
  readonly replan: (patientIds: readonly PatientId[]) => Promise<void>;
};

export type WordCounts = { readonly [Word in OutcomeWord]?: number };

export function sendTouchpoints<Content>(deps: SendDeps<Content>): (hint: SendHint) => Promise<WordCounts> {
  return async ({ touchpointIds }) => {
    const counts: { [Word in OutcomeWord]?: number } = {};
    const rows = await loadForSending(deps.db, touchpointIds, deps.channel.name);
    const { written, unwritten } = await writeMessages(deps, rows, deps.write);
    for (const { row, error } of unwritten) deps.log.error("message.unwritten", { touchpointId: row.id, error });
    let rest = written;
    while (rest.length > 0) {
      const chunk = await takeChunk(deps, rest);
      rest = rest.slice(chunk.length);
      if (chunk.length === 0) break;
      for (const word of await sendChunk(deps, chunk)) counts[word] = (counts[word] ?? 0) + 1;
    }
    return { ...counts, skipped: (counts.skipped ?? 0) + touchpointIds.length - rows.length };
  };
}

/** Claims no more than this process can send now: free connections, and tokens of the sender's bucket. What has to wait for tokens is hinted again. */
async function takeChunk<Content>(
  { db, gate, hintLater }: SendDeps<Content>,
  rest: readonly Written<Content>[],
): Promise<Written<Content>[]> {
  const senderId = rest[0]?.row.senderId;
  if (senderId === undefined) return [];
  const slots = await gate.take(rest.length);
  const { granted, nextInMs } = await takeTokens(db, senderId, slots);
  for (let unused = slots - granted; unused > 0; unused--) gate.release();
  if (granted === 0)
    await hintLater(
      rest.map(({ row }) => row.id),
      nextInMs,
    );
  return rest.slice(0, granted);
}

type Attempt<Content> = Written<Content> & { readonly deliveryId: DeliveryId };

async function sendChunk<Content>(deps: SendDeps<Content>, chunk: readonly Written<Content>[]): Promise<OutcomeWord[]> {
  const attempts = chunk.map((each): Attempt<Content> => ({ ...each, deliveryId: newId() }));
  const claimed = await claim(deps, attempts);
  const evidence: Evidence[] = [];
  const words = await Promise.all(
    attempts.map(async (each): Promise<OutcomeWord> => {
      const attempt = claimed.get(each.row.id);
      if (attempt === undefined) {
        deps.gate.release();
        return "skipped";
      }
      const [word, told] = await sendOne(deps, each, attempt);
      evidence.push(told);
      return word;
    }),
  );
  if (evidence.length > 0) await recordEvidence(deps.db, evidence);
  await answerRefusals(deps, evidence);
  return words;
}

/** Claim before sending: a crash in between costs one look-up, the other order costs a second text. */
async function claim<Content>(
  { db, vault, workerId, channel, gate }: SendDeps<Content>,
  attempts: readonly Attempt<Content>[],
): Promise<Map<TouchpointId, number>> {
  const claims = attempts.map(({ row, deliveryId, content }) => ({ id: row.id, deliveryId, contentHash: hashContent(vault, content) }));
  try {
    const claimed = await claimTouchpoints(db, claims, { workerId, channel: channel.name });
    return new Map(claimed.map(({ id, attempt }) => [id, attempt]));
  } catch (error) {
    for (const _ of attempts) gate.release();
    throw error;
  }
}

function hashContent(vault: Vault, content: unknown): Buffer {
  return vault.keyedHash("message", JSON.stringify(content));
}

async function sendOne<Content>(
  { channel, gate, log }: SendDeps<Content>,
  { row, to, content, deliveryId }: Attempt<Content>,
  attempt: number,
): Promise<[OutcomeWord, Evidence]> {
  const calledAt = machineNow();
  const validSeconds = Math.floor((row.expiresAt - row.now) / 1_000);
  const from = { name: row.senderName, address: row.senderAddress };
  const answer = await callChannel(() => channel.send({ touchpointId: row.id, deliveryId, from, to, validSeconds }, content));
  gate.release();
  if (answer.kind === "refused" && answer.reason === "sender-refused")
    log.error("sender.refused", { deliveryId, code: answer.code, kind: channel.name });
  const outcome = toOutcome(answer, attempt);
  const latenessMs = Math.round(calledAt - row.reachedAt);
  return [outcome.kind, { id: row.id, deliveryId, attempt, calledAt, answeredAt: machineNow(), latenessMs, ...toSettled(outcome) }];
}

/** A channel answers with a word; should it throw all the same, nobody knows what it had done. */
async function callChannel(send: () => Promise<SendOutcome>): Promise<SendOutcome> {
  try {
    return await send();
  } catch {
    return { kind: "unknown", code: "channel-threw" };
  }
}

/** A dead address and a carrier's opt-out are facts: fallback is the next plan. */
async function answerRefusals<Content>({ db, replan }: SendDeps<Content>, evidence: readonly Evidence[]): Promise<void> {
  for (const [reason, why] of [
    ["bad-address", "dead"],
    ["opted-out", "opted-out"],
  ] as const) {
    const ids = evidence.filter((each) => each.reason === reason).map(({ id }) => id);
    if (ids.length === 0) continue;
    const patients = await transact(db, async (tx) => {
      const affected = await markAddresses(tx, ids, why);
      await raisePlanRevision(tx, affected);
      return affected;
    });
    await replan(patients);
  }
}
