import { sql } from "kysely";
import { simpleParser } from "mailparser";
import { beforeEach, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { claimDigestMails } from "../../src/db/digests.ts";
import { saveSafety } from "../../src/db/safety-settings.ts";
import { transact } from "../../src/db/transact.ts";
import type { RosterEntry } from "../../src/domain/safety-settings.ts";
import { writeDigests } from "../../src/producers/write-digests.ts";
import { sendDigests } from "../../src/workers/send-digests.ts";
import { enrolAna } from "../support/course.ts";
import { at, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
const FRIDAY_MORNING = at("2027-01-08T18:30:00Z");
const FRIDAY_NOON = at("2027-01-08T19:00:00Z");

const roster = (...changes: Partial<RosterEntry>[]): Promise<void> => {
  const [first] = world.clinic.safety.roster;
  if (!first) throw new Error("The example has a roster");
  const safety = { ...world.clinic.safety, roster: [...world.clinic.safety.roster, ...changes.map((each) => ({ ...first, ...each }))] };
  return transact(db, (tx) => saveSafety(tx, world.clinicId, { vault, safety }));
};
const MARIA = { name: "Maria Desk", role: "desk", email: "maria@aspen-ridge.example.org", when: "staffed" } as const;

beforeEach(async () => {
  world.smtp.setFaults([]);
  world.smtp.clear();
  await sql`delete from digests`.execute(db);
  await sql`delete from sessions`.execute(db);
  await sql`update clinic_clock set safe_mode_since = null`.execute(db);
  await roster(MARIA);
  await enrolAna(world);
  await enrolAna(world);
});

const send = () => sendDigests(world.deps);
const mails = () =>
  Promise.all(
    world.smtp.mails().map(async ({ envelope, raw }) => {
      const { subject, text, html } = await simpleParser(raw);
      return { to: envelope.to, subject, text: text ?? "", html: html || "" };
    }),
  );
const again = () => sql`update digest_mails set try_at = clock_timestamp()`.execute(db);
const states = async () =>
  (await db.selectFrom("digestMails").select(["person", "state", "attempts"]).execute()).map((row) => Object.values(row).join(" "));
const confirmAll = () => sql`update sessions set status = 'cancelled', sequence = sequence + 1`.execute(db);

describe("the digest of visits that are not ready", () => {
  test("is mailed to the desk on Friday at noon and not before: counts, the day, and where to look", async () => {
    await stepClock(db, FRIDAY_MORNING);
    expect(await writeDigests(world.deps)).toBe(0);
    await stepClock(db, FRIDAY_NOON);
    expect(await writeDigests(world.deps)).toBe(1);
    expect(await send()).toBe(1);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail?.to).toEqual([MARIA.email]);
    expect(mail?.subject).toBe("Aspen Ridge Clinic: 2 visits are not ready for Monday");
    expect(mail?.text).toContain("2 of 2 visits up to Monday, January 11 are not ready.");
    expect(mail?.text).toContain(`${world.deps.publicBaseUrl}/console/clinics/aspen-ridge/today?day=2027-01-11`);
    expect(mail?.html).toContain("today?day=2027-01-11");
  });

  test("names nobody and says nothing of what is done there", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await send();
    const [mail] = await mails();
    const { rows } = await sql<{ id: string }>`select id from patients union all select id from sessions`.execute(db);
    const said = `${mail?.subject} ${mail?.text} ${mail?.html}`;
    expect(said).not.toMatch(/Ana|ketamine|infusion|driver|confirm|survey|\+1303|90[0-9]/i);
    expect(rows.some(({ id }) => said.includes(id))).toBe(false);
  });

  test("is written once, whatever comes later, and by whomever", async () => {
    await stepClock(db, FRIDAY_NOON);
    const written = await Promise.all([writeDigests(world.deps), writeDigests(world.deps)]);
    expect(written.reduce((sum, count) => sum + count)).toBe(1);
    await Promise.all([send(), send()]);
    await stepClock(db, at("2027-01-09T19:00:00Z"));
    expect(await writeDigests(world.deps)).toBe(0);
    expect(await send()).toBe(0);
    expect(await mails()).toHaveLength(1);
    expect(await states()).toEqual(["Maria Desk sent 1"]);
  });

  test("is kept and not mailed where everything is ready", async () => {
    await confirmAll();
    await stepClock(db, FRIDAY_NOON);
    expect(await writeDigests(world.deps)).toBe(1);
    expect(await send()).toBe(0);
    expect(await db.selectFrom("digests").select(["unready", "visits"]).execute()).toEqual([{ unready: 0, visits: 0 }]);
  });

  test("is in the audit: that it was written, and how each mail ended", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await send();
    const { rows } = await sql<{ kind: string; data: unknown }>`
      select kind, data from events where kind like 'digest.%' order by id desc limit 2`.execute(db);
    expect(rows.toReversed()).toEqual([
      { kind: "digest.written", data: { unready: 2, visits: 2, mails: 1 } },
      { kind: "digest.mailed", data: { about: "2027-01-11", outcome: "sent", code: null } },
    ]);
  });

  test("goes to the primary of a clinic without a desk, and to the clinic's own mailbox where nobody on the roster has one", async () => {
    await roster();
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await send();
    expect((await mails()).map(({ to }) => to)).toEqual([["ruth.gray@aspen-ridge.example.org"]]);
    world.smtp.clear();
    await sql`delete from digests`.execute(db);
    await sql`update clinics set safety_sealed = null`.execute(db);
    await writeDigests(world.deps);
    await send();
    expect((await mails()).map(({ to }) => to)).toEqual([["care@aspen-ridge.example.org"]]);
  });

  test("that the server did not take is tried again; one that may have gone is not", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    world.smtp.setFaults([{ does: "refuse", at: "mail", code: 451 }]);
    await send();
    expect(await states()).toEqual(["Maria Desk planned 1"]);
    world.smtp.setFaults([{ does: "drop-after-accepting" }]);
    await again();
    await send();
    world.smtp.setFaults([]);
    await again();
    expect(await send()).toBe(0);
    expect(await states()).toEqual(["Maria Desk unknown 2"]);
  });

  test("of a process that died while it sent is not sent a second time", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await claimDigestMails(db);
    await again();
    await send();
    expect(await states()).toEqual(["Maria Desk unknown 2"]);
    expect(await mails()).toEqual([]);
  });

  test("that was kept for the whole day is not sent any more: what it says is no longer so", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await sql`update digest_mails set stored_at = stored_at - interval '361 minutes'`.execute(db);
    await send();
    expect(await states()).toEqual(["Maria Desk failed 1"]);
    expect(await mails()).toEqual([]);
  });

  test("whose roster cannot be opened keeps no other from its people, and ends as lost", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await sql`update clinics set safety_sealed = '\\x00'`.execute(db);
    await expect(send()).rejects.toThrow("1 of 1 failed");
    await again();
    expect(await send()).toBe(1);
    expect(await states()).toEqual(["Maria Desk unknown 2"]);
    await again();
    expect(await send()).toBe(0);
  });

  test("waits for safe mode to end, and goes to nobody who has left the roster", async () => {
    await stepClock(db, FRIDAY_NOON);
    await writeDigests(world.deps);
    await sql`update clinic_clock set safe_mode_since = clock_timestamp()`.execute(db);
    expect(await send()).toBe(0);
    await sql`update clinic_clock set safe_mode_since = null`.execute(db);
    await roster();
    await send();
    expect(await states()).toEqual(["Maria Desk failed 1"]);
    expect(await mails()).toEqual([]);
  });
});
