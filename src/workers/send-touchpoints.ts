/**
 * Sends the touchpoints of one hint over one channel.
 *
 * Trigger: the sweep or a producer, with ids. Re-checks: state, window, consent, on the database's clinic time, twice: when loading and, decisively, when
 * claiming. Effect: each touchpoint ends the attempt with its own word. A repeat claims nothing and sends nothing. Leaves out: folding what the provider
 * reports later.
 */
import { setTimeout as wait } from "node:timers/promises";
import { machineNow, monotonicMs, newId } from "../clock.ts";
import type { Channel, SendOutcome } from "../channels/channel.ts";
import { loadForSending, type SendRow } from "../db/send-rows.ts";
import { claimTouchpoints, type Evidence } from "../db/sends.ts";
import { keepHinted } from "../db/sweeps.ts";
import type { DeliveryId, PatientId, TouchpointId, WorkerId } from "../domain/ids.ts";
import { faultPoint } from "../fault-point.ts";
import type { Log } from "../log.ts";
import type { SendHint } from "../queues/send-hints.ts";
import { bundleHints } from "./bundle-hints.ts";
import { type OutcomeWord, toOutcome, toSettled } from "./outcome.ts";
import { storeEvidence } from "./store-evidence.ts";
import type { SendGate, Slots } from "./send-gate.ts";
import { makeTokenPurse, type TokenPurse } from "./token-purse.ts";
import { logUnwritten, type Write, writeMessages, type WritingDeps, type Written } from "./write-messages.ts";

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
  const purse = makeTokenPurse(deps.db);
  const send = bundleHints(deps.gate, (ids, slots) => sendBundle({ ...deps, purse }, ids, slots));
  return async ({ touchpointIds }) => {
    const words = await send(touchpointIds);
    const counts: { [Word in OutcomeWord]?: number } = { skipped: 0 };
    for (const id of touchpointIds) {
      const word = words.get(id) ?? "skipped";
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return counts;
  };
}

type BundleDeps<Content> = SendDeps<Content> & { readonly purse: TokenPurse };

async function sendBundle<Content>(
  deps: BundleDeps<Content>,
  ids: readonly TouchpointId[],
  slots: Slots,
): Promise<Map<TouchpointId, OutcomeWord>> {
  const words = new Map<TouchpointId, OutcomeWord>();
  if (slots.held === 0) return words;
  const loaded = await loadForSending(deps.db, ids, deps.channel.name);
  const loadedAt = monotonicMs();
  faultPoint("after-load");
  const rows = await keepAffordable(deps, loaded, words);
  slots.giveBack(slots.held - rows.length);
  // Ordinarily once: only a hint that is larger than the gate comes in parts.
  for (let rest = rows, held = slots, markedAt = loadedAt; rest.length > 0 && held.held > 0; ) {
    const chunk = rest.slice(0, held.held);
    // What a part that fails has not given back would be missing for ever: after a few outages nothing would have room to leave.
    await sendChunk(deps, chunk, { slots: held, words, loadedAt }).finally(() => held.giveBack(held.held));
    rest = rest.slice(chunk.length);
    if (rest.length === 0) break;
    if (monotonicMs() - markedAt > STILL_HINTED_MS) {
      await keepHinted(deps.db, idsOf(rest));
      markedAt = monotonicMs();
    }
    held = await deps.gate.take(() => rest.length);
  }
  return words;
}

/** Half of what the sweep waits before it takes a due row for lost: what a slow relay's hint still has to come is in nobody's way. */
const STILL_HINTED_MS = 5_000;

function idsOf(rows: readonly SendRow[]): TouchpointId[] {
  return rows.map(({ id }) => id);
}

/** Fewer wake-ups for a slow sender: its bucket holds what comes in meanwhile. */
const LEAST_WAIT_MS = 500;

/** As many rows of each sender as its bucket has tokens for. What has to wait for tokens is hinted again. */
async function keepAffordable<Content>(
  { db, purse, hintLater }: BundleDeps<Content>,
  rows: readonly SendRow[],
  words: Map<TouchpointId, OutcomeWord>,
): Promise<SendRow[]> {
  const affordable: SendRow[] = [];
  for (const [senderId, ofSender] of Map.groupBy(rows, (row) => row.senderId)) {
    const { granted, nextInMs } = await purse.take(senderId, ofSender.length);
    affordable.push(...ofSender.slice(0, granted));
    const waiting = idsOf(ofSender.slice(granted));
    if (waiting.length === 0) continue;
    for (const id of waiting) words.set(id, "not-yet");
    // The sweep takes a due row for lost after ten seconds: without this mark a slow sender's backlog would be hinted again and again, ever more.
    await keepHinted(db, waiting);
    await hintLater(waiting, Math.max(LEAST_WAIT_MS, nextInMs));
  }
  return affordable;
}

type Attempt<Content> = Written<Content> & { readonly deliveryId: DeliveryId };

type Sending = { readonly slots: Slots; readonly loadedAt: number; readonly words: Map<TouchpointId, OutcomeWord> };

async function sendChunk<Content>(deps: SendDeps<Content>, rows: readonly SendRow[], { slots, words, loadedAt }: Sending): Promise<void> {
  const { written, unwritten } = await writeMessages(deps, rows, deps.write);
  for (const { row, error } of unwritten) {
    words.set(row.id, "not-yet");
    logUnwritten(deps.log, row, error);
  }
  slots.giveBack(unwritten.length);
  await untilDue(rows, loadedAt);
  const attempts = written.map((each): Attempt<Content> => ({ ...each, deliveryId: newId() }));
  const claimed = await claim(deps, attempts);
  const evidence: Evidence[] = [];
  const sendClaimed = async (each: Attempt<Content>): Promise<void> => {
    const attempt = claimed.get(each.row.id);
    const told = attempt === undefined ? undefined : await sendOne(deps, each, attempt);
    slots.giveBack(1);
    if (!told) return;
    evidence.push(told.evidence);
    words.set(each.row.id, told.word);
  };
  await Promise.all(attempts.map(sendClaimed));
  await storeEvidence(deps, evidence, { receivers: new Map(rows.map((row) => [row.id, row])) });
}

/** A timer may ring a millisecond early, and the claim knows no mercy. */
const TIMER_SLACK_MS = 1;

async function untilDue(rows: readonly SendRow[], loadedAt: number): Promise<void> {
  const dueInMs = Math.max(...rows.map((row) => row.dueInMs));
  if (dueInMs > 0) await wait(Math.max(0, Math.ceil(dueInMs + loadedAt - monotonicMs()) + TIMER_SLACK_MS));
}

/** Claim before sending: a crash in between costs one look-up, the other order costs a second text. */
async function claim<Content>(
  { db, vault, workerId, channel }: SendDeps<Content>,
  attempts: readonly Attempt<Content>[],
): Promise<Map<TouchpointId, number>> {
  if (attempts.length === 0) return new Map();
  const claims = attempts.map(({ row, deliveryId, draft }) => ({
    id: row.id,
    deliveryId,
    contentHash: vault.keyedHash("message", ...draft.hashed),
    addressIndex: row.addressIndex,
    version: row.version,
  }));
  faultPoint("before-claim");
  const claimed = await claimTouchpoints(db, claims, { workerId, channel: channel.name });
  faultPoint("after-claim");
  return new Map(claimed.map(({ id, attempt }) => [id, attempt]));
}

/**
 * The column is an integer; a row that waited for its consent for a month is simply very late. None is early: where this computer's clock disagrees with the
 * database's, it was called at once.
 */
const MOST_LATENESS_MS = 2 ** 31 - 1;

async function sendOne<Content>(
  { channel, log }: SendDeps<Content>,
  { row, to, draft, deliveryId }: Attempt<Content>,
  attempt: number,
): Promise<{ word: OutcomeWord; evidence: Evidence }> {
  const calledAt = machineNow();
  const validSeconds = Math.floor((row.expiresAt - row.now) / 1_000);
  const from = { name: row.house.name, address: row.house.address };
  const answer = await callChannel(() => channel.send({ touchpointId: row.id, deliveryId, from, to, validSeconds }, draft.content));
  if (answer.kind === "refused" && answer.reason === "sender-refused")
    log.error("sender.refused", { deliveryId, kind: channel.name, code: answer.code });
  if (answer.kind === "refused" && answer.reason === "content-refused")
    log.error("content.refused", { deliveryId, kind: channel.name, code: answer.code });
  const outcome = toOutcome(answer, attempt);
  const latenessMs = Math.max(0, Math.min(MOST_LATENESS_MS, Math.round(calledAt - row.reachedAt)));
  const evidence = { id: row.id, deliveryId, attempt, calledAt, answeredAt: machineNow(), latenessMs, ...toSettled(outcome) };
  return { word: outcome.kind, evidence };
}

/** A channel answers with a word; should it throw all the same, nobody knows what it had done. */
async function callChannel(send: () => Promise<SendOutcome>): Promise<SendOutcome> {
  try {
    const answering = send();
    faultPoint("during-call");
    const answer = await answering;
    faultPoint("after-call");
    return answer;
  } catch {
    return { kind: "unknown", code: "channel-threw" };
  }
}
