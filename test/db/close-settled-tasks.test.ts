import { type RawBuilder, sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { closeSettledTasks } from "../../src/db/tasks.ts";
import type { PatientId, TaskId } from "../../src/domain/ids.ts";
import { SETTLEMENTS } from "../../src/domain/task.ts";
import { openWorld } from "../support/world.ts";
import { storeSeriesNow, type StoredSeries } from "./support/stored-series.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const ana: StoredSeries = await storeSeriesNow(world);

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await sql`delete from escorts`.execute(db);
  await sql`update patients set hold_code = null, verified_at = null`.execute(db);
  await sql`update series set status = 'active', ended_at = null`.execute(db);
  await sql`update sessions set status = 'scheduled', arming = 0, changed_at = null, form_filed_at = null`.execute(db);
});

type Wish = {
  readonly kind: string;
  /** The rule whose touchpoint became the task; a task of the first session. */
  readonly rule?: string;
  readonly anchor?: string;
  readonly template?: string;
  readonly recipient?: string;
  readonly touchpointState?: string;
  readonly arming?: number;
};

/** A task as the sweep opens it; the rule, where the protocol has none such, is put into the approval. */
async function openTask({
  kind,
  rule,
  anchor,
  template = rule ?? "call",
  recipient = "patient",
  touchpointState = "tasked",
  arming = 0,
}: Wish): Promise<TaskId> {
  const id = newId<"task">();
  const touchpointId = rule === undefined ? null : newId<"touchpoint">();
  if (anchor !== undefined) await addRule(rule ?? "", anchor);
  if (touchpointId !== null)
    await sql`
      insert into touchpoints (id, clinic_id, patient_id, series_id, session_id, due_at, try_at, first_try_at, send_by, expires_at, occurrence, arming, state, channel, recipient,
        purpose, importance, on_unknown, locale, task_kind, zone, rule, template, key, legal_at, reason)
      select ${touchpointId}::uuid, clinic_id, patient_id, series_id, id, starts_at - interval '1 day', starts_at, starts_at, starts_at, starts_at, 0, ${arming}, ${touchpointState}, 'task',
        ${recipient}, 'reminder', 'high', 'hold', 'en', ${kind}, zone, ${rule}, ${template}, ${touchpointId}::text, tstzmultirange(tstzrange(starts_at, ends_at)), 'unknown'
      from sessions where number = 1`.execute(db);
  await sql`
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
    select ${id}::uuid, clinic_id, patient_id, series_id, id, ${touchpointId}::uuid, ${kind}, ${template}, 'en', 'high', now() - interval '1 hour', starts_at
    from sessions where number = 1`.execute(db);
  return id;
}

async function addRule(id: string, anchor: string): Promise<void> {
  const rule = JSON.stringify([{ id, anchor }]);
  await sql`update protocol_approvals set content = jsonb_set(content, '{rules}', content -> 'rules' || ${rule}::jsonb)`.execute(db);
}

async function close(): Promise<number> {
  return db.transaction().execute((tx) => closeSettledTasks(tx, [ana.patientId]));
}

async function outcomeOf(id: TaskId) {
  return db.selectFrom("tasks").select(["state", "outcome", "closedBy"]).where("id", "=", id).executeTakeFirstOrThrow();
}

const session = (set: RawBuilder<unknown>) => sql`update sessions set ${set} where number = 1`;
const status = (word: string) => session(sql`status = ${word}, changed_at = now()`);

const SETTLED: readonly [because: (typeof SETTLEMENTS)[number], fact: string, task: Wish, happen: RawBuilder<unknown>][] = [
  [
    "outcome-recorded",
    "what happened was recorded",
    { kind: "record-outcome", rule: "record-outcome", recipient: "staff" },
    status("dosed"),
  ],
  [
    "outcome-recorded",
    "the outcome that somebody was to call about was recorded",
    { kind: "call", rule: "home-safe", template: "no-outcome-call" },
    status("no_show"),
  ],
  [
    "outcome-recorded",
    "the patient did not come, so nobody files a form",
    { kind: "file-form", rule: "form", anchor: "session.dose", recipient: "staff" },
    status("no_show"),
  ],
  [
    "form-filed",
    "the form was filed",
    { kind: "file-form", rule: "form-2", anchor: "session.dose", recipient: "staff" },
    session(sql`form_filed_at = now()`),
  ],
  ["driver-named", "an escort was named", { kind: "find-driver", rule: "find-driver", recipient: "staff" }, escort()],
  ["driver-named", "an escort was named, about whom somebody was to ask", { kind: "call", rule: "driver-question" }, escort()],
  ["session-off", "the session was cancelled", { kind: "call", rule: "day-before" }, status("cancelled")],
  ["session-off", "the session was postponed, and its task had no touchpoint", { kind: "call" }, status("postponed")],
  ["session-moved", "the session was moved", { kind: "call", rule: "day-before" }, session(sql`arming = 1, changed_at = now()`)],
  [
    "session-moved",
    "the session was moved once more",
    { kind: "call", rule: "moved-1", anchor: "session.moved", arming: 1 },
    session(sql`arming = 2, changed_at = now()`),
  ],
  ["visit-begun", "the patient is here, who was to be called before", { kind: "call", rule: "day-before" }, status("arrived")],
  [
    "visit-begun",
    "the patient has gone home, for whom a driver was looked for",
    { kind: "find-driver", rule: "find-driver", recipient: "staff" },
    status("discharged"),
  ],
  [
    "pickup-changed",
    "the escort is called about another time",
    { kind: "call", rule: "ready", anchor: "session.ready", recipient: "escort" },
    session(sql`status = 'dosed', pickup_round = 1`),
  ],
  ["series-ended", "the series was voided", { kind: "record-outcome", rule: "record-outcome", recipient: "staff" }, ended("void")],
  ["series-ended", "the series was stopped before the session", { kind: "call", rule: "day-before" }, ended("stopped")],
  ["deceased", "the patient has died", { kind: "call", rule: "day-before" }, sql`update patients set hold_code = 'deceased'`],
  ["verified", "staff checked everything with the patient", { kind: "verify" }, sql`update patients set verified_at = now()`],
  ["answered", "the provider's answer was found", { kind: "settle-unknown", rule: "day-before", touchpointState: "sent" }, sql`select 1`],
];

function escort(): RawBuilder<unknown> {
  return sql`insert into escorts (patient_id, name_sealed, locale) select patient_id, '', 'en' from series`;
}

function ended(word: string): RawBuilder<unknown> {
  return sql`update series set status = ${word}, ended_at = now()`;
}

describe("a task closes itself because", () => {
  test.each(SETTLED)("%s: %s", async (because, _, task, happen) => {
    const id = await openTask(task);
    // What is settled from the start has no moment before it.
    if (because !== "answered") expect(await close()).toBe(0);
    await happen.execute(db);
    expect(await close()).toBe(1);
    expect(await outcomeOf(id)).toEqual({ state: "cancelled", outcome: because, closedBy: "afterglow" });
    const events = await db.selectFrom("events").select(["kind", "data"]).where("subjectId", "=", id).execute();
    expect(events).toEqual([{ kind: "task.cancelled", data: { kind: task.kind, because } }]);
    expect(await close()).toBe(0);
  });

  test("every word for it has a test", () => {
    expect(new Set(SETTLED.map(([because]) => because))).toEqual(new Set(SETTLEMENTS));
  });
});

const STANDING: readonly [why: string, task: Wish, happen: RawBuilder<unknown>][] = [
  ["the cancellation is what the call is about", { kind: "call", rule: "off", anchor: "session.off" }, status("cancelled")],
  [
    "the move is what the call is about",
    { kind: "call", rule: "moved", anchor: "session.moved", arming: 1 },
    session(sql`arming = 1, changed_at = now()`),
  ],
  [
    "the patient did not come, and that is what the call is about",
    { kind: "call", rule: "missed", anchor: "session.missed" },
    status("no_show"),
  ],
  [
    "whoever was to drive is called about the end of the series",
    { kind: "call", rule: "escort-off", anchor: "session.off", recipient: "escort" },
    ended("stopped"),
  ],
  ["the end of the series is what the call is about", { kind: "call", rule: "ended", anchor: "series.ended" }, ended("stopped")],
  [
    "the series was stopped, and what happened before is still to be recorded",
    { kind: "record-outcome", rule: "record-outcome", recipient: "staff" },
    ended("stopped"),
  ],
  [
    "the patient arrived, and still has nobody to drive",
    { kind: "find-driver", rule: "find-driver", recipient: "staff" },
    status("arrived"),
  ],
  [
    "the patient arrived, and what happens next is not recorded",
    { kind: "record-outcome", rule: "record-outcome", recipient: "staff" },
    status("arrived"),
  ],
  ["the patient was treated, and is called after it", { kind: "call", rule: "home-safe" }, status("discharged")],
  [
    "the patient is in hospital, and somebody has to know what to do",
    { kind: "call", rule: "day-before" },
    sql`update patients set hold_code = 'hospitalised'`,
  ],
  ["nobody knows yet whether it was sent", { kind: "settle-unknown", rule: "day-before", touchpointState: "unknown" }, status("cancelled")],
  ["it was opened after the change", { kind: "call" }, session(sql`status = 'cancelled', changed_at = now() - interval '2 hours'`)],
];

test.each(STANDING)("a task stays because %s", async (_, task, happen) => {
  const id = await openTask(task);
  await happen.execute(db);
  expect(await close()).toBe(0);
  expect(await outcomeOf(id)).toMatchObject({ state: "open", outcome: null });
});

test("a task that somebody has taken is closed too, one that is done stays done, and other patients' stay open", async () => {
  const [taken, done] = [await openTask({ kind: "call", rule: "day-before" }), await openTask({ kind: "call", rule: "days-before" })];
  await sql`update tasks set state = 'taken', assignee = 'staff:Maria' where id = ${taken}`.execute(db);
  await sql`update tasks set state = 'done', outcome = 'reached', closed_at = now(), closed_by = 'staff:Maria' where id = ${done}`.execute(
    db,
  );
  await status("cancelled").execute(db);
  const stranger = newId<"patient">() satisfies PatientId;
  expect(await db.transaction().execute((tx) => closeSettledTasks(tx, [stranger]))).toBe(0);
  expect(await close()).toBe(1);
  expect(await outcomeOf(taken)).toMatchObject({ state: "cancelled" });
  expect(await outcomeOf(done)).toMatchObject({ state: "done", outcome: "reached" });
});
