/** Pages of staff while 20,000 reminders are due at the same moment: from the commit of an answer to the moment at which the provider has taken the page. */
import { setTimeout as rest } from "node:timers/promises";
import { z } from "zod";
import { readDatabaseConfig } from "../../src/config.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { openCore } from "../../src/deps.ts";
import type { ClinicId, PatientId, SeriesId } from "../../src/domain/ids.ts";
import { pageAfterCommit } from "../../src/producers/page-after-commit.ts";
import { raiseAlerts } from "../../src/producers/raise-alerts.ts";
import { sayBound } from "../measure.ts";
import { type Finding, holdTo } from "../results.ts";
import { addDue } from "../stage/due.ts";
import type { Backend, Place, Stage } from "../stage/open-stage.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const REMINDERS = 20_000;
const ALERTS = 100;
/** Promised: docs/decisions, and the figure to which the safety path is held. */
const BAR_MS = 5_000;
const EVERY_MS = 40;
const WITHIN_MS = 120_000;

export const page: Benchmark = {
  name: "page",
  run: async (stage) => {
    const findings: Finding[] = [];
    for (const backend of stage.backends) findings.push(await measure(stage, backend));
    return findings;
  },
};

async function measure(stage: Stage, backend: Backend): Promise<Finding> {
  const place = await stage.openPlace(`page_${backend}`, backend);
  const api = stage.start("twilio-api");
  const { url } = await api.ask("start", stage.account, z.object({ url: z.string() }));
  const worker = await startWorkerProcess(stage, place, { transport: "real", env: { TWILIO_API_BASE_URL: url }, others: { api: api.pid } });
  await worker.sendRound("sms", 100);
  const done = worker.watch();
  await addDue(place.pool, stage.series, { channel: "sms", count: REMINDERS, startsInMs: 0, overMs: 0, hints: "to-be-hinted" });
  await raiseAll(place);
  await waitForPages(place);
  const bound = sayBound(done());
  const { rows } = await place.pool.query<{ p50: number; p99: number; most: number; left: string }>(`
    with taken as (
      select extract(epoch from min(g.answered_at) - a.stored_at) * 1000 as ms from alerts a join alert_pages g on g.alert_id = a.id
      where g.outcome = 'sent' group by a.id, a.stored_at)
    select percentile_disc(0.5) within group (order by ms)::double precision as p50, percentile_disc(0.99) within group (order by ms)::double precision as p99,
      max(ms)::double precision as most, (select count(*) from touchpoints where key like 'bench/%' and state in ('planned', 'sending')) as left from taken`);
  await worker.stop();
  await api.stop();
  const [row = { p50: Number.NaN, p99: Number.NaN, most: Number.NaN, left: "0" }] = rows;
  return {
    result: holdTo({ name: "page-p99", backend, value: Math.round(row.p99), unit: "ms" }, { bar: BAR_MS, good: "at-most" }),
    spread: `median ${Math.round(row.p50)} ms, latest ${Math.round(row.most)} ms`,
    conditions: `${ALERTS} answers within ${(ALERTS * EVERY_MS) / 1_000} s of the moment at which ${REMINDERS} texts fall due, ${row.left} of which were still to go behind the last page`,
    bound,
  };
}

type Person = { readonly clinicId: ClinicId; readonly patientId: PatientId; readonly seriesId: SeriesId };

/** As a web process does it: the alert in a transaction, then the job; it has no channel of its own here, so that the queue is what is measured. */
async function raiseAll({ pool, env }: Place): Promise<void> {
  const core = await openCore(readDatabaseConfig(env));
  try {
    const { rows } = await pool.query<Person>(
      `select clinic_id as "clinicId", patient_id as "patientId", id as "seriesId" from series order by md5(id::text) limit $1`,
      [ALERTS],
    );
    for (const person of rows) {
      const cause = {
        ...person,
        sessionId: null,
        kind: "self-harm-answer",
        level: "critical",
        source: "survey-response",
        sourceId: newId(),
      } as const;
      const ids = await transact(core.db, (tx) => raiseAlerts(tx, [cause], { actor: "bench" }));
      await pageAfterCommit({ ...core, pageStaff: () => Promise.resolve() }, ids);
      await rest(EVERY_MS);
    }
  } finally {
    await core.close();
  }
}

async function waitForPages({ pool }: Place): Promise<void> {
  for (let waited = 0; waited < WITHIN_MS; waited += 200) {
    const { rows } = await pool.query<{ paged: string }>(
      "select count(distinct alert_id) as paged from alert_pages where outcome = 'sent'",
    );
    if (Number(rows[0]?.paged) === ALERTS) return;
    await rest(200);
  }
  throw new Error("Not every page was taken in time");
}
