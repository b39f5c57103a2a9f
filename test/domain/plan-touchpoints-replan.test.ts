/** Plan, store, plan again: what is stored changes only when a fact does, and what has ended never. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { hasEnded, type StoredTouchpoint, type TouchpointState } from "../../src/domain/touchpoint.ts";
import { NOTHING, reconcile, type Store, storePlan } from "../support/planner-store.ts";
import { anyLater, anyNews, anySituation, hear } from "../support/random-facts.ts";

const RUNS = { numRuns: 150, seed: 20_270_112 };

/** What a send or a sweep may have made of a planned row by `now`; the dice decide. */
function happen(store: Store, { now, dice }: { now: number; dice: readonly number[] }): Store {
  const ends: readonly TouchpointState[] = ["sent", "failed", "unknown", "sending", "expired", "planned"];
  return store.map((row, index): StoredTouchpoint => {
    if (row.state !== "planned" || row.awaits !== null || row.notBefore > now) return row;
    const state = row.channel === "task" ? "tasked" : (ends[(dice[index % dice.length] ?? 0) % ends.length] ?? "sent");
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

/** Whether that key failed, or stands in for one that did. */
function isFallbackOf(key: string | null, chain: Chain): boolean {
  if (key === null) return false;
  return chain.failed.has(key) || isFallbackOf(chain.create.find((each) => each.key === key)?.fallbackOf ?? null, chain);
}

describe("with new facts", () => {
  test("a plan settles in one step, rows that have ended stay as they are, and only rows in flight are unwanted", () => {
    fc.assert(
      fc.property(anySituation, anyNews, anyLater(20), anyDice, ({ facts, now }, news, after, dice) => {
        let [known, store, at] = [facts, storePlan(facts, [], now), now];
        for (const [index, each] of news.entries()) {
          at = instant(now + (after * (index + 1)) / news.length);
          store = happen(store, { now: at, dice });
          known = hear(known, each, at);
          const states = new Map(store.map(({ id, state }) => [id, state]));
          const { change, supersede, unwanted } = reconcile(known, store, at);
          for (const { id } of [...change, ...supersede]) expect(["planned", "held"]).toContain(states.get(id));
          for (const id of unwanted) expect(["sending", "unknown"]).toContain(states.get(id));
          const next = storePlan(known, store, at);
          for (const row of store.filter(({ state }) => hasEnded(state))) expect(next.find(({ id }) => id === row.id)).toEqual(row);
          store = next;
          expect(reconcile(known, store, instant(at + 60_000))).toEqual({ ...NOTHING, unwanted });
        }
      }),
      RUNS,
    );
  });
});
