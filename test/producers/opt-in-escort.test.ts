import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { findTask } from "../../src/db/tasks.ts";
import { loadToday } from "../../src/db/view-today.ts";
import { findVisitEscort, listVisitEscorts } from "../../src/db/visit-escorts.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import type { LinkId, SessionId } from "../../src/domain/ids.ts";
import { writeCompanion } from "../../src/domain/named-companion.ts";
import { answerSession } from "../../src/producers/answer-session.ts";
import { revealPatients } from "../../src/cli/reveal-patients.ts";
import { openCompanion } from "../../src/http/console/open-companion.ts";
import { changeConsent } from "../../src/producers/change-consent.ts";
import { changeEscort } from "../../src/producers/change-escort.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { type EscortWish, MOST_OPT_INS, optInEscort } from "../../src/producers/opt-in-escort.ts";
import { readWords } from "../../src/producers/read-words.ts";
import { at, openWorld } from "../support/world.ts";
import { BY, enrol, type Enrolled, rowsOf, sessionsOf } from "./support/enrolled.ts";
import { wallTime } from "../support/course.ts";
import { readInbound, write } from "./support/texting.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
const FINNS = "+13035550181";
const SAMS = "+17205550149";
const MARTAS = "+13035550112";

beforeEach(async () => {
  await sql`delete from opt_outs`.execute(db);
  await sql`delete from tasks`.execute(db);
  await sql`delete from inbound_messages`.execute(db);
  await setSteppedClock(db, at("2027-01-04T15:00:00Z"));
});

type Visit = { readonly of: Enrolled; readonly id: SessionId };

/** The visit with this number, of a patient who has just been enqueued. */
async function visitOf(example: string, number: number): Promise<Visit> {
  const of = await enrol(world, example);
  const id = (await sessionsOf(db, of))[number - 1]?.id;
  if (!id) throw new Error(`No visit ${number}`);
  return { of, id };
}
const visitIn = async ({ of }: Visit, number: number): Promise<SessionId> =>
  (await sessionsOf(db, of))[number - 1]?.id ?? expect.unreachable();

async function shareOf(id: SessionId): Promise<{ id: LinkId; generation: number }> {
  return db
    .selectFrom("links")
    .select(["id", "generation"])
    .where("subjectId", "=", id)
    .where("kind", "=", "share")
    .where("revokedAt", "is", null)
    .executeTakeFirstOrThrow();
}
const agree = async ({ id }: Visit, wish: Partial<EscortWish>) =>
  optInEscort(world.deps, id, {
    linkId: (await shareOf(id)).id,
    name: "Finn Moss",
    phone: FINNS,
    scope: "visit",
    locale: "en",
    ...wish,
  });
const name = ({ id }: Visit, named: string, phone: string | null = null) =>
  answerSession(world.deps, {
    sessionId: id,
    answers: ["driver-named"],
    via: "page",
    actor: "patient",
    detail: writeCompanion({ name: named, phone }),
  });
/** Visits about which a text to the escort is planned. */
async function texted({ of }: Visit): Promise<readonly (SessionId | null)[]> {
  const rows = await db
    .selectFrom("touchpoints")
    .select("sessionId")
    .distinct()
    .where("seriesId", "=", of.seriesId)
    .where("recipient", "=", "escort")
    .where("channel", "=", "sms")
    .where("state", "=", "planned")
    .where("unwantedAt", "is", null)
    .execute();
  return rows.map(({ sessionId }) => sessionId);
}
const reviews = async ({ of }: Visit) =>
  db
    .selectFrom("tasks")
    .select(["template", "sessionId", "importance"])
    .where("patientId", "=", of.patientId)
    .where("template", "=", "escort-wrote")
    .where("state", "=", "open")
    .execute();
const ledger = async ({ of }: Visit) => {
  const { rows } = await sql<{ action: string; source: string; wording: string | null; actor: string }>`
    select action, source, wording, actor from consents where patient_id = ${of.patientId} and person = 'escort' order by recorded_at`.execute(
    db,
  );
  return rows;
};

describe("an escort whom staff named, with a number and without consent", () => {
  test("is texted about every visit once they agree for every visit, and the ledger says where and to which wording", async () => {
    const visit = await visitOf("dee-kap", 2);
    expect(await texted(visit)).toEqual([]);
    expect(await agree(visit, { name: "Sam", phone: SAMS, scope: "all" })).toMatchObject({ kind: "changed", value: { standing: "taken" } });
    expect(new Set(await texted(visit))).toEqual(new Set([visit.id, await visitIn(visit, 4), await visitIn(visit, 6)]));
    expect(await ledger(visit)).toEqual([{ action: "granted", source: "escort's own page", wording: "share-page-1", actor: "escort" }]);
    expect(await reviews(visit)).toEqual([]);
  });

  test("is texted about one visit alone when they agree for that one, and a call stands in for the others", async () => {
    const visit = await visitOf("dee-kap", 2);
    await agree(visit, { name: "Sam Walker", phone: SAMS, scope: "visit" });
    expect(await texted(visit)).toEqual([visit.id]);
    await setSteppedClock(db, at("2027-01-04T15:01:00Z"));
    await agree(visit, { name: "Sam Walker", phone: SAMS, scope: "all" });
    expect((await texted(visit)).length).toBe(3);
  });

  test("keeps the number that staff wrote down when another one is written on the page: staff look at it first", async () => {
    const visit = await visitOf("dee-kap", 2);
    expect(await agree(visit, { name: "Sam Walker" })).toMatchObject({ value: { standing: "review" } });
    expect(await texted(visit)).toEqual([]);
    expect(await reviews(visit)).toEqual([{ template: "escort-wrote", sessionId: visit.id, importance: "high" }]);
    const point = await db
      .selectFrom("contactPoints")
      .select(["addressIndex", "granted"])
      .where("patientId", "=", visit.of.patientId)
      .where("person", "=", "escort")
      .where("channel", "=", "sms")
      .executeTakeFirstOrThrow();
    expect(point.granted).toBe(false);
    expect(point.addressIndex?.equals(vault.blindIndex("phone", SAMS))).toBe(true);
    expect(await readWords(world.deps, { template: "escort-wrote", sessionId: visit.id })).toBe(
      "Finn Moss, (303) 555-0181, wants texts about this visit".replace("Finn Moss", "Sam Walker"),
    );
  });

  test("is written to about every visit when staff record the consent afterwards", async () => {
    const visit = await visitOf("dee-kap", 2);
    await agree(visit, { name: "Sam Walker", phone: SAMS, scope: "visit" });
    await setSteppedClock(db, at("2027-01-04T16:00:00Z"));
    const consent = { to: "sms", source: "phone call", wording: null, at: at("2027-01-04T15:30:00Z") } as const;
    await changeConsent(world.deps, visit.of.patientId, { ...BY, person: "escort", action: "granted", consent });
    expect((await texted(visit)).length).toBe(3);
  });

  test("agrees once, however often and at the same moment the form is sent", async () => {
    const visit = await visitOf("dee-kap", 2);
    const sent = await Promise.all(Array.from({ length: 6 }, () => agree(visit, { name: "Sam", phone: SAMS })));
    expect(sent.map(({ kind }) => kind).toSorted()).toEqual(["changed", "same", "same", "same", "same", "same"]);
    expect(await ledger(visit)).toHaveLength(1);
  });

  test("finds no end of numbers refused, and no visit that is over", async () => {
    const visit = await visitOf("dee-kap", 2);
    for (let number = 0; number < MOST_OPT_INS; number++)
      expect((await agree(visit, { phone: `+1303555020${number}` })).kind).toBe("changed");
    expect(await agree(visit, { phone: "+13035550299" })).toMatchObject({ kind: "refused", faults: [{ path: "phone" }] });
    await setSteppedClock(db, at("2027-01-20T15:00:00Z"));
    expect(await agree(visit, { phone: "+13035550200" })).toMatchObject({ kind: "refused", faults: [{ path: "session.status" }] });
  });
});

describe("somebody whom the patient names for one visit", () => {
  test("is the patient's permission and no more: nobody is texted before they have agreed themselves", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    expect(await texted(visit)).toEqual([]);
    await agree(visit, {});
    expect(await texted(visit)).toEqual([visit.id]);
    expect(await ledger(visit)).toMatchObject([{ action: "granted", source: "escort's own page" }]);
  });

  test("who agrees and was never named waits for staff", async () => {
    const visit = await visitOf("ben-im", 1);
    expect(await agree(visit, {})).toMatchObject({ value: { standing: "review" } });
    expect([await texted(visit), await ledger(visit)]).toEqual([[], []]);
    expect(await reviews(visit)).toHaveLength(1);
  });

  test("and agrees to every visit waits for staff: the patient named them for one", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    expect(await agree(visit, { scope: "all" })).toMatchObject({ value: { standing: "review" } });
    expect(await texted(visit)).toEqual([]);
  });

  test("leaves the question who drives open for the other visits", async () => {
    const visit = await visitOf("ben-im", 1);
    const asked = async () =>
      (await rowsOf(db, visit.of)).filter(({ rule, state }) => /driver/.test(rule) && (state === "planned" || state === "held")).length;
    const before = await asked();
    expect(before).toBeGreaterThan(1);
    await name(visit, "Finn Moss", FINNS);
    await agree(visit, {});
    expect(await asked()).toBeGreaterThan(0);
    expect(await asked()).toBeLessThan(before);
  });

  test("comes in the place of the escort, who hears nothing of that visit and all of the others", async () => {
    const visit = await visitOf("ana-iv", 2);
    const before = await texted(visit);
    expect(before).toContain(visit.id);
    await name(visit, "Finn Moss", FINNS);
    expect(new Set(await texted(visit))).toEqual(new Set(before.filter((id) => id !== visit.id)));
    await name(visit, "Marta Ortiz");
    expect(new Set(await texted(visit))).toEqual(new Set(before));
  });

  test("who agrees while another is the escort waits for staff: an address belongs to one escort at a time", async () => {
    const visit = await visitOf("ana-iv", 2);
    await name(visit, "Finn Moss", FINNS);
    expect(await agree(visit, {})).toMatchObject({ value: { standing: "review" } });
    expect(await texted(visit)).not.toContain(visit.id);
  });

  test("gets a link of their own: the one that was passed on before leads nowhere, and whoever had agreed by it is forgotten", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    await agree(visit, {});
    const first = await shareOf(visit.id);
    await name(visit, "Sam Walker", SAMS);
    const second = await shareOf(visit.id);
    expect(second.generation).toBe(first.generation + 1);
    expect(await texted(visit)).toEqual([]);
    expect(
      await db
        .selectFrom("contactPoints")
        .select("person")
        .where("patientId", "=", visit.of.patientId)
        .where("person", "=", "escort")
        .execute(),
    ).toEqual([]);
    await agree(visit, { name: "Sam Walker", phone: SAMS });
    expect(await texted(visit)).toEqual([visit.id]);
  });

  test("is asked about anew when the visit moves, and the escort comes again", async () => {
    const visit = await visitOf("ana-iv", 2);
    await name(visit, "Finn Moss", FINNS);
    expect(await texted(visit)).not.toContain(visit.id);
    await moveSession(world.deps, visit.id, { ...BY, move: { to: wallTime("2027-01-14T09:00") } });
    expect(await findVisitEscort(db, { id: visit.id, patientId: visit.of.patientId, arming: 1 }, vault)).toBeUndefined();
    expect(await texted(visit)).toContain(visit.id);
  });

  test("makes room for the next when the visit is over", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    await agree(visit, {});
    const other = { of: visit.of, id: await visitIn(visit, 3) };
    await name(other, "Sam Walker", SAMS);
    expect(await agree(other, { name: "Sam Walker", phone: SAMS })).toMatchObject({ value: { standing: "review" } });
    await sql`update sessions set status = 'completed' where id = ${visit.id}`.execute(db);
    expect(await agree(other, { name: "Sam", phone: SAMS, scope: "all" })).toMatchObject({ value: { standing: "review" } });
    expect(await agree(other, { name: "Sam", phone: SAMS, scope: "all" })).toMatchObject({ kind: "same" });
    expect(await agree(other, { name: "Sam", phone: SAMS, scope: "visit" })).toMatchObject({ value: { standing: "taken" } });
    expect(await texted(other)).toEqual([other.id]);
  });

  test("is kept apart from the answer, sealed, for staff to call", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    const session = { id: visit.id, patientId: visit.of.patientId, arming: 0 };
    expect(await findVisitEscort(db, session, vault)).toEqual({ name: "Finn Moss", phone: FINNS });
    await name(visit, "Finn");
    expect(await findVisitEscort(db, session, vault)).toEqual({ name: "Finn", phone: FINNS });
    await answerSession(world.deps, { sessionId: visit.id, answers: ["driver-missing"], via: "page", actor: "patient" });
    expect(await findVisitEscort(db, session, vault)).toBeUndefined();
  });
});

describe("staff", () => {
  test("see whoever was named for a visit before the escort: on the day's list, and with the work about it", async () => {
    const visit = await visitOf("ana-iv", 2);
    const { clinicId, startsAt } = await db
      .selectFrom("sessions")
      .select(["clinicId", "startsAt"])
      .where("id", "=", visit.id)
      .executeTakeFirstOrThrow();
    const onList = async () => {
      const rows = await loadToday(db, clinicId, { from: startsAt, to: instant(startsAt + MINUTE) });
      const row = rows.find(({ id }) => id === visit.id);
      return row && openCompanion(vault, row);
    };
    expect(await onList()).toEqual({ name: "Marta Ortiz", phone: MARTAS });
    await name(visit, "Finn Moss", FINNS);
    expect(await onList()).toEqual({ name: "Finn Moss", phone: FINNS });
    await agree(visit, {});
    const { id } = await db.selectFrom("tasks").select("id").where("template", "=", "escort-wrote").executeTakeFirstOrThrow();
    const [identity] = await revealPatients(world.deps, [(await findTask(db, id)) ?? expect.unreachable()], {
      actor: "staff:test",
      where: "test",
    });
    expect(identity).toMatchObject({ escort: { name: "Marta Ortiz" }, forVisit: { name: "Finn Moss", phone: "(303) 555-0181" } });
    expect((await listVisitEscorts(db, visit.of.patientId)).map(({ number }) => number)).toEqual([2]);
  });
});

describe("the link to pass on", () => {
  test("is made for each visit after which somebody goes home or stays, and for no talk", async () => {
    const visit = await visitOf("dee-kap", 2);
    const shared = await db
      .selectFrom("links")
      .select("subjectId")
      .where("patientId", "=", visit.of.patientId)
      .where("kind", "=", "share")
      .execute();
    expect(new Set(shared.map(({ subjectId }) => subjectId))).toEqual(
      new Set([visit.id, await visitIn(visit, 4), await visitIn(visit, 6)]),
    );
  });

  test("is a new one for each visit when the escort is taken away", async () => {
    const visit = await visitOf("ana-iv", 2);
    const before = await shareOf(visit.id);
    await changeEscort(world.deps, visit.of.patientId, { ...BY, change: "remove" });
    expect((await shareOf(visit.id)).generation).toBe(before.generation + 1);
  });
});

describe("a text from the number of an escort alone", () => {
  test.each(["1", "2"])("that says %s confirms and moves nothing, and goes to the inbox", async (body) => {
    const visit = await visitOf("ana-iv", 1);
    expect(await readInbound(world, await write(world, MARTAS, body))).toMatchObject({ kind: "free-text", inbox: "open" });
    expect(await db.selectFrom("sessionAnswers").select("id").where("patientId", "=", visit.of.patientId).execute()).toEqual([]);
  });

  test("that says STOP ends texts to that number, and none to the patient", async () => {
    const visit = await visitOf("ben-im", 1);
    await name(visit, "Finn Moss", FINNS);
    await agree(visit, {});
    const toPatient = async () =>
      (await rowsOf(db, visit.of)).filter(
        ({ recipient, channel, state }) => recipient === "patient" && channel === "sms" && state === "planned",
      ).length;
    const before = await toPatient();
    await write(world, FINNS, "STOP");
    expect([await texted(visit), await toPatient()]).toEqual([[], before]);
    // What they agree to on the page afterwards does not lift it: only a START does.
    await agree(visit, { scope: "all" });
    expect(await texted(visit)).toEqual([]);
  });
});
