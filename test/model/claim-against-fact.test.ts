/**
 * A claim that is about to be made, and a fact that is committed while it waits. The worker is real and has written its message; a lock on the table of attempts
 * holds its claim up, as any crowd of writers could, until staff have said what they have to say.
 */
import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { readClinicTime, setSteppedClock } from "../../src/db/clinic-clock.ts";
import { loadForSending } from "../../src/db/send-rows.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import type { SessionId, TouchpointId } from "../../src/domain/ids.ts";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { changeConsent } from "../../src/producers/change-consent.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { holdPatient } from "../../src/producers/hold-patient.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { pauseSeries } from "../../src/producers/pause-series.ts";
import { postponeSession } from "../../src/producers/postpone-session.ts";
import { stopSeries } from "../../src/producers/stop-series.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { type Course, enrolAna, nth, rowsOf, wallTime } from "../support/course.ts";
import { openWorld } from "../support/world.ts";
import { forgetTouchpoints, makeSenders, readTouchpoint } from "../workers/support/clinic-at-work.ts";
import { makeQueues } from "./support/queues.ts";
import { whileClaimsWait } from "./support/while-claims-wait.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
// Nobody works here but the test.
const deps = { ...world.deps, queues: makeQueues() };
const rows = rowsOf(world);
const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };

beforeEach(() => forgetTouchpoints(world));

/** Takes texts, and no mail: what others get by mail she gets as a text. */
const enrolTexter = () =>
  enrolAna(world, (ana) => {
    const consents = ana.patient.consents.filter(({ to }) => to === "sms");
    return { ...ana, patient: { ...ana.patient, email: null, consents } };
  });

/** Ana's text of that rule about her first session, at its moment and hinted. */
async function hinted(course: Course, rule: string): Promise<TouchpointId> {
  const row = (await rows.touchpoints(nth(course, 1), rule)).find(({ channel, state }) => channel === "sms" && state === "planned");
  if (!row) expect.unreachable();
  await setSteppedClock(db, row.tryAt);
  await sweepDue(deps);
  return row.id;
}

/** What became of a hint whose claim waited for that fact. */
async function sendDuring(id: TouchpointId, fact: () => Promise<unknown>) {
  const senders = await makeSenders(world);
  return whileClaimsWait(world, { work: () => senders.sms({ touchpointIds: [id] }), fact });
}

const texts = () => world.twilio.messages().map(({ body }) => body);
const move = (id: SessionId, to: string) => moveSession(deps, id, { ...BY, move: { to: wallTime(to) } });

const FACTS: readonly (readonly [string, (course: Course) => Promise<unknown>])[] = [
  ["the session is moved", (course) => move(nth(course, 1), "2027-01-12T11:00")],
  ["the session is cancelled", (course) => cancelSession(deps, nth(course, 1), { ...BY, because: "clinic" })],
  ["the session is postponed", (course) => postponeSession(deps, nth(course, 1), { ...BY, because: "patient" })],
  ["the series is paused", ({ seriesId }) => pauseSeries(deps, seriesId, BY)],
  ["the series is stopped", ({ seriesId }) => stopSeries(deps, seriesId, { ...BY, because: "patient" })],
  ["Ana is put on hold", ({ patientId }) => holdPatient(deps, patientId, { ...BY, code: "complaint", reason: "She called" })],
  ["Ana has another number", ({ patientId }) => changeContact(deps, patientId, { ...BY, change: { phone: "+13035550190", consents: [] } })],
  [
    "Ana agrees no longer",
    async ({ patientId }) => {
      const { now } = await readClinicTime(db);
      const consent = { to: "sms", source: "phone call", at: now, wording: null } as const;
      return changeConsent(deps, patientId, { ...BY, person: "patient", action: "revoked", consent });
    },
  ],
];

describe("a fact that is committed while a claim waits comes first", () => {
  test.each(FACTS)("%s: what was written for the claim is not sent", async (_, fact) => {
    const course = await enrolAna(world);
    const id = await hinted(course, "day-before");
    const outcome = await sendDuring(id, async () => expect(await fact(course)).toMatchObject({ kind: "changed" }));
    expect(outcome).toEqual({ skipped: 1 });
    expect(texts()).toEqual([]);
    expect((await readTouchpoint(world, id)).attempts).toBe(0);
  });

  test("the second session of a week is moved: the week's plan is written anew and names its new time", async () => {
    const course = await enrolTexter();
    const id = await hinted(course, "week-plan");
    expect(await sendDuring(id, () => move(nth(course, 2), "2027-01-14T11:00"))).toEqual({ skipped: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "planned", hintedAt: null });
    await sweepDue(deps);
    expect(await (await makeSenders(world)).sms({ touchpointIds: [id] })).toMatchObject({ sent: 1 });
    expect(texts()).toEqual([expect.stringContaining("Mon, Jan 11, 9:00 AM; Thu, Jan 14, 11:00 AM; Fri, Jan 15, 9:00 AM.")]);
  });

  test("somebody opts out on her phone, and no plan has followed yet: the claim asks itself", async () => {
    const course = await enrolAna(world);
    const id = await hinted(course, "day-before");
    const optOut = () =>
      sql`
        insert into opt_outs (group_id, channel, address_index, source, at)
        select group_id, channel, address_index, 'carrier', afterglow_now() from contact_points
        where patient_id = ${course.patientId} and person = 'patient' and channel = 'sms'`.execute(db);
    expect(await sendDuring(id, optOut)).toEqual({ skipped: 1 });
    expect(texts()).toEqual([]);
  });

  test("nothing is said against it: the claim that waited for nobody's fact sends", async () => {
    const id = await hinted(await enrolAna(world), "day-before");
    expect(await sendDuring(id, () => Promise.resolve())).toMatchObject({ sent: 1 });
    expect(texts()).toHaveLength(1);
  });
});

describe("without a word on the row itself", () => {
  test("a session that is moved, and its patient's revision raised, is still announced at its old time", async () => {
    const course = await enrolAna(world);
    const id = await hinted(course, "day-before");
    const fact = async () => {
      await sql`
        update sessions set starts_at = starts_at + interval '26 hours', ends_at = ends_at + interval '26 hours', arming = arming + 1
        where id = ${nth(course, 1)}`.execute(db);
      await sql`update patients set plan_revision = plan_revision + 1 where id = ${course.patientId}`.execute(db);
    };
    expect(await sendDuring(id, fact)).toMatchObject({ sent: 1 });
    expect(texts()).toEqual([expect.stringContaining("tomorrow, 9:00 AM")]);
  });

  test("a claim that does not ask for the row as it was loaded takes a week's plan that was written before the move", async () => {
    const course = await enrolTexter();
    const id = await hinted(course, "week-plan");
    const [loaded] = await loadForSending(db, [id], "sms");
    if (!loaded) expect.unreachable();
    await move(nth(course, 2), "2027-01-14T11:00");
    const { addressIndex, version } = loaded;
    const claim = { id, deliveryId: newId<"delivery">(), contentHash: Buffer.alloc(32), addressIndex };
    const of = { workerId: newId<"worker">(), channel: "sms" } as const;
    expect(await claimTouchpoints(db, [{ ...claim, version }], of)).toEqual([]);
    expect(await claimTouchpoints(db, [{ ...claim, version: null }], of)).toEqual([{ id, attempt: 1 }]);
  });
});
