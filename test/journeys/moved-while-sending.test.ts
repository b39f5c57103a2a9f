/** A visit moves at the very moment at which its reminder is on its way: what left cannot be called back, but it is never sent again, and the move is told. */
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { moveSession } from "../../src/producers/move-session.ts";
import { openTcpProxy } from "../queues/support/tcp-proxy.ts";
import { wallTime } from "../support/course.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

describeOnBackends("Ana's visit moves while the reminder for it is on its way", async (backend) => {
  const [mailLine, textLine] = [await openTcpProxy("smtp://127.0.0.1:1"), await openTcpProxy("http://127.0.0.1:1")];
  const world = await openWorld({ backend, environment: { SMTP_URL: mailLine.url, TWILIO_API_BASE_URL: textLine.url } });
  const { db } = world.deps;
  for (const [line, target] of [
    [mailLine, world.smtp.url],
    [textLine, world.twilio.url],
  ] as const) {
    await line.cut();
    await line.mend(target);
  }
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv");
  await story.until("2027-01-10T15:50");
  const [first] = await story.visits(ana);
  if (!first) expect.unreachable();
  afterAll(() => Promise.all([mailLine.cut(), textLine.cut()]));
  const inHands = async () =>
    (
      await sql<{ what: string }>`select rule || ' ' || channel as what from touchpoints where state = 'sending' order by 1`.execute(db)
    ).rows.map(({ what }) => what);

  test("the three reminders in the providers' hands arrive, and each is told that the visit moved, once", async () => {
    mailLine.stall();
    textLine.stall();
    const living = story.until("2027-01-10T16:10");
    await expect.poll(inHands, { timeout: 10_000 }).toEqual(["day-before email", "day-before sms", "escort-day-before sms"]);
    const move = { to: wallTime("2027-01-12T14:00"), because: "clinic" } as const;
    expect(await moveSession(world.deps, first.id, { ...BY, move })).toMatchObject({ kind: "changed" });
    mailLine.flow();
    textLine.flow();
    await living;
    const about = story.reached().filter(({ wall }) => wall === "2027-01-10T16:00");
    expect(linesOf(about)).toEqual([
      "2027-01-10T16:00 mail day-before",
      "2027-01-10T16:00 mail session-moved-soon",
      "2027-01-10T16:00 text day-before",
      "2027-01-10T16:00 text escort-day-before",
      "2027-01-10T16:00 text escort-moved-soon",
      "2027-01-10T16:00 text session-moved-soon",
    ]);
    const entries = about.flatMap(({ calendars }) => calendars).map(({ event }) => `${event["SEQUENCE"]} ${event["DTSTART"]}`);
    expect(entries).toEqual(["0 20270111T160000Z", "1 20270112T210000Z"]);
  });

  test("what was in flight ended as sent, unwanted as it was, in one attempt", async () => {
    const { rows } = await sql<{ what: string; state: string; attempts: number }>`
      select rule || ' ' || channel as what, state, attempts from touchpoints where unwanted_at is not null order by 1`.execute(db);
    expect(rows).toEqual(
      ["day-before email", "day-before sms", "escort-day-before sms"].map((what) => ({ what, state: "sent", attempts: 1 })),
    );
  });

  test("and the visit is reminded of the day before its new time, and of no other", async () => {
    await story.until("2027-01-12T13:30");
    const later = story.reached(ana.phone).filter(({ wall }) => wall > "2027-01-10T16:00");
    expect(linesOf(later)).toEqual(["2027-01-11T16:00 text day-before"]);
    expect(later[0]?.words).toContain("tomorrow, 2:00 PM");
    await story.booksHold();
  });
});
