import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { toTimestamp } from "../../src/db/database.ts";
import { makeVault } from "../../src/db/vault.ts";
import type { TaskId } from "../../src/domain/ids.ts";
import { changeTask, placeOfNote, type TaskWish } from "../../src/producers/change-task.ts";
import { NOW, storeClinic } from "../db/support/stored-clinic.ts";
import { storePerson } from "../db/support/stored-rows.ts";
import { cloneDatabase } from "../support/database.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const { clinicId, patientId, seriesId } = await storePerson(db, await storeClinic(db));
const vault = makeVault({ ring: { keys: new Map([["k1", randomBytes(32)]]) }, indexKey: randomBytes(32) });
const MARIA = "staff:Maria Lopez";
const JO = "staff:Jo Park";

let id: TaskId;

beforeEach(async () => {
  id = newId<"task">();
  const moment = toTimestamp(NOW);
  const row = { id, clinicId, patientId, seriesId, kind: "call", template: "day-before", locale: "en", state: "open", importance: "high" };
  await db
    .insertInto("tasks")
    .values({ ...row, openedAt: moment, dueBy: moment })
    .execute();
});

const ask = (wish: TaskWish, actor = MARIA, ifRevision: number | null = null) => changeTask({ db, vault }, id, { wish, actor, ifRevision });
const stored = () => db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const events = () => db.selectFrom("events").select(["kind", "actor", "data"]).where("subjectId", "=", id).orderBy("id").execute();

test("a task is taken by one person, once, and the audit says so", async () => {
  expect(await ask({ kind: "take" })).toEqual({ kind: "changed", state: "taken", assignee: MARIA, revision: 1 });
  expect(await ask({ kind: "take" })).toEqual({ kind: "same" });
  expect(await stored()).toMatchObject({ state: "taken", assignee: MARIA, revision: 1, closedAt: null });
  expect(await events()).toEqual([{ kind: "task.taken", actor: MARIA, data: { from: null } }]);
});

test("what somebody has taken is taken over only by saying so", async () => {
  await ask({ kind: "take" });
  expect(await ask({ kind: "take" }, JO)).toMatchObject({ kind: "refused", faults: [{ value: MARIA }] });
  expect(await ask({ kind: "take-over" }, JO)).toMatchObject({ kind: "changed", assignee: JO, revision: 2 });
  expect((await events()).at(-1)).toEqual({ kind: "task.taken", actor: JO, data: { from: MARIA } });
});

test("of two people who take it at one moment, one has it", async () => {
  const results = await Promise.all([ask({ kind: "take" }), ask({ kind: "take" }, JO)]);
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(["changed", "refused"]);
  expect(await events()).toHaveLength(1);
});

test("the lock is needed: of two who look before either writes, both would have it", async () => {
  const looked = Promise.withResolvers<void>();
  let lookers = 0;
  const takeUnlocked = (assignee: string) =>
    db.transaction().execute(async (tx) => {
      const task = await tx.selectFrom("tasks").select("assignee").where("id", "=", id).executeTakeFirstOrThrow();
      if (++lookers === 2) looked.resolve();
      await looked.promise;
      if (task.assignee === null) await tx.updateTable("tasks").set({ assignee, state: "taken" }).where("id", "=", id).execute();
      return task.assignee === null;
    });
  expect(await Promise.all([takeUnlocked(MARIA), takeUnlocked(JO)])).toEqual([true, true]);
});

test("what came of it is stored with a sealed note, and the event holds no word of it", async () => {
  expect(await ask({ kind: "done", outcome: "reached", note: "her sister drives" })).toMatchObject({
    kind: "changed",
    state: "done",
    revision: 1,
  });
  const { noteSealed, closedAt, closedBy, outcome } = await stored();
  expect({ closedAt, closedBy, outcome }).toEqual({ closedAt: NOW, closedBy: MARIA, outcome: "reached" });
  expect(noteSealed && vault.open(noteSealed, placeOfNote(id))).toBe("her sister drives");
  expect(await events()).toEqual([{ kind: "task.done", actor: MARIA, data: { outcome: "reached" } }]);
});

test("done is final: the same again is the same, and anything else is refused", async () => {
  await ask({ kind: "done", outcome: "voicemail", note: null });
  expect(await ask({ kind: "done", outcome: "voicemail", note: null })).toEqual({ kind: "same" });
  for (const wish of [
    { kind: "done", outcome: "reached", note: null },
    { kind: "done", outcome: "voicemail", note: "she called back" },
    { kind: "drop", reason: "no" },
    { kind: "take" },
    { kind: "take-over" },
  ] as const satisfies readonly TaskWish[])
    expect(await ask(wish)).toMatchObject({ kind: "refused", faults: [{ path: "task", value: "done" }] });
  expect(await events()).toHaveLength(1);
});

test("what is dropped says why, sealed, and stays dropped", async () => {
  expect(await ask({ kind: "drop", reason: "has moved away" })).toMatchObject({ kind: "changed", state: "dropped" });
  expect(await ask({ kind: "drop", reason: "has moved away" })).toEqual({ kind: "same" });
  expect(await ask({ kind: "drop", reason: "another" })).toMatchObject({ kind: "refused" });
  expect(await events()).toEqual([{ kind: "task.dropped", actor: MARIA, data: { outcome: null } }]);
});

test("a task that has changed since it was looked at is refused, and changes at the revision that was seen", async () => {
  await ask({ kind: "take" });
  expect(await ask({ kind: "done", outcome: "other", note: null }, JO, 0)).toMatchObject({
    kind: "refused",
    faults: [{ path: "revision", value: "0" }],
  });
  expect(await ask({ kind: "done", outcome: "other", note: null }, JO, 1)).toMatchObject({ kind: "changed", revision: 2 });
});

test("a task that nobody has is refused", async () => {
  id = newId<"task">();
  expect(await ask({ kind: "take" })).toMatchObject({ kind: "refused", faults: [{ path: "task" }] });
});
