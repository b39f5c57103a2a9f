/** Runs of the model that once broke a promise, each cut down to what it takes and told with the rule that it broke. */
import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import type { SessionId } from "../../src/domain/ids.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { type Clinic, openClinic } from "./support/clinic.ts";
import { enrol } from "./support/enrol.ts";
import { judgeRest } from "./support/judge-books.ts";
import { emptyModel, type Person } from "./support/model.ts";
import { goOn, goOnUntil, liveThroughVisit } from "./support/pass-time.ts";
import { callOff, moveTo, record } from "./support/staff.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;

const VISIT = [{ status: "arrived" }, { status: "dosed" }, { status: "discharged" }] as const;

let clinic: Clinic;
beforeEach(async () => {
  clinic = await openClinic(world, emptyModel(), EXAMPLES_BEGIN);
});

async function enrolled(who: "ana" | "ben"): Promise<Person> {
  await enrol(clinic, who);
  return clinic.model.people.at(-1) ?? expect.unreachable();
}

function visitOf({ visits }: Person, number: number) {
  return visits[number - 1] ?? expect.unreachable();
}

const attemptsAt = async (state: string) =>
  (await db.selectFrom("deliveries").select(["attempt", "channel"]).where("state", "=", state).orderBy("attempt").execute()).map(
    ({ attempt, channel }) => `${channel} ${attempt}`,
  );

async function callsAbout(id: SessionId) {
  return db.selectFrom("tasks").select(["kind", "template", "state"]).where("sessionId", "=", id).where("kind", "=", "call").execute();
}

test("a process that slept over a mail records it although its re-send, of the same Message-ID, is recorded already", async () => {
  const ana = await enrolled("ana");
  // The welcome goes out as mail and as text; the mail comes first.
  clinic.arm(["sleeps-after"]);
  await goOnUntil(clinic, visitOf(ana, 1).startsAt);
  expect(clinic.model.calls.filter(({ about, channel }) => about?.rule === "welcome" && channel === "email")).toHaveLength(2);
  await clinic.wakeAll();
  expect(await attemptsAt("unknown")).toEqual([]);
  expect(await judgeRest(clinic)).toEqual([]);
});

test("a mail that was taken although its re-send was refused for good is known, and nobody is alarmed for ever", async () => {
  const ana = await enrolled("ana");
  clinic.arm(["sleeps-after", "bad-address"]);
  await goOnUntil(clinic, visitOf(ana, 1).startsAt);
  await clinic.wakeAll();
  await clinic.work();
  expect(await judgeRest(clinic)).toEqual([]);
});

test("Ben's visit is cancelled, the text about it is lost, and his number turns out dead: somebody calls him on the same day", async () => {
  await enrol(clinic, "ana");
  const ben = await enrolled("ben");
  await liveThroughVisit(clinic, ben, { outcomes: VISIT, minutes: 5 });
  clinic.arm(["lost", "bad-address"]);
  const visit = visitOf(ben, 2);
  await callOff({ clinic, person: ben, visit }, { how: "cancel", because: "patient" });
  await goOn(clinic, 1);
  clinic.arm([]);
  await goOn(clinic, 2);
  expect(await callsAbout(visit.id)).toEqual([{ kind: "call", template: "session-cancelled", state: "open" }]);
  await goOnUntil(clinic, visit.startsAt);
  expect(await judgeRest(clinic)).toEqual([]);
});

test("a text that was turned away while its number died in another text's hands is said in a call", async () => {
  const ben = await enrolled("ben");
  const visit = visitOf(ben, 2);
  await goOnUntil(clinic, visitOf(ben, 1).startsAt);
  await record({ clinic, person: ben, visit: visitOf(ben, 1) }, { status: "dosed" });
  await moveTo({ clinic, person: ben, visit }, { from: "visit", days: 1, hour: 15, quarter: 0 });
  // The process falls asleep over the text about the move, which was not accepted; meanwhile the number is dead.
  clinic.arm(["throttled-asleep"]);
  await clinic.work();
  const [asleep] = clinic.model.calls.filter(({ about }) => about?.rule === "session-moved");
  expect(asleep).toMatchObject({ accepted: false });
  const sent = clinic.model.calls.find(({ accepted }) => accepted) ?? expect.unreachable();
  await clinic.report(sent, "undelivered", "30005");
  await clinic.work();
  await clinic.wakeAll();
  await goOn(clinic, 2);
  expect(await callsAbout(visit.id)).toEqual([expect.objectContaining({ template: "session-moved" })]);
  expect((await sql`select from touchpoints where rule = 'session-moved' and state = 'superseded'`.execute(db)).rows).toHaveLength(1);
});

test("a mail was refused for good while its process slept over another, and it is held by the time this is told: nothing more goes to that address", async () => {
  const ana = await enrolled("ana");
  await goOn(clinic, 2);
  clinic.arm(["lost-accepted", "bad-address", "sleeps-after"]);
  await liveThroughVisit(clinic, ana, { outcomes: VISIT, minutes: 5 });
  await clinic.wakeAll();
  await goOnUntil(clinic, visitOf(ana, 2).startsAt);
  expect(await judgeRest(clinic)).toEqual([]);
});
