import { beforeEach, expect, test } from "vitest";
import { openWorld } from "../support/world.ts";
import { enrolAna, MARIA, ROBIN, RUTH, SAM } from "./support/alarm.ts";

const world = await openWorld({ backend: "postgres" });
const { db, testRoster } = world.deps;
await enrolAna(world);
const BY = { actor: "staff:Maria Lopez", person: null };

beforeEach(() => {
  world.twilio.setFaults([]);
  world.smtp.setFaults([]);
  world.smtp.clear();
});

test("everybody on the roster gets a test page on every channel they have, once, and it says that it is one", async () => {
  const before = world.twilio.messages().length;
  const pages = await testRoster(world.clinicId, BY);
  const texts = world.twilio.messages().slice(before);
  expect(texts.map(({ to }) => to).toSorted()).toEqual([RUTH.phone, SAM.phone, MARIA.phone, ROBIN.phone].toSorted());
  expect(world.smtp.mails().flatMap(({ envelope }) => envelope.to)).toEqual(expect.arrayContaining([RUTH.email, MARIA.email]));
  expect(pages.every(({ outcome }) => outcome === "sent")).toBe(true);
  for (const { body } of texts) expect(body).toMatch(/test/i);
});

test("a page that is not taken is named with its code, and the others go all the same", async () => {
  world.twilio.setFaults([{ does: "refuse", code: 21211, to: SAM.phone }]);
  const pages = await testRoster(world.clinicId, BY);
  expect(pages.filter(({ outcome }) => outcome !== "sent")).toEqual([
    { name: "Sam Ortiz", channel: "sms", outcome: "refused", code: "21211" },
  ]);
});

test("one person alone can be tested", async () => {
  const pages = await testRoster(world.clinicId, { ...BY, person: "Sam Ortiz" });
  expect(new Set(pages.map(({ name }) => name))).toEqual(new Set(["Sam Ortiz"]));
});

test("the audit keeps that it was done and how many pages were taken, and no alert comes of it", async () => {
  world.twilio.setFaults([{ does: "refuse", code: 21211, to: SAM.phone }]);
  const pages = await testRoster(world.clinicId, BY);
  const events = await db
    .selectFrom("events")
    .select(["actor", "data"])
    .where("kind", "=", "roster.tested")
    .orderBy("id", "desc")
    .execute();
  expect(events[0]).toEqual({ actor: "staff:Maria Lopez", data: { pages: pages.length, taken: pages.length - 1 } });
  expect(await db.selectFrom("alerts").select("id").execute()).toEqual([]);
});
