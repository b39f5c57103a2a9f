import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { hashToken } from "../../src/db/link-tokens.ts";
import { findLinkByToken } from "../../src/db/page-links.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import type { ConsentGiven } from "../../src/domain/enqueue-request.ts";
import type { LinkId } from "../../src/domain/ids.ts";
import type { ContactChange } from "../../src/domain/parse-contact.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { at, EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, pretendSent, revisionOf, rowsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens, vault } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const NEW = "+13035550119";
const OLD = "+13035550111";
const consentTo = (to: "sms" | "email", when = at("2027-01-04T14:30:00Z")): ConsentGiven => ({
  to,
  source: "phone call",
  at: when,
  wording: "2026-10",
});
const change = (what: Partial<ContactChange>, options = BY) =>
  changeContact(world.deps, ana.patientId, { ...options, change: { consents: [], ...what } });
const pointOf = (channel: "sms" | "email") =>
  db
    .selectFrom("contactPoints")
    .selectAll()
    .where("patientId", "=", ana.patientId)
    .where("person", "=", "patient")
    .where("channel", "=", channel)
    .executeTakeFirstOrThrow();
const matching = async (phone: string) =>
  (
    await sql`select from contact_points where patient_id = ${ana.patientId} and address_index = ${vault.blindIndex("phone", phone)}`.execute(
      db,
    )
  ).rows.length;
const ledger = async (channel: string) =>
  (
    await sql<{ action: string; source: string; wording: string | null; actor: string }>`
    select action, source, wording, actor from consents where patient_id = ${ana.patientId} and person = 'patient' and channel = ${channel} order by recorded_at`.execute(
      db,
    )
  ).rows;
const textsToCome = async () =>
  (await rowsOf(db, ana)).filter(({ channel, recipient, state }) => channel === "sms" && recipient === "patient" && state === "planned");

describe("a new phone", () => {
  test("starts without consent: no text goes to it, and what texts were to say goes by mail", async () => {
    expect((await textsToCome()).length).toBeGreaterThan(0);
    const result = await change({ phone: NEW });
    expect(result).toMatchObject({ kind: "changed", value: { addresses: [{ channel: "sms", change: "replaced" }], consents: [] } });
    expect(result.kind === "changed" && result.warnings).toEqual([expect.stringContaining("until consent is on record")]);
    expect(await textsToCome()).toEqual([]);
    expect(await pointOf("sms")).toMatchObject({ granted: false, deadAt: null });
    const mails = (await rowsOf(db, ana)).filter(
      ({ channel, recipient, state }) => channel === "email" && recipient === "patient" && state === "planned",
    );
    expect(mails.length).toBeGreaterThan(0);
  });

  test("matches the patient from now on, and the old one matches nobody", async () => {
    await change({ phone: NEW });
    expect(await matching(OLD)).toBe(0);
    expect(await matching(NEW)).toBe(1);
    const { phoneSealed } = await db.selectFrom("patients").select("phoneSealed").where("id", "=", ana.patientId).executeTakeFirstOrThrow();
    expect(phoneSealed && vault.open(phoneSealed, { table: "patients", column: "phone_sealed", row: ana.patientId })).toBe(NEW);
  });

  test("with source and time of a consent is texted at once, and the ledger says why", async () => {
    const before = (await textsToCome()).length;
    const result = await change({ phone: NEW, consents: [consentTo("sms")] });
    expect(result).toMatchObject({ kind: "changed", value: { consents: ["sms"] }, warnings: [] });
    expect(await textsToCome()).toHaveLength(before);
    expect(await ledger("sms")).toMatchObject([
      { action: "granted", source: "intake form" },
      { action: "revoked", source: "address replaced" },
      { action: "granted", source: "phone call", wording: "2026-10", actor: BY.actor },
    ]);
    expect(await eventsOf(db, ana.patientId)).toEqual(["patient.contact-changed", "consent.granted"]);
  });

  test("is alive although the old one was dead", async () => {
    await sql`update contact_points set dead_at = now(), failures = 4, flagged_at = now() where patient_id = ${ana.patientId} and channel = 'sms'`.execute(
      db,
    );
    await change({ phone: NEW, consents: [consentTo("sms")] });
    expect(await pointOf("sms")).toMatchObject({ granted: true, deadAt: null, failures: 0, flaggedAt: null });
  });

  test("that has opted out gets nothing, whoever agreed to texts: an opt-out belongs to the number", async () => {
    const { groupId } = await pointOf("sms");
    const addressIndex = vault.blindIndex("phone", NEW);
    await db
      .insertInto("optOuts")
      .values({ groupId, channel: "sms", addressIndex, source: "STOP", at: new Date(EXAMPLES_BEGIN).toISOString() })
      .execute();
    const result = await change({ phone: NEW, consents: [consentTo("sms")] });
    await db.deleteFrom("optOuts").where("addressIndex", "=", addressIndex).execute();
    expect(result).toMatchObject({ kind: "changed", warnings: [expect.stringContaining("opted out")] });
    expect(
      result.kind === "changed" && result.touchpoints.filter(({ channel, after }) => channel === "sms" && after.state === "planned"),
    ).toEqual([]);
  });

  test("and back again needs a new consent: an old one does not come back with the number", async () => {
    await change({ phone: NEW });
    await change({ phone: OLD });
    expect(await pointOf("sms")).toMatchObject({ granted: false });
    const again = await change({ phone: OLD, consents: [consentTo("sms", at("2026-12-29T17:05:00Z"))] });
    expect(again).toMatchObject({ kind: "refused", faults: [{ path: "consent.at" }] });
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + HOUR));
    expect(await change({ consents: [consentTo("sms", instant(EXAMPLES_BEGIN + HOUR))] })).toMatchObject({
      kind: "changed",
      value: { consents: ["sms"] },
    });
    expect(await pointOf("sms")).toMatchObject({ granted: true });
  });
});

describe("links that were sent to the old phone", () => {
  const pageOf = async (linkId: LinkId) => {
    const link = await db.selectFrom("links").selectAll().where("id", "=", linkId).executeTakeFirstOrThrow();
    return findLinkByToken(db, hashToken(tokens.tokenOf(link)));
  };

  test("open nothing any more, while those that only mail carried still do", async () => {
    const rule = await pretendSent(db, ana, "sms");
    await pretendSent(db, ana, "email");
    const rows = await rowsOf(db, ana);
    const text = rows.find((row) => row.rule === rule && row.state === "sent" && row.channel === "sms");
    const mail = rows.find((row) => row.state === "sent" && row.channel === "email" && row.linkId !== text?.linkId);
    if (!text?.linkId) expect.unreachable();
    expect(await pageOf(text.linkId)).toBeDefined();
    const result = await change({ phone: NEW, consents: [consentTo("sms")] });
    expect(result).toMatchObject({ value: { addresses: [{ linksRevoked: 1 }] } });
    expect(await pageOf(text.linkId)).toBeUndefined();
    if (mail?.linkId) expect(await pageOf(mail.linkId)).toBeDefined();
  });

  test("are made anew, so that every message to come carries one that opens", async () => {
    await pretendSent(db, ana, "sms");
    await change({ phone: NEW, consents: [consentTo("sms")] });
    const toCome = (await rowsOf(db, ana)).filter(({ state, recipient }) => state === "planned" && recipient === "patient");
    const linked = toCome.flatMap(({ linkId }) => linkId ?? []);
    expect(linked.length).toBeGreaterThan(5);
    for (const id of new Set(linked)) expect(await pageOf(id)).toBeDefined();
  });
});

describe("a change of contact", () => {
  test("to what is stored already changes nothing", async () => {
    const before = await checksum(db);
    expect(await change({ phone: OLD, email: ana.request.patient.email })).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("twice is once", async () => {
    await change({ phone: NEW, consents: [consentTo("sms")] });
    const before = await checksum(db);
    expect(await change({ phone: NEW, consents: [consentTo("sms")] })).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("as a dry run shows what follows, and stores nothing", async () => {
    const before = await checksum(db);
    const shown = await change({ phone: null }, DRY);
    expect(await checksum(db)).toEqual(before);
    expect(shown).toMatchObject({ kind: "changed", dryRun: true, value: { addresses: [{ change: "removed" }] } });
    expect(shown.kind === "changed" && shown.touchpoints.length).toBeGreaterThan(5);
  });

  test("on a plan that has changed since, of somebody unknown, or with consent for no address is refused, and stores nothing", async () => {
    const before = await checksum(db);
    expect(await change({ phone: NEW }, { ...BY, ifRevision: (await revisionOf(db, ana)) - 1 })).toMatchObject({
      faults: [{ path: "revision" }],
    });
    expect(await change({ phone: null, consents: [consentTo("sms")] })).toMatchObject({
      kind: "refused",
      faults: [{ path: "consent.channel" }],
    });
    expect(await checksum(db)).toEqual(before);
  });

  test("to no phone and no mail leaves calls for the front desk", async () => {
    await change({ phone: null, email: null });
    const rows = (await rowsOf(db, ana)).filter(({ recipient, state }) => recipient === "patient" && state === "planned");
    expect(new Set(rows.map(({ channel }) => channel))).toEqual(new Set(["task"]));
  });
});

test("a series enqueued after the change must know the new phone", async () => {
  await change({ phone: NEW });
  const [ben] = await readSeriesExample("ben-im");
  if (!ben) expect.unreachable();
  const sessions = ben.sessions?.map((session) => ({ ...session, startsAt: instant(session.startsAt + 60 * 24 * HOUR) })) ?? null;
  const again = (phone: string) => ({
    ...ben,
    sessions,
    externalId: `again-${phone}-${ana.patientId}`,
    patient: { ...ana.request.patient, phone },
  });
  const options = { clinic: world.clinic.slug, actor: "staff:test", second: "also" } as const;
  expect((await enqueueSeries(world.deps, [again(OLD)], options))[0]).toMatchObject({
    kind: "refused",
    faults: [{ path: "patient.phone" }],
  });
  expect((await enqueueSeries(world.deps, [again(NEW)], options))[0]).toMatchObject({ kind: "enqueued" });
});
