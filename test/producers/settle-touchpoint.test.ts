import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { newId } from "../../src/clock.ts";
import { type SettleVerdict, settleTouchpoint } from "../../src/producers/settle-touchpoint.ts";
import { openWorld } from "../support/world.ts";
import { forgetTouchpoints, readTouchpoint, WELCOME_AT } from "../workers/support/clinic-at-work.ts";
import { age, eventsOf, type Lost, sendAgain, sendWelcome, settle, tasksOf } from "../workers/support/lost-answers.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await forgetTouchpoints(world);
});

async function holdMail(): Promise<Lost> {
  world.smtp.setFaults([{ does: "drop-after-accepting", times: 1 }]);
  const lost = await sendWelcome(world, "email", "hold");
  await age(world, 61);
  expect(await settle(world)).toMatchObject({ held: 1 });
  return lost;
}

const say = ({ id }: Pick<Lost, "id">, verdict: SettleVerdict, options: { dryRun?: boolean } = {}) =>
  settleTouchpoint(world.deps, id, { verdict, actor: "staff:test", dryRun: options.dryRun ?? false, ifRevision: null });

describe("staff who asked Ana whether she has the mail", () => {
  test("say that it arrived: it ends as sent, its task is closed, and a repeat is none", async () => {
    const lost = await holdMail();
    expect(await say(lost, "arrived")).toMatchObject({ kind: "changed", value: { verdict: "arrived" } });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "sent", reason: null });
    expect(await tasksOf(world, lost.id)).toMatchObject([{ state: "cancelled" }]);
    expect(await say(lost, "arrived")).toEqual({ kind: "same" });
    expect(await eventsOf(world, lost.id)).toEqual(["touchpoint.held", "touchpoint.settled"]);
  });

  test("have said it by voice: it ends as told", async () => {
    const lost = await holdMail();
    expect(await say(lost, "told")).toMatchObject({ kind: "changed" });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "suppressed", reason: "already-told" });
    expect(await tasksOf(world, lost.id)).toMatchObject([{ state: "cancelled" }]);
  });

  test("want it sent again: it goes out once more, with the same Message-ID", async () => {
    const lost = await holdMail();
    expect(await say(lost, "again")).toMatchObject({ kind: "changed" });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "planned", tryAt: WELCOME_AT });
    expect(await sendAgain(world, lost, "email")).toEqual({ sent: 1, skipped: 0 });
    const ids = world.smtp.mails().map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw.toString())?.[1]);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(2);
  });

  test("do not wait for the settler: an unknown is settled as well", async () => {
    world.smtp.setFaults([{ does: "drop-after-accepting", times: 1 }]);
    const lost = await sendWelcome(world, "email", "hold");
    expect(await say(lost, "told")).toMatchObject({ kind: "changed" });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "suppressed", reason: "already-told" });
  });

  test("see what would become of it, and nothing becomes of it", async () => {
    const lost = await holdMail();
    expect(await say(lost, "again", { dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "held", reason: "unknown" });
  });
});

describe("is refused", () => {
  test("sending again what is too late or no longer wanted", async () => {
    const lost = await holdMail();
    const { sendBy } = await db.selectFrom("touchpoints").select("sendBy").where("id", "=", lost.id).executeTakeFirstOrThrow();
    await setSteppedClock(db, sendBy);
    expect(await say(lost, "again")).toMatchObject({ kind: "refused", faults: [{ path: "verdict" }] });
    await setSteppedClock(db, WELCOME_AT);
    await sql`update touchpoints set unwanted_at = clock_timestamp() where id = ${lost.id}`.execute(db);
    expect(await say(lost, "again")).toMatchObject({ kind: "refused", faults: [{ path: "verdict" }] });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "held" });
  });

  test("settling what is known, or what is not stored", async () => {
    const lost = await sendWelcome(world, "email");
    expect(await say(lost, "told")).toMatchObject({ kind: "refused", faults: [{ path: "touchpoint", value: "sent" }] });
    expect(await say({ id: newId<"touchpoint">() }, "told")).toMatchObject({ kind: "refused" });
  });
});
