import { expect, test } from "vitest";
import { sql } from "kysely";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import type { AlertId, TouchpointId } from "../../src/domain/ids.ts";
import { acknowledgeAlert } from "../../src/producers/acknowledge-alert.ts";
import { askAboutHeld } from "../../src/producers/ask-about-held.ts";
import { closeAlert } from "../../src/producers/close-alert.ts";
import { planPatients } from "../../src/producers/plan-patient.ts";
import { raiseByStaff } from "../../src/producers/raise-by-staff.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import { releaseHeld } from "../../src/producers/release-held.ts";
import { sweepPages } from "../../src/workers/page-staff.ts";
import { at, openWorld } from "../support/world.ts";
import { commitAlert, enrolAna, isDue, listPages } from "../workers/support/alarm.ts";

/** Saturday 2027-01-09, 08:00 in Denver, two days before Ana's first session. */
const SATURDAY = at("2027-01-09T15:00:00Z");
const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };

const world = await openWorld({ backend: "postgres", now: SATURDAY });
const { deps } = world;
const { db } = deps;
const ana = await enrolAna(world);

async function plan(): Promise<void> {
  await transact(db, (tx) => planPatients(tx, [ana.patientId], deps.tokens));
}

async function listRows(state: "planned" | "held") {
  return db
    .selectFrom("touchpoints")
    .select(["id", "rule", "purpose", "reason", "recipient", "sendBy", "dueAt"])
    .where("patientId", "=", ana.patientId)
    .where("state", "=", state)
    .orderBy("dueAt")
    .execute();
}

let alert: AlertId;
let kept: { id: TouchpointId; sendBy: number }[] = [];

test("a critical alert holds everything to the patient in its own transaction, before any plan is made", async () => {
  await plan();
  const before = await listRows("planned");
  expect(before.length).toBeGreaterThan(5);
  alert = await commitAlert(world, ana);
  expect((await listRows("planned")).filter(({ recipient }) => recipient !== "staff")).toEqual([]);
  expect(new Set((await listRows("held")).map(({ reason }) => reason))).toEqual(new Set(["open-alert"]));
});

test("the plan made after it holds the same", async () => {
  const before = (await listRows("held")).map(({ id }) => id).toSorted();
  await plan();
  expect((await listRows("held")).map(({ id }) => id).toSorted()).toEqual(before);
});

test("whoever has the alert is asked what becomes of the messages that a visit needs, a day before each is due, and only once", async () => {
  await acknowledgeAlert(deps, alert, { actor: "staff:Sam Ortiz", wish: "acknowledge" });
  await stepClock(db, at("2027-01-10T12:00:00Z"));
  expect(await askAboutHeld(deps)).toBeGreaterThan(0);
  expect(await askAboutHeld(deps)).toBe(0);
  const tasks = await db.selectFrom("tasks").selectAll().where("kind", "=", "decide").execute();
  expect(new Set(tasks.map(({ assignee }) => assignee))).toEqual(new Set(["staff:Sam Ortiz"]));
  const held = await listRows("held");
  kept = held.filter(({ id }) => tasks.some(({ touchpointId }) => touchpointId === id));
  expect(kept).toHaveLength(tasks.length);
  const purposes = new Set(held.filter(({ id }) => kept.some((each) => each.id === id)).map(({ purpose }) => purpose));
  expect([...purposes].every((purpose) => ["preparation", "reminder", "urgent-change"].includes(purpose))).toBe(true);
});

test("one message goes although the alert is open when its owner releases it, and the others stay", async () => {
  const [first] = kept;
  if (!first) expect.unreachable();
  expect(await releaseHeld(deps, first.id, { ...BY, verdict: "send" })).toMatchObject({ kind: "changed" });
  expect((await listRows("planned")).filter(({ recipient }) => recipient !== "staff").map(({ id }) => id)).toEqual([first.id]);
  expect(await releaseHeld(deps, first.id, { ...BY, verdict: "send" })).toEqual({ kind: "same" });
  await askAboutHeld(deps);
  const task = await db.selectFrom("tasks").select(["state", "outcome"]).where("touchpointId", "=", first.id).executeTakeFirstOrThrow();
  expect(task).toEqual({ state: "cancelled", outcome: "answered" });
});

test("what is undecided four hours before its last moment pages the owner again, once", async () => {
  const [, second] = kept;
  if (!second) expect.unreachable();
  const { sendBy } = await db.selectFrom("touchpoints").select("sendBy").where("id", "=", second.id).executeTakeFirstOrThrow();
  await stepClock(db, at(new Date(sendBy - 3 * 3_600_000).toISOString()));
  await askAboutHeld(deps);
  expect(await isDue(world, alert)).toBe(true);
  await sweepPages(deps);
  expect((await listPages(world, alert)).at(0)).toBe("Sam Ortiz: sms sent");
  expect(await acknowledgeAlert(deps, alert, { actor: "staff:Sam Ortiz", wish: "acknowledge" })).toMatchObject({ kind: "changed" });
  await askAboutHeld(deps);
  expect(await isDue(world, alert)).toBe(false);
});

test("what was said on the phone ends as told", async () => {
  const [, second] = kept;
  if (!second) expect.unreachable();
  expect(await releaseHeld(deps, second.id, { ...BY, verdict: "told" })).toMatchObject({ kind: "changed" });
  const row = await db.selectFrom("touchpoints").select(["state", "reason"]).where("id", "=", second.id).executeTakeFirstOrThrow();
  expect(row).toEqual({ state: "suppressed", reason: "already-told" });
});

test("closing plans again what is still of use, and nothing that is over", async () => {
  const closed = await closeAlert(deps, alert, { ...BY, outcome: "reached", note: "talked with Ana, sister is there" });
  expect(closed).toMatchObject({ kind: "changed" });
  expect((await listRows("held")).filter(({ reason }) => reason === "open-alert")).toEqual([]);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from touchpoints where state = 'planned' and recipient <> 'staff' and awaits is null and released_at is null and send_by <= afterglow_now()`.execute(
    db,
  );
  expect(rows).toEqual([{ count: 0 }]);
  expect(await closeAlert(deps, alert, { ...BY, outcome: "reached", note: null })).toEqual({ kind: "same" });
  expect(await closeAlert(deps, alert, { ...BY, outcome: "911", note: null })).toMatchObject({ kind: "refused" });
});

test("the card has what the caller needs, and the audit says who looked", async () => {
  const card = await readAlertCard(deps, alert, { actor: "staff:Maria Lopez", where: "test" });
  expect(card?.patient).toMatchObject({ name: ana.request.patient.name, phone: ana.request.patient.phone });
  expect(card?.note).toBe("talked with Ana, sister is there");
  expect(card?.events.map(({ kind }) => kind)).toEqual([
    "alert.raised",
    "alert.acknowledged",
    "alert.undecided",
    "alert.paged",
    "alert.acknowledged",
    "alert.closed",
  ]);
  const looked = await db.selectFrom("events").select("actor").where("kind", "=", "patient.revealed").execute();
  expect(looked).toEqual([{ actor: "staff:Maria Lopez" }]);
});

test("staff raise an alert by hand, and it is paged as any other", async () => {
  const raised = await raiseByStaff(deps, ana.patientId, { ...BY, kind: "self-harm-words", level: "critical", clinicId: null });
  expect(raised).toMatchObject({ kind: "changed" });
  const [open] = await db.selectFrom("alerts").select(["id", "source"]).where("state", "=", "open").execute();
  expect(open?.source).toBe("staff");
  if (!open) expect.unreachable();
  await sweepPages(deps);
  expect(await listPages(world, open.id)).toHaveLength(1);
});
