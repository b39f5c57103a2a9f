/**
 * Sends the touchpoints of one hint over one channel.
 *
 * Trigger: the sweep or a producer, with ids. Re-checks: state, window, consent, on the database's clinic time, twice: when loading and, decisively, when
 * claiming. Effect: each touchpoint ends the attempt with its own word. A repeat claims nothing and sends nothing. Leaves out: folding what the provider
 * reports later.
 */
import { machineNow, newId } from "../clock.ts";
import type { Channel, SendOutcome } from "../channels/channel.ts";
import { claimTouchpoints, type Evidence, loadForSending, type SendRow, takeTokens } from "../db/sends.ts";
import { keepHinted } from "../db/sweeps.ts";
import type { Vault } from "../db/vault.ts";
import type { DeliveryId, PatientId, TouchpointId, WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { SendHint } from "../queues/send-hints.ts";
import { type OutcomeWord, toOutcome, toSettled } from "./outcome.ts";
import { storeEvidence } from "./store-evidence.ts";
import type { SendGate, Slots } from "./send-gate.ts";
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
    let tokens = 0;
    for (let rest = rows; rest.length > 0; ) {
      const slots = await deps.gate.take(rest.length);
      try {
        if (tokens === 0 && slots.held > 0) tokens = await takeGrant(deps, rest);
        const chunk = rest.slice(0, Math.min(tokens, slots.held));
        if (chunk.length === 0) break;
        tokens -= chunk.length;
        slots.giveBack(slots.held - chunk.length);
        for (const word of await sendChunk(deps, chunk, slots)) counts[word] = (counts[word] ?? 0) + 1;
        rest = rest.slice(chunk.length);
      } finally {
        slots.giveBack(slots.held);
      }
    }
    return { ...counts, skipped: (counts.skipped ?? 0) + touchpointIds.length - rows.length };
  };
}

/** Fewer wake-ups for a slow sender: its bucket holds what comes in meanwhile. */
const LEAST_WAIT_MS = 500;

/** No more than the sender's bucket has tokens for. What has to wait for tokens is hinted again. */
async function takeGrant<Content>({ db, hintLater }: SendDeps<Content>, rest: readonly SendRow[]): Promise<number> {
  const senderId = rest[0]?.senderId;
  if (senderId === undefined) return 0;
  const { granted, nextInMs } = await takeTokens(db, senderId, rest.length);
  if (granted > 0) return granted;
  const ids = rest.map(({ id }) => id);
  // The sweep takes a due row for lost after ten seconds: without this mark a slow sender's backlog would be hinted again and again, ever more.
  await keepHinted(db, ids);
  await hintLater(ids, Math.max(LEAST_WAIT_MS, nextInMs));
  return 0;
}

type Attempt<Content> = Written<Content> & { readonly deliveryId: DeliveryId };

async function sendChunk<Content>(deps: SendDeps<Content>, rows: readonly SendRow[], slots: Slots): Promise<OutcomeWord[]> {
  const { written, unwritten } = await writeMessages(deps, rows, deps.write);
  for (const { row, error } of unwritten) deps.log.error("message.unwritten", { touchpointId: row.id, error });
  slots.giveBack(unwritten.length);
  const attempts = written.map((each): Attempt<Content> => ({ ...each, deliveryId: newId() }));
  const claimed = await claim(deps, attempts);
  const evidence: Evidence[] = [];
  const words = await Promise.all(
    attempts.map(async (each): Promise<OutcomeWord> => {
      const attempt = claimed.get(each.row.id);
      const told = attempt === undefined ? undefined : await sendOne(deps, each, attempt);
      slots.giveBack(1);
      if (!told) return "skipped";
      evidence.push(told.evidence);
      return told.word;
    }),
  );
  await storeEvidence(deps, evidence, { patientOf: new Map(rows.map(({ id, patientId }) => [id, patientId])) });
  return words;
}

/** Claim before sending: a crash in between costs one look-up, the other order costs a second text. */
async function claim<Content>(
  { db, vault, workerId, channel }: SendDeps<Content>,
  attempts: readonly Attempt<Content>[],
): Promise<Map<TouchpointId, number>> {
  if (attempts.length === 0) return new Map();
  const claims = attempts.map(({ row, deliveryId, content }) => ({ id: row.id, deliveryId, contentHash: hashContent(vault, content) }));
  const claimed = await claimTouchpoints(db, claims, { workerId, channel: channel.name });
  return new Map(claimed.map(({ id, attempt }) => [id, attempt]));
}

function hashContent(vault: Vault, content: unknown): Buffer {
  return vault.keyedHash("message", ...textsOf(content));
}

/** Every text of a message, in order. Not as JSON: escaping a mail takes twice as long as hashing it. */
function textsOf(content: unknown): string[] {
  return typeof content === "object" && content !== null ? Object.values(content).flatMap(textsOf) : [String(content)];
}

/** The column is an integer; a row that waited for its consent for a month is simply very late. */
const MOST_LATENESS_MS = 2 ** 31 - 1;

async function sendOne<Content>(
  { channel, log }: SendDeps<Content>,
  { row, to, content, deliveryId }: Attempt<Content>,
  attempt: number,
): Promise<{ word: OutcomeWord; evidence: Evidence }> {
  const calledAt = machineNow();
  const validSeconds = Math.floor((row.expiresAt - row.now) / 1_000);
  const from = { name: row.senderName, address: row.senderAddress };
  const answer = await callChannel(() => channel.send({ touchpointId: row.id, deliveryId, from, to, validSeconds }, content));
  if (answer.kind === "refused" && answer.reason === "sender-refused")
    log.error("sender.refused", { deliveryId, kind: channel.name, code: answer.code });
  const outcome = toOutcome(answer, attempt);
  const latenessMs = Math.min(MOST_LATENESS_MS, Math.round(calledAt - row.reachedAt));
  const evidence = { id: row.id, deliveryId, attempt, calledAt, answeredAt: machineNow(), latenessMs, ...toSettled(outcome) };
  return { word: outcome.kind, evidence };
}

/** A channel answers with a word; should it throw all the same, nobody knows what it had done. */
async function callChannel(send: () => Promise<SendOutcome>): Promise<SendOutcome> {
  try {
    return await send();
  } catch {
    return { kind: "unknown", code: "channel-threw" };
  }
}
