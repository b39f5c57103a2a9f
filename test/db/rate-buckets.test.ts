import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { takeTokens } from "../../src/db/sends.ts";
import { cloneDatabase } from "../support/database.ts";
import { storeClinic } from "./support/stored-clinic.ts";

const { db } = await cloneDatabase();
const { senders } = await storeClinic(db);
const sender = senders.sms;

/** A bucket that gains nothing worth mentioning while a test runs, unless it was last filled some time ago. */
async function fill({
  tokens,
  burst = 8,
  perSecond = 1e-6,
  secondsAgo = 0,
}: {
  tokens: number;
  burst?: number;
  perSecond?: number;
  secondsAgo?: number;
}) {
  await sql`
    update rate_buckets set tokens = ${tokens}, burst = ${burst}, per_second = ${perSecond},
      refilled_at = clock_timestamp() - make_interval(secs => ${secondsAgo}) where sender_id = ${sender}`.execute(db);
}

const granted = async (wanted: number) => (await takeTokens(db, sender, wanted)).granted;

describe("a sender's bucket", () => {
  test.each([
    [0, 5, 0],
    [0.99, 5, 0],
    [1, 5, 1],
    [4, 5, 4],
    [8, 5, 5],
    [8, 8, 8],
    [8, 50, 8],
  ])("with %d tokens, asked for %d, grants %d", async (tokens, wanted, expected) => {
    await fill({ tokens });
    expect(await granted(wanted)).toBe(expected);
    expect(await granted(50)).toBe(Math.floor(tokens) - expected);
  });

  test("that was lost is made anew, and sends one a second", async () => {
    await sql`delete from rate_buckets where sender_id = ${sender}`.execute(db);
    expect(await takeTokens(db, sender, 5)).toEqual({ granted: 0, nextInMs: 1_000 });
    expect(await granted(5)).toBe(1);
    const { rows } = await sql`select per_second, burst from rate_buckets where sender_id = ${sender}`.execute(db);
    expect(rows).toEqual([{ perSecond: 1, burst: 1 }]);
  });

  test("never holds more than its burst, however long nobody took", async () => {
    await fill({ tokens: 8, perSecond: 4, secondsAgo: 86_400 });
    expect(await granted(1_000)).toBe(8);
  });

  test("gains its rate, and keeps the fraction of a token", async () => {
    await fill({ tokens: 0, burst: 1_000, perSecond: 0.01, secondsAgo: 250 });
    expect(await granted(50)).toBe(2);
    const { rows } = await sql<{ tokens: number }>`select tokens from rate_buckets where sender_id = ${sender}`.execute(db);
    expect(rows[0]?.tokens).toBeCloseTo(0.5, 1);
  });

  test("says when the next token will be there", async () => {
    await fill({ tokens: 0.5, perSecond: 0.1 });
    const { nextInMs } = await takeTokens(db, sender, 1);
    expect(nextInMs).toBeGreaterThan(4_000);
    expect(nextInMs).toBeLessThanOrEqual(5_000);
  });

  test("loses nothing when the clock of the machine jumps back", async () => {
    await fill({ tokens: 3, perSecond: 10, secondsAgo: -3_600 });
    expect(await granted(50)).toBe(3);
    expect(await granted(50)).toBe(0);
  });

  test("a sender without one is granted nothing", async () => {
    expect(await takeTokens(db, newId<"sender">(), 3)).toEqual({ granted: 0, nextInMs: 1_000 });
  });

  test("takers at the same moment never get more than there is", async () => {
    await fill({ tokens: 100, burst: 100 });
    const grants = await Promise.all(Array.from({ length: 24 }, () => granted(7)));
    expect(grants.reduce((sum, each) => sum + each, 0)).toBe(100);
    expect(grants.toSorted((a, b) => b - a)).toEqual([...Array<number>(14).fill(7), 2, ...Array<number>(9).fill(0)]);
  });

  test("takers that read before they write get more than there is: hence the lock", async () => {
    await fill({ tokens: 1, burst: 100 });
    const read = () => sql<{ tokens: number }>`select tokens from rate_buckets where sender_id = ${sender}`.execute(db);
    const seen = await Promise.all([read(), read()]);
    const grants = await Promise.all(
      seen.map(async ({ rows }) => {
        const tokens = rows[0]?.tokens ?? 0;
        await sql`update rate_buckets set tokens = ${tokens - 1} where sender_id = ${sender}`.execute(db);
        return Math.floor(tokens);
      }),
    );
    expect(grants).toEqual([1, 1]);
  });
});
