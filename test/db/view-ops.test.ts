import { describe, expect, test } from "vitest";
import { sql } from "kysely";
import { machineNow } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { countUnsent, readOps } from "../../src/db/view-ops.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import { switchOff, switchOn } from "../../src/producers/switch-sending.ts";
import { enrolAna, nth, rowsOf } from "../support/course.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const ana = await enrolAna(world);

const backlogOf = async (channel: string) => (await readOps(db, machineNow())).backlog.find((each) => each.channel === channel);

describe("what operations see", () => {
  test("a message is to come until its moment, and then ready", async () => {
    const [reminder] = await rows.touchpoints(nth(ana, 1), "day-before");
    if (!reminder) expect.unreachable();
    await stepClock(db, instant(reminder.dueAt - MINUTE));
    const before = await backlogOf(reminder.channel);
    expect(before).toMatchObject({ ready: expect.any(Number), nextHour: expect.any(Number) });
    await stepClock(db, reminder.dueAt);
    const after = await backlogOf(reminder.channel);
    expect(after?.ready).toBe((before?.ready ?? 0) + 1);
    expect(after?.nextDay).toBe((before?.nextDay ?? 0) - 1);
  });

  test("what cannot leave in time at the rate of its senders is counted, with the first moment that is missed", async () => {
    expect((await backlogOf("sms"))?.willMiss).toBe(0);
    const [reminder] = await rows.touchpoints(nth(ana, 1), "day-before");
    if (!reminder) expect.unreachable();
    const sendBy = instant(reminder.dueAt + MINUTE);
    await sql`update touchpoints set send_by = ${new Date(sendBy).toISOString()}::timestamptz where id = ${reminder.id}`.execute(db);
    await sql`update rate_buckets set per_second = 0.001`.execute(db);
    expect(await backlogOf(reminder.channel)).toMatchObject({ willMiss: 1, firstMissAt: sendBy });
  });

  test("what stands ready for minutes while nothing leaves is missed, whatever its senders permit", async () => {
    const [reminder] = await rows.touchpoints(nth(ana, 1), "day-before");
    if (!reminder) expect.unreachable();
    await sql`update rate_buckets set per_second = 500`.execute(db);
    const sendBy = instant(reminder.dueAt + 30 * MINUTE);
    await sql`update touchpoints set send_by = ${new Date(sendBy).toISOString()}::timestamptz where id = ${reminder.id}`.execute(db);
    await stepClock(db, instant(reminder.dueAt + 2 * MINUTE));
    expect(await backlogOf(reminder.channel)).toMatchObject({ rate: 0, willMiss: 1, firstMissAt: sendBy });
  });

  test("what a switch stops is missed", async () => {
    const [reminder] = await rows.touchpoints(nth(ana, 1), "day-before");
    if (!reminder) expect.unreachable();
    const scope = { scope: "channel", clinicId: world.clinicId, subject: reminder.channel } as const;
    const by = { actor: "cli", dryRun: false } as const;
    await switchOff(world.deps, { ...scope, reason: "new relay" }, by);
    expect(await backlogOf(reminder.channel)).toMatchObject({ ready: 0, willMiss: 1 });
    await switchOn(world.deps, scope, by);
  });

  test("a hint that nobody has taken for ten seconds is told from one that is new, and from none", async () => {
    const hints = async () => (await readOps(db, machineNow())).hints;
    const mark = (secondsAgo: number | null) =>
      sql`update touchpoints set hinted_at = clock_timestamp() - make_interval(secs => ${secondsAgo}) where state = 'planned'`.execute(db);
    await mark(null);
    const { unhinted } = await hints();
    expect(unhinted).toBeGreaterThan(0);
    await mark(1);
    expect(await hints()).toEqual({ hinted: unhinted, stale: 0, unhinted: 0 });
    await mark(11);
    expect(await hints()).toEqual({ hinted: 0, stale: unhinted, unhinted: 0 });
  });

  test("what ended unsent is counted by its reason", async () => {
    const [row] = await rows.touchpoints(nth(ana, 2), "day-before");
    if (!row) expect.unreachable();
    const before = await countUnsent(db);
    await sql`update touchpoints set state = 'suppressed', reason = 'over-budget' where id = ${row.id}`.execute(db);
    const count = (list: typeof before) => list.find(({ reason }) => reason === "over-budget")?.count ?? 0;
    expect(count(await countUnsent(db))).toBe(count(before) + 1);
  });
});
