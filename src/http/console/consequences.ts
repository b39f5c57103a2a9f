/** What follows from a change, message by message: what will be sent, at another time, or not at all. From the rehearsal that the change's own producer made. */
import type { Instant } from "../../domain/calendar.ts";
import type { TouchpointChange } from "../../producers/touchpoint-change.ts";
import { sayReason } from "../../producers/explain-conditions.ts";
import { html, type Html } from "../html.ts";
import { pill, type Tone } from "./console-parts.ts";
import { sayAddressee, sayRule } from "./say-change.ts";
import { moment } from "./say-moment.ts";

export type Naming = {
  readonly now: Instant;
  readonly patientName?: string;
  /** Numbers of the visits, by session. */
  readonly numbers?: ReadonlyMap<string, number>;
};

type Told = { readonly at: Instant; readonly line: Html };

/** Live: it is to be sent, now or once it is released. */
const LIVE = new Set(["planned", "held", "sending"]);

/** More would bury what matters. */
const SHOWN = 60;

export function consequences(changes: readonly TouchpointChange[], naming: Naming): Html {
  const told = toLines(changes, naming).toSorted((one, other) => one.at - other.at);
  if (told.length === 0) return html`<p class="quiet body">No message changes because of this.</p>`;
  const more = told.length - SHOWN;
  return html`<ul class="rows consequences">${told.slice(0, SHOWN).map(({ line }) => line)}</ul>${more > 0 ? html`<p class="quiet body">And ${more} more, later.</p>` : null}`;
}

/** How many messages come, move and go, as one line. */
export function countConsequences(changes: readonly TouchpointChange[]): string {
  const { moved, rewritten, begun, ended } = sort(changes);
  const shown = begun.filter(isShown).length;
  const parts = [
    count(shown, "new"),
    count(moved.length, "at another time"),
    count(rewritten.length, "with new words"),
    count(ended.length, "not sent any more"),
  ].filter(Boolean);
  return parts.length === 0 ? "no message changes" : parts.join(", ");
}

function count(number: number, words: string): string {
  return number === 0 ? "" : `${number} ${words}`;
}

type Pair = { readonly from: TouchpointChange; readonly to: TouchpointChange };

type Sorted = {
  readonly moved: readonly Pair[];
  /** The same message at the same moment, about another time. */
  readonly rewritten: readonly Pair[];
  readonly begun: readonly TouchpointChange[];
  readonly ended: readonly TouchpointChange[];
};

function sort(changes: readonly TouchpointChange[]): Sorted {
  const isLive = ({ after }: TouchpointChange) => LIVE.has(after.state);
  const ended = changes.filter((change) => change.before !== null && LIVE.has(change.before.state) && !isLive(change));
  const begun = changes.filter((change) => change.before === null || (!LIVE.has(change.before.state) && isLive(change)));
  const stays = changes.filter(
    (change) => change.before !== null && LIVE.has(change.before.state) && isLive(change) && change.before.dueAt !== change.after.dueAt,
  );
  // What a moved visit re-arms is another row of the same rule: one line for the reader.
  const waiting = Map.groupBy(begun.filter(isLive), keyOf);
  const pairs = ended.flatMap((from): Pair[] => {
    const to = waiting.get(keyOf(from))?.shift();
    return to ? [{ from, to }] : [];
  });
  const paired = new Set(pairs.flatMap(({ from, to }) => [from.id, to.id]));
  const isSame = ({ from, to }: Pair) => (from.before ?? from.after).dueAt === to.after.dueAt;
  return {
    rewritten: pairs.filter(isSame),
    moved: [...pairs.filter((pair) => !isSame(pair)), ...stays.map((change) => ({ from: change, to: change }))],
    begun: begun.filter(({ id }) => !paired.has(id)),
    ended: ended.filter(({ id }) => !paired.has(id)),
  };
}

function keyOf({ rule, sessionId, seriesId, recipient, channel }: TouchpointChange): string {
  return [rule, sessionId ?? seriesId, recipient, channel].join("/");
}

/** A new row that is said by another, or whose moment has passed, is nothing that anybody will miss. */
function isShown({ after }: TouchpointChange): boolean {
  return !["merged", "already-told", "past", "newer-stage", "no-outcome"].includes(after.reason ?? "");
}

function toLines(changes: readonly TouchpointChange[], naming: Naming): Told[] {
  const { moved, rewritten, begun, ended } = sort(changes);
  return [
    ...moved.map(({ from, to }) => ({
      at: to.after.dueAt,
      line: row(to, naming, {
        tone: "blue",
        word: "another time",
        when: html`<s>${moment(to.zone, (from.before ?? from.after).dueAt, naming.now)}</s> ${momentToSend(to, naming)}`,
      }),
    })),
    ...rewritten.map(({ to }) => ({
      at: to.after.dueAt,
      line: row(to, naming, { tone: "plain", word: "new words", when: momentToSend(to, naming) }),
    })),
    ...begun.filter(isShown).map((change) => ({ at: change.after.dueAt, line: begunRow(change, naming) })),
    ...ended.map((change) => ({
      at: (change.before ?? change.after).dueAt,
      line: row(change, naming, {
        tone: "plain",
        word: "not sent any more",
        when: html`<s>${moment(change.zone, (change.before ?? change.after).dueAt, naming.now)}</s>`,
      }),
    })),
  ];
}

function begunRow(change: TouchpointChange, naming: Naming): Html {
  const { after } = change;
  const when = momentToSend(change, naming);
  if (after.state === "held") return row(change, naming, { tone: "amber", word: "held", when, why: sayReason(after.reason) });
  if (LIVE.has(after.state)) return row(change, naming, { tone: "green", word: "will be sent", when });
  return row(change, naming, { tone: "amber", word: "cannot be sent", when, why: sayReason(after.reason) });
}

/** What is due already goes as soon as the patient's hours and the clinic's own wait let it. */
function momentToSend({ zone, after: { dueAt, state } }: TouchpointChange, { now }: Naming): Html {
  return LIVE.has(state) && dueAt <= now ? html`as soon as it may` : moment(zone, dueAt, now);
}

type Said = { readonly tone: Tone; readonly word: string; readonly when: Html; readonly why?: string | null };

function row(
  { channel, recipient, rule, sessionId }: TouchpointChange,
  { patientName, numbers }: Naming,
  { tone, word, when, why = null }: Said,
): Html {
  const number = sessionId === null ? undefined : numbers?.get(sessionId);
  return html`<li><span class="when wide">${when}</span><span class="main"><strong>${sayAddressee(channel, recipient, patientName)}</strong> ${sayRule(rule)}${number === undefined ? null : html` <span class="quiet">visit ${number}</span>`}${why === null ? null : html`<br><span class="small quiet">${why}</span>`}</span>${pill(tone, word)}</li>`;
}
