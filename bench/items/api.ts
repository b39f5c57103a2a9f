/** Pages of the console and answers of the API beside 10,000 patients and a million touchpoints: how long, and how large. */
import { z } from "zod";
import { type CpuSplit, sayBound, watchCpu } from "../measure.ts";
import { type Finding, holdTo } from "../results.ts";
import { makeLargeClinic } from "../stage/large-clinic.ts";
import type { Place, Stage } from "../stage/open-stage.ts";
import type { Benchmark } from "./benchmark.ts";

const PAGE_BAR_MS = 200;
const API_BAR_MS = 100;
const LARGEST_BAR_KB = 150;
/** Two people click at once. */
const AT_ONCE = 2;
const WARM_UP = 4;
const CURSORS_FOLLOWED = 4;

type Target = { readonly name: string; readonly kind: "page" | "api"; readonly who: "admin" | "clinician"; readonly path: string };
type Measured = Target & { readonly times: number[]; bytes: number };

export const api: Benchmark = { name: "api", run: async (stage) => measure(stage) };

async function measure(stage: Stage): Promise<Finding[]> {
  const { scale } = stage;
  const place = await stage.openPlace("api", "postgres");
  const size = { patients: scale.apiPatients, touchpoints: scale.apiTouchpoints };
  await makeLargeClinic(place, size, scale.standing);
  const child = stage.start("web");
  const web = await child.ask("start", { env: place.env }, z.object({ url: z.string(), admin: z.string(), clinician: z.string() }));
  const ask = (target: Target) => request(web.url + target.path, web[target.who]);
  const first = (await listTargets(place)).map((target): Measured => ({ ...target, times: [], bytes: 0 }));
  const targets = [...first, ...(await followCursors(first, ask))];
  for (let turn = 0; turn < WARM_UP; turn++) for (const target of targets) await ask(target);
  const done = watchCpu({ web: child.pid, postgres: stage.postgresPid });
  for (let turn = 0; turn < scale.apiRequests; turn++)
    for (const target of targets) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(target)));
      for (const { ms, bytes } of answers) {
        target.times.push(ms);
        target.bytes = Math.max(target.bytes, bytes);
      }
    }
  const split = done();
  await child.stop();
  return [...targets.map((target) => toFinding(target, split)), sizeFinding(targets), conditionsFinding(size)];
}

function toFinding({ name, kind, times, bytes }: Measured, split: CpuSplit): Finding {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
  const bar = kind === "page" ? PAGE_BAR_MS : API_BAR_MS;
  return {
    result: holdTo({ name: `${kind} ${name} p99`, backend: null, value: at(0.99), unit: "ms" }, { bar, good: "at-most" }),
    spread: `median ${at(0.5)} ms, most ${at(1)} ms of ${sorted.length}, ${Math.ceil(bytes / 1_000)} kB`,
    conditions: "",
    bound: sayBound(split),
  };
}

function sizeFinding(targets: readonly Measured[]): Finding {
  const [largest] = targets.filter(({ kind }) => kind === "page").toSorted((a, b) => b.bytes - a.bytes);
  const result = holdTo(
    { name: "page-size", backend: null, value: Math.ceil((largest?.bytes ?? Number.NaN) / 1_000), unit: "kB" },
    { bar: LARGEST_BAR_KB, good: "at-most" },
  );
  return { result, spread: "", conditions: `the largest page: ${largest?.name ?? "none"}`, bound: "what it shows" };
}

function conditionsFinding({ patients, touchpoints }: { patients: number; touchpoints: number }): Finding {
  const result = holdTo({ name: "api-touchpoints", backend: null, value: touchpoints, unit: "rows" }, { bar: null, good: "at-least" });
  return {
    result,
    spread: "",
    conditions: `${patients.toLocaleString("en-US")} patients of three clinics; ${AT_ONCE} requests at once`,
    bound: "chosen",
  };
}

async function request(url: string, cookie: string): Promise<{ ms: number; bytes: number; body: string }> {
  const began = performance.now();
  const answer = await fetch(url, { redirect: "manual", headers: { cookie } });
  const body = await answer.text();
  const ms = performance.now() - began;
  if (answer.status !== 200) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${body.slice(0, 300)}`);
  return { ms, bytes: Buffer.byteLength(body), body };
}

const paged = z.object({ next: z.string().nullish() });

/** Lists are asked for by their first page and by a later one, which must cost no more. */
async function followCursors(targets: readonly Measured[], ask: (target: Target) => Promise<{ body: string }>): Promise<Measured[]> {
  const later: Measured[] = [];
  for (const target of targets.filter(({ kind }) => kind === "api")) {
    let path: string | undefined = target.path;
    for (let page = 0; page < CURSORS_FOLLOWED && path !== undefined; page++) {
      const read = paged.safeParse(JSON.parse((await ask({ ...target, path })).body));
      const next = read.success ? (read.data.next ?? undefined) : undefined;
      path = next && `${target.path}${target.path.includes("?") ? "&" : "?"}after=${encodeURIComponent(next)}`;
      if (path !== undefined && page === CURSORS_FOLLOWED - 1)
        later.push({ ...target, path, name: `${target.name}, page ${CURSORS_FOLLOWED + 1}`, times: [], bytes: 0 });
    }
  }
  return later;
}

async function listTargets({ pool }: Place): Promise<Target[]> {
  const { rows } = await pool.query<{ patient: string; series: string; session: string; touchpoint: string; alert: string; day: string }>(`
    select 'pat_' || s.patient_id as patient, 'ser_' || s.id as series, 'ses_' || x.id as session, 'tp_' || t.id as touchpoint,
      'alr_' || (select id from alerts a where a.clinic_id = s.clinic_id limit 1) as alert, to_char(now() + interval '3 days', 'YYYY-MM-DD') as day
    from series s join clinics c on c.id = s.clinic_id and c.slug = 'aspen-ridge' join sessions x on x.series_id = s.id join touchpoints t on t.series_id = s.id and t.channel <> 'task'
    where s.id = '00000002-0000-7000-8000-000000000300' or s.id = '00000002-0000-7000-8000-000000000303' or s.id < '00000003-0000-7000-8000-000000000000' limit 1`);
  const [one] = rows;
  if (!one) throw new Error("Nobody stands in the database");
  const clinic = "/console/clinics/aspen-ridge";
  const page = (name: string, path: string, who: Target["who"] = "clinician"): Target => ({ name, kind: "page", who, path });
  const answer = (name: string, path: string, who: Target["who"] = "clinician"): Target => ({
    name,
    kind: "api",
    who,
    path: `/api/v1${path}`,
  });
  return [
    page("today", `${clinic}/today?day=${one.day}`),
    page("sheet", `${clinic}/today/sheet?day=${one.day}`),
    page("ops", `${clinic}/ops`, "admin"),
    page("patients", `${clinic}/patients`),
    page("patient", `/console/patients/${one.patient}`),
    page("alerts", `${clinic}/alerts`),
    page("alert", `/console/alerts/${one.alert}`),
    page("tasks", `${clinic}/tasks`),
    page("replies", `${clinic}/replies`),
    page("outcomes", `${clinic}/outcomes`),
    page("outcomes of a patient", `/console/patients/${one.patient}/outcomes`),
    page("days", `${clinic}/days`),
    page("wording", `${clinic}/wording`),
    page("templates", `${clinic}/wording/templates`),
    page("settings", `${clinic}/settings`),
    page("staff", `${clinic}/settings/staff`, "admin"),
    page("systems", `${clinic}/settings/webhooks`, "admin"),
    page("wrong numbers", `${clinic}/replies/incidents`),
    answer("patients", "/clinics/aspen-ridge/patients"),
    answer("patient", `/patients/${one.patient}`),
    answer("outlook of a patient", `/patients/${one.patient}/outlook`),
    answer("series list", "/clinics/aspen-ridge/series"),
    answer("series", `/series/${one.series}`),
    answer("touchpoints of a series", `/series/${one.series}/touchpoints`),
    answer("sessions", "/clinics/aspen-ridge/sessions"),
    answer("session", `/sessions/${one.session}`),
    answer("touchpoint", `/touchpoints/${one.touchpoint}`),
    answer("outlook", "/clinics/aspen-ridge/outlook"),
    answer("readiness", `/clinics/aspen-ridge/readiness?day=${one.day}`),
    answer("tasks", "/clinics/aspen-ridge/tasks"),
    answer("alerts", "/clinics/aspen-ridge/alerts"),
    answer("replies", "/clinics/aspen-ridge/replies"),
    answer("alert", `/alerts/${one.alert}`),
    answer("tasks closed", "/clinics/aspen-ridge/tasks?state=done"),
    answer("surveys", "/clinics/aspen-ridge/surveys"),
    answer("outcomes", `/patients/${one.patient}/outcomes`),
    answer("days closed", "/clinics/aspen-ridge/closures"),
    answer("settings", "/clinics/aspen-ridge"),
    answer("wording", "/clinics/aspen-ridge/templates"),
    answer("protocols", "/clinics/aspen-ridge/protocols"),
    answer("roster", "/clinics/aspen-ridge/roster"),
    answer("incidents", "/clinics/aspen-ridge/incidents"),
    answer("systems", "/clinics/aspen-ridge/webhooks", "admin"),
    answer("audit", "/clinics/aspen-ridge/audit", "admin"),
    answer("appointments, FHIR", `/fhir/${one.patient}/Appointment`),
    answer("communications, FHIR", `/fhir/${one.patient}/Communication`),
    answer("health", "/health"),
  ];
}
