import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { ConsentGiven } from "../../src/domain/enqueue-request.ts";
import type { EscortChange } from "../../src/domain/parse-contact.ts";
import { changeEscort } from "../../src/producers/change-escort.ts";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { callsOf, openTasks } from "./support/calls.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, revisionOf, rowsOf, sessionsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const NEW = "+13035550119";
const MARTAS = "+13035550112";
const agreed: ConsentGiven = { to: "sms", source: "phone call", at: EXAMPLES_BEGIN, wording: null };
const change = (wish: Partial<EscortChange> | "remove", options = BY, of = ana) =>
  changeEscort(world.deps, of.patientId, { ...options, change: wish === "remove" ? wish : { consents: [], ...wish } });
const texts = async (of = ana) =>
  (await rowsOf(db, of)).filter(({ recipient, channel, state }) => recipient === "escort" && channel !== "task" && state === "planned")
    .length;
const nameOf = async () => {
  const row = await db.selectFrom("escorts").selectAll().where("patientId", "=", ana.patientId).executeTakeFirst();
  return row && vault.open(row.nameSealed, { table: "escorts", column: "name_sealed", row: ana.patientId });
};
const firstLinks = () =>
  db
    .selectFrom("links")
    .select("revokedAt")
    .where("patientId", "=", ana.patientId)
    .where("recipient", "=", "escort")
    .where("generation", "=", 0)
    .execute();

describe("an escort", () => {
  test("with a new phone is the same person, and has to agree anew", async () => {
    expect(await texts()).toBeGreaterThan(0);
    expect(await change({ phone: NEW })).toMatchObject({
      kind: "changed",
      value: { escort: "changed", addresses: [{ change: "replaced" }] },
    });
    expect(await texts()).toBe(0);
    expect(await nameOf()).toBe("Marta Ortiz");
  });

  test("with a new phone and consent for it goes on being told", async () => {
    const before = await texts();
    await change({ phone: NEW, consents: [agreed] });
    expect(await texts()).toBe(before);
  });

  test("of another name is another person: nothing of the one before holds, not even the phone", async () => {
    await change({ name: "Sam Walker" });
    expect(await nameOf()).toBe("Sam Walker");
    expect(await texts()).toBe(0);
    const row = await db
      .selectFrom("escorts")
      .select(["phoneSealed", "emailSealed"])
      .where("patientId", "=", ana.patientId)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ phoneSealed: null, emailSealed: null });
    const links = await firstLinks();
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
    expect(await eventsOf(db, ana.patientId)).toEqual(["patient.escort-named"]);
  });

  test("who is taken away hears nothing more, and can be named again by the next order", async () => {
    expect(await change("remove")).toMatchObject({ kind: "changed", value: { escort: "removed" } });
    expect(await nameOf()).toBeUndefined();
    expect(
      (await rowsOf(db, ana)).filter(({ recipient, state }) => recipient === "escort" && (state === "planned" || state === "held")),
    ).toEqual([]);
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + HOUR));
    const given = { ...agreed, at: instant(EXAMPLES_BEGIN + HOUR) };
    expect(await change({ name: "Marta Ortiz", phone: MARTAS, consents: [given] })).toMatchObject({
      value: { escort: "named", consents: ["sms"] },
    });
    expect(await texts()).toBeGreaterThan(0);
  });

  test("who takes the place of another is told what is still of use, and the one before hears nothing more", async () => {
    const [first] = await sessionsOf(db, ana);
    if (!first) expect.unreachable();
    await setSteppedClock(db, instant(first.startsAt - 16 * HOUR));
    const about = sql`session_id = ${first.id} and rule = 'escort-day-before' and state = 'planned'`;
    await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where ${about}`.execute(db);
    await sql`update touchpoints set state = 'sent' where rule = 'escort-day-before' and state = 'sending'`.execute(db);
    await change({ name: "Sam Walker", phone: NEW, consents: [{ ...agreed, at: instant(first.startsAt - 16 * HOUR) }] });
    const toEscort = (await rowsOf(db, ana)).filter(({ recipient, sessionId }) => recipient === "escort" && sessionId === first.id);
    expect(toEscort.map(({ rule, state }) => `${rule} ${state}`)).toEqual(["escort-day-before sent", "escort-day-before planned"]);
    const all = (await rowsOf(db, ana)).filter(({ recipient, rule }) => recipient === "escort" && rule === "escort-day-before");
    expect(new Set(all.filter(({ state }) => state === "planned").map(({ id }) => id)).size).toBe(6);
    expect(all.filter(({ state }) => state === "superseded")).toHaveLength(5);
  });

  test("who comes after a visit was called off hears nothing of that, and the one before nothing more", async () => {
    const [first] = await sessionsOf(db, ana);
    if (!first) expect.unreachable();
    const now = instant(first.startsAt - 16 * HOUR);
    await setSteppedClock(db, now);
    const about = sql`session_id = ${first.id} and recipient in ('escort', 'patient') and rule like '%day-before' and state = 'planned'`;
    await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where ${about}`.execute(db);
    await sql`update touchpoints set state = 'sent' where state = 'sending'`.execute(db);
    const off = async () =>
      (await rowsOf(db, ana))
        .filter(({ recipient, rule }) => recipient === "escort" && rule.startsWith("escort-off"))
        .map(({ state }) => state);
    await cancelSession(world.deps, first.id, { ...BY, because: "patient" });
    expect(await off()).toEqual(["planned"]);
    await setSteppedClock(db, instant(now + MINUTE));
    await change({ name: "Sam Walker", phone: NEW, consents: [{ ...agreed, at: instant(now + MINUTE) }] });
    expect(await off()).toEqual(["cancelled"]);
  });

  test("who is called about a visit is not, once somebody else escorts", async () => {
    await change({ phone: NEW });
    const [first] = await sessionsOf(db, ana);
    if (!first) expect.unreachable();
    const toCall = (await rowsOf(db, ana)).find(
      ({ recipient, channel, sessionId }) => recipient === "escort" && channel === "task" && sessionId === first.id,
    );
    await setSteppedClock(db, toCall?.tryAt ?? expect.unreachable());
    await openTasks(world);
    const call = { template: "escort-day-before", sessionId: () => first.id };
    expect(await callsOf(world, call)).toEqual(["open"]);
    await change({ name: "Sam Walker" });
    await openTasks(world);
    expect(await callsOf(world, call)).toEqual(["cancelled", "open"]);
    await change("remove");
    expect(await callsOf(world, call)).toEqual(["cancelled", "cancelled"]);
  });

  test("is named where there was none", async () => {
    const ben = await enrol(world, "ben-im");
    expect(await change({ phone: NEW }, BY, ben)).toMatchObject({ kind: "refused", faults: [{ path: "name" }] });
    expect(await change("remove", BY, ben)).toEqual({ kind: "same" });
    expect(await change({ name: "Ida Larsen", phone: NEW, locale: "es", consents: [agreed] }, BY, ben)).toMatchObject({
      value: { escort: "named" },
    });
    expect(await texts(ben)).toBeGreaterThan(0);
    const { locale } = await db.selectFrom("escorts").select("locale").where("patientId", "=", ben.patientId).executeTakeFirstOrThrow();
    expect(locale).toBe("es");
  });

  test("who is what is stored already changes nothing", async () => {
    const before = await checksum(db);
    expect(await change({ name: "Marta Ortiz", phone: MARTAS, locale: "en" })).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("is changed as a dry run without storing anything, and never on a plan that has changed since", async () => {
    const before = await checksum(db);
    expect(await change("remove", DRY)).toMatchObject({ kind: "changed", dryRun: true });
    expect(await change("remove", { ...BY, ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({
      faults: [{ path: "revision" }],
    });
    expect(await change({ email: null, consents: [{ ...agreed, to: "email" }] })).toMatchObject({
      kind: "refused",
      faults: [{ path: "consent.channel" }],
    });
    expect(await checksum(db)).toEqual(before);
  });
});
