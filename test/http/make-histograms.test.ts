import { sql } from "kysely";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { firstIdOf } from "../../src/db/measures.ts";
import { type Instant, instant, MINUTE } from "../../src/domain/calendar.ts";
import { makeHistograms } from "../../src/http/make-histograms.ts";
import { at, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const START = at("2027-01-11T16:00:00Z");
const after = (seconds: number): Instant => instant(START + seconds * 1_000);

const registry = new Registry();
const histograms = makeHistograms(registry, START);
const valueOf = async (line: string) => (await registry.metrics()).split("\n").find((each) => each.startsWith(`${line} `));

const attempt = (seconds: number, number: number) =>
  sql`
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, claimed_at, called_at, answered_at, lateness_ms, content_hash)
    select ${firstIdOf(after(seconds))}::uuid, ${newId()}, ${newId()}, ${newId()}, ${number}, 'sms', 'sent', now, now + interval '20 ms', now + interval '320 ms', 40, ''
    from (select clock_timestamp() as now) c`.execute(db);

test("an attempt is counted once, when it has settled", async () => {
  await attempt(-5, 1);
  await attempt(10, 1);
  await histograms.observe(db, after(30));
  expect(await valueOf('afterglow_attempt_lateness_seconds_count{channel="sms"}')).toBeUndefined();
  await histograms.observe(db, instant(after(11) + MINUTE));
  await histograms.observe(db, instant(after(11) + 2 * MINUTE));
  expect(await valueOf('afterglow_attempt_lateness_seconds_count{channel="sms"}')).toMatch(/ 1$/);
  expect(await valueOf('afterglow_attempt_lateness_seconds_bucket{le="0.025",channel="sms"}')).toMatch(/ 0$/);
  expect(await valueOf('afterglow_attempt_lateness_seconds_bucket{le="0.05",channel="sms"}')).toMatch(/ 1$/);
  expect(await valueOf('afterglow_attempt_claim_seconds_bucket{le="0.025",channel="sms"}')).toMatch(/ 1$/);
  expect(await valueOf('afterglow_attempt_send_seconds_bucket{le="0.25",channel="sms"}')).toMatch(/ 0$/);
  expect(await valueOf('afterglow_attempt_send_seconds_bucket{le="0.5",channel="sms"}')).toMatch(/ 1$/);
});

test("a later attempt says nothing of lateness, which is the first one's", async () => {
  await attempt(200, 2);
  await histograms.observe(db, after(300));
  expect(await valueOf('afterglow_attempt_lateness_seconds_count{channel="sms"}')).toMatch(/ 1$/);
  expect(await valueOf('afterglow_attempt_send_seconds_count{channel="sms"}')).toMatch(/ 2$/);
});

test("an alert counts until the first page about it that was taken, and no further", async () => {
  const alertId = newId<"alert">();
  await sql`
    insert into alerts (id, clinic_id, kind, level, source, source_id, raised_at, stored_at)
    values (${alertId}, ${world.clinicId}, 'self-harm-words', 'critical', 'staff', ${newId()}, now(), '2027-01-11T16:10:00Z')`.execute(db);
  const page = (seconds: number, outcome: string) =>
    sql`
      insert into alert_pages (id, alert_id, step, person, channel, outcome, began_at, answered_at)
      select ${firstIdOf(after(600 + seconds))}::uuid, ${alertId}, 0, 'Nina', 'sms', ${outcome}, at, at
      from (select timestamptz '2027-01-11T16:10:00Z' + make_interval(secs => ${seconds}) as at) t`.execute(db);
  await page(1, "refused");
  await page(2, "sent");
  await page(4, "sent");
  await histograms.observe(db, after(900));
  expect(await valueOf("afterglow_alert_page_seconds_count")).toMatch(/ 1$/);
  expect(await valueOf("afterglow_alert_page_seconds_sum")).toMatch(/ 2$/);
});
