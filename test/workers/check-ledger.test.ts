import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { findLastRun } from "../../src/db/ledger-runs.ts";
import { checkLedgerHourly, checkOnce } from "../../src/workers/check-ledger.ts";
import { makeLog } from "../../src/log.ts";
import { makeMetrics } from "../../src/http/metrics.ts";
import { openWorld } from "../support/world.ts";
import { storeClinic } from "../db/support/stored-clinic.ts";
import { storePerson, storeTouchpoint } from "../db/support/stored-rows.ts";

const {
  deps: { db, queues },
} = await openWorld({ backend: "postgres" });
const person = await storePerson(db, await storeClinic(db));
const lines: string[] = [];
const log = makeLog({ level: "info", destination: { write: (line) => lines.push(line) } });
const logged = () => lines.map((line): Record<string, unknown> => JSON.parse(line));

beforeEach(async () => {
  lines.length = 0;
  await sql`update clinic_clock set environment = 'production', mode = 'real'`.execute(db);
  await sql`truncate events, touchpoints cascade`.execute(db);
});

test("a broken promise is a line in the log and a number in the metrics, with no word of whom it is about", async () => {
  const id = await storeTouchpoint(db, person);
  expect(await checkOnce({ db, log })).toBe("checked");
  const violated = logged().filter(({ msg }) => msg === "ledger.violated");
  expect(violated.map(({ kind }) => kind)).toContain("consent-is-the-ledgers");
  expect(violated).toContainEqual(expect.objectContaining({ level: "error", kind: "consent-is-the-ledgers", count: 4 }));
  expect(lines.join("")).not.toContain(id);
  expect(lines.join("")).not.toContain(person.patientId);
  expect(await findLastRun(db)).toMatchObject({ violations: { "consent-is-the-ledgers": 4 }, unfinished: 0 });
  const metrics = makeMetrics({ db, log, queues });
  const read = await metrics.read();
  expect(read).toContain('afterglow_ledger_violations{check="consent-is-the-ledgers"} 4');
  expect(read).toMatch(/^afterglow_ledger_age_seconds \d/m);
});

test("sound books are a line as well", async () => {
  await sql`update contact_points set granted = false`.execute(db);
  await sql`update series set status = 'stopped'`.execute(db);
  await sql`update sessions set starts_at = '2027-01-12T16:00:00Z'`.execute(db);
  await sql`update protocol_approvals set templates = '{"answer-crisis": {"en": {"sms": "Call 988"}, "es": {"sms": "Llame al 988"}}}'`.execute(
    db,
  );
  expect(await checkOnce({ db, log })).toBe("checked");
  expect(logged()).toEqual([expect.objectContaining({ msg: "ledger.checked", level: "info", count: 0 })]);
});

test("one process checks for all of them, once an hour", async () => {
  const words = await Promise.all([checkOnce({ db, log }), checkOnce({ db, log }), checkOnce({ db, log })]);
  expect(words.toSorted()).toEqual(["checked", "done-by-another", "done-by-another"]);
  await sql`alter table events disable trigger events_append_only`.execute(db);
  await sql`update events set recorded_at = recorded_at - interval '56 minutes'`.execute(db);
  await sql`alter table events enable trigger events_append_only`.execute(db);
  expect(await checkOnce({ db, log })).toBe("checked");
  expect(await checkOnce({ db, log })).toBe("done-by-another");
});

test("nothing is checked by itself where it is not production", async () => {
  await sql`update clinic_clock set environment = 'test'`.execute(db);
  expect(await checkOnce({ db, log })).toBe("not-production");
  expect(await findLastRun(db)).toBeUndefined();
});

test("a worker that is told to stop leaves no half-checked books behind", async () => {
  expect(await checkOnce({ db, log }, AbortSignal.abort())).toBe("stopped");
  const hourly = checkLedgerHourly({ db, log });
  await hourly.stop();
  expect(logged().filter(({ msg }) => msg === "ledger.failed")).toEqual([]);
});
