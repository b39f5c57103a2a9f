/** Plan, store, plan again: what is stored changes only when a fact does, what has ended never, and nothing is told twice or of a time that is gone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instant, instant } from "../../src/domain/calendar.ts";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { baseOf } from "../../src/domain/retakes.ts";
import { isInFlight, isLive } from "../../src/domain/stored-standing.ts";
import { hasEnded, type StoredTouchpoint, type TouchpointState } from "../../src/domain/touchpoint.ts";
import { NOTHING, reconcile, type Store, storePlan } from "../support/planner-store.ts";
import { anyLater, anyNews, anySituation, anyTurns, hear, type News } from "../support/random-facts.ts";

const RUNS = { numRuns: 150, seed: 20_270_112 };

/** What a send or a sweep may have made of a row by `now`; the dice decide. What nobody wants any more ends where it is found not sent. */
function happen(store: Store, { now, dice, unwanted = [] }: { now: number; dice: readonly number[]; unwanted?: readonly string[] }): Store {
  const ends: readonly TouchpointState[] = ["sent", "failed", "unknown", "sending", "expired", "planned"];
  return store.map((row, index): StoredTouchpoint => {
    const die = dice[index % dice.length] ?? 0;
    if (isInFlight(row) && unwanted.includes(row.id)) return { ...row, state: die % 2 === 0 ? "superseded" : "sent" };
    if (row.state === "held" && row.sendBy <= now && die % 2 === 0) return { ...row, state: "suppressed", reason: "block-not-lifted" };
    if (row.state !== "planned" || row.awaits !== null || row.notBefore > now) return row;
    const state = row.channel === "task" ? "tasked" : (ends[die % ends.length] ?? "sent");
    return { ...row, state };
  });
}

const anyDice = fc.array(fc.nat(11), { minLength: 3, maxLength: 9 });

describe("without a new fact", () => {
  test("planning again at any later moment changes nothing", () => {
    fc.assert(
      fc.property(anySituation, fc.array(anyLater(40), { minLength: 1, maxLength: 3 }), ({ facts, now }, later) => {
        const store = storePlan(facts, [], now);
        for (const after of [0, ...later]) expect(reconcile(facts, store, instant(now + after))).toEqual(NOTHING);
      }),
      RUNS,
    );
  });

  test("planning again creates nothing beside what was sent, opened or lost, but a fallback for what failed", () => {
    fc.assert(
      fc.property(anySituation, anyLater(20), anyDice, ({ facts, now }, after, dice) => {
        const store = happen(storePlan(facts, [], now), { now: now + after, dice });
        const { create, change, supersede, unwanted } = reconcile(facts, store, instant(now + after));
        const failed = new Set(store.filter(({ state }) => state === "failed").map(({ key }) => key));
        expect([change, supersede, unwanted]).toEqual([[], [], []]);
        for (const { fallbackOf } of create) expect(isFallbackOf(fallbackOf, { store, create, failed })).toBe(true);
      }),
      RUNS,
    );
  });
});

type Chain = { store: Store; create: readonly { key: string; fallbackOf: string | null }[]; failed: ReadonlySet<string> };

/** Whether that key failed, or stands in for one that did; a text that the week has no room for stands between a mail that failed and its call. */
function isFallbackOf(key: string | null, chain: Chain): boolean {
  if (key === null) return false;
  const { failed, store } = chain;
  const isBetween =
    store.some((row) => row.key === key && row.reason === "over-budget") &&
    [...failed].some((each) => occasionOf(each) === occasionOf(key));
  return failed.has(key) || isBetween || isFallbackOf(chain.create.find((each) => each.key === key)?.fallbackOf ?? null, chain);
}

/** A key without its channel. */
function occasionOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

type Story = { readonly known: PatientFacts; readonly store: Store; readonly at: Instant };

/** Lets the world turn, fact by fact, and checks each plan before and after it is stored. */
function turn(
  { facts, now }: { facts: PatientFacts; now: Instant },
  { news, after, dice }: { news: readonly News[]; after: number; dice: readonly number[] },
  check: (story: Story) => void,
): void {
  let story: Story = { known: facts, store: storePlan(facts, [], now), at: now };
  let unwanted: readonly string[] = [];
  for (const [index, each] of news.entries()) {
    const at = instant(now + (after * (index + 1)) / news.length);
    const store = happen(story.store, { now: at, dice, unwanted });
    const wasTold = ({ id, arming }: { id: string; arming: number }) =>
      store.some((row) => row.sessionId === id && row.arming === arming && (row.state === "sent" || isInFlight(row)));
    const known = hear(story.known, each, { now: at, wasTold });
    const states = new Map(store.map((row) => [row.id, row]));
    const { change, supersede, unwanted: found } = reconcile(known, store, at);
    for (const { id } of [...change, ...supersede]) expect(isLive(states.get(id) ?? expect.fail("a row"))).toBe(true);
    for (const id of found) expect(isInFlight(states.get(id) ?? expect.fail("a row"))).toBe(true);
    const next = storePlan(known, store, at);
    for (const row of store.filter(({ state }) => hasEnded(state))) expect(next.find(({ id }) => id === row.id)).toEqual(row);
    expect(reconcile(known, next, instant(at + 60_000))).toEqual({ ...NOTHING, unwanted: found });
    unwanted = found;
    story = { known, store: next, at };
    check(story);
  }
}

const anyDays = fc.oneof(anyLater(20), anyLater(140));

function always(check: (story: Story) => void, runs: fc.Parameters<unknown> = RUNS): void {
  fc.assert(
    fc.property(anySituation, anyTurns, anyDays, anyDice, (given, news, after, dice) => turn(given, { news, after, dice }, check)),
    runs,
  );
}

describe("with new facts", () => {
  test("a plan settles in one step, rows that have ended stay as they are, and only rows in flight are unwanted", () => {
    fc.assert(
      fc.property(anySituation, anyNews, anyLater(20), anyDice, (given, news, after, dice) => turn(given, { news, after, dice }, () => {})),
      RUNS,
    );
  });

  test("so it does over moves, holds, pauses, consents lost and given again, and retakes; each key stands once", () => {
    always(({ store }) => expect(new Set(store.map(({ id }) => id)).size).toBe(store.length));
  });

  test("and where a survey that nobody can be sent in their language comes up only after its hour", () => {
    always(({ store }) => expect(store.length).toBeGreaterThan(0), { seed: 1_003, path: "330", numRuns: 1 });
  });

  test("nothing is still to be said of a time that no longer exists, or of a visit that is off", () => {
    always(({ known, store }) => {
      const sessions = new Map(known.series.flatMap(({ sessions: all }) => all.map((each): [string, SessionFacts] => [each.id, each])));
      for (const row of store.filter((each) => isLive(each) && each.sessionId !== null)) {
        const session = sessions.get(row.sessionId ?? "") ?? expect.fail("a session");
        expect(row.arming).toBe(session.arming);
        const anchor = known.series.flatMap(({ protocol }) => protocol.rules).find(({ id }) => id === row.rule)?.anchor ?? "";
        if (["session.start", "session.end", "session.dose", "session.discharge"].includes(anchor))
          expect(["scheduled", "arrived", "dosed", "discharged"]).toContain(session.status);
      }
    });
  });

  test("nothing is told twice: not on one channel, and where the first that can reach is meant, not on two", () => {
    always(({ known, store }) => {
      const rules = new Map(known.series.flatMap(({ id, protocol }) => protocol.rules.map((rule) => [`${id}/${rule.id}`, rule])));
      const told = store.filter((row) => row.state === "sent" || row.state === "unknown" || row.state === "sending");
      const places = told.map((row) => {
        const channel = rules.get(`${row.seriesId}/${row.rule}`)?.deliver === "all" ? row.channel : "";
        // What reminds of surveys has the survey as its subject, and speaks of each.
        const [, subject = ""] = row.key.split("/");
        // A second escort is somebody else.
        const reader = row.key.split("/").at(-2);
        return `${row.seriesId}/${row.rule}/${subject}/${row.sessionId}/${row.arming}/${row.occurrence}/${reader}/${channel}`;
      });
      expect(new Set(places).size).toBe(places.length);
    });
  });

  test("of every touchpoint one row at most is still to come, and none that was tried is taken again", () => {
    always(({ store }) => {
      for (const rows of Map.groupBy(store, ({ seriesId, key }) => `${seriesId}/${baseOf(key)}`).values()) {
        expect(rows.filter(isLive).length).toBeLessThanOrEqual(1);
        const tried = rows.filter(({ state }) => ["sent", "failed", "expired", "tasked"].includes(state));
        expect(tried.length).toBeLessThanOrEqual(1);
        if (tried.length > 0) expect(rows.filter(isLive)).toEqual([]);
      }
    });
  });

  test("while the patient is on hold, or the series paused, nothing is to leave for the patient or the escort", () => {
    always(({ known, store }) => {
      for (const row of store.filter(({ state, recipient }) => state === "planned" && recipient !== "staff")) {
        expect(known.hold).toBeNull();
        expect(known.series.find(({ id }) => id === row.seriesId)?.status).not.toBe("paused");
      }
    });
  });
});
