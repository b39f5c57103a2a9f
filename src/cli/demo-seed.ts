/** Fills the demo's database from the shipped files: the example clinic, its five approvals, and every series in `examples/`. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { insertApproval } from "../db/approvals.ts";
import { saveClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { saveSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { type Instant, parseLocalDateTime } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault, Parsed } from "../domain/fault.ts";
import type { ClinicId, PatientId, SeriesId } from "../domain/ids.ts";
import { parseSeries } from "../domain/parse-series.ts";
import { parseSeriesCsv } from "../domain/parse-series-csv.ts";
import { parseSeriesText } from "../domain/parse-series-text.ts";
import { placeLocal } from "../domain/place-in-time.ts";
import { packagePath } from "../package-root.ts";
import { type EnqueueDeps, enqueueSeries } from "../producers/enqueue-series.ts";
import { Refusal } from "./failures.ts";
import { inFile, readDrafts, sourceOf } from "./protocol-files.ts";
import { hashRelease, readTemplateFolder, templatesOf } from "./protocol-templates.ts";
import { readClinicFile } from "./read-clinic.ts";
import { readInput } from "./read-input.ts";

const ACTOR = "staff:demo";
const CLINIC_FILE = "clinic.yaml";
/** The stand-ins take whatever comes; a rate that fits a real carrier would only make the reader wait. */
const PER_SECOND = 500;

export type SeededSeries = { readonly seriesId: SeriesId; readonly patientId: PatientId; readonly request: EnqueueRequest };

/** The clinic of the examples; `own` or rates raised for stand-ins, by channel. */
export async function readDemoClinic(rates: { readonly email: "own" | "raised"; readonly sms: "own" | "raised" }): Promise<ClinicSettings> {
  const { settings } = await readClinicFile(join(packagePath("examples"), CLINIC_FILE));
  const { email, sms } = settings;
  return {
    ...settings,
    email: rates.email === "own" ? email : { ...email, perSecond: PER_SECOND },
    sms: rates.sms === "own" ? sms : { ...sms, perSecond: PER_SECOND },
  };
}

/** The Monday on which the examples begin, as the clinic opens. */
export function whenExamplesBegin({ zone }: ClinicSettings): Instant {
  const local = parseLocalDateTime("2027-01-04T08:00");
  if (local === undefined) throw new Error("The examples begin at no time");
  return placeLocal(zone, local);
}

/** Stores the clinic and the shipped protocols as approved there. */
export async function seedClinic({ db, vault }: { db: Database; vault: Vault }, clinic: ClinicSettings): Promise<ClinicId> {
  const [drafts, sources] = [await readDrafts(undefined), await readTemplateFolder(undefined)];
  return transact(db, async (tx) => {
    const { id } = await saveClinic(tx, clinic);
    await saveSafety(tx, id, { vault, safety: clinic.safety });
    for (const draft of drafts) {
      if (!("protocol" in draft)) throw new Refusal(inFile(draft.file, draft.faults));
      const templates = templatesOf(draft.protocol, sources);
      const file = sourceOf(draft);
      const hash = hashRelease(file, templates);
      await insertApproval(tx, { clinicId: id, file, templates, hash, by: "Dr. Robin Lee, medical director" });
    }
    return id;
  });
}

/** Enqueues every series in `examples/`. One that is refused stops the demo with all its faults: the examples are the program's own. */
export async function seedSeries(deps: EnqueueDeps, context: { clinic: ClinicSettings; now: Instant }): Promise<SeededSeries[]> {
  const requests = await readExamples(context);
  const results = await enqueueSeries(deps, requests, { clinic: context.clinic.slug, actor: ACTOR, second: "refuse" });
  return results.map((result, index) => {
    const request = requests[index];
    if (result.kind === "refused") throw new Refusal(inFile(request?.externalId ?? "series", result.faults));
    if (!request || !result.patientId) throw new Error(`Series ${result.seriesId} stands in the demo's database already`);
    return { seriesId: result.seriesId, patientId: result.patientId, request };
  });
}

async function readExamples(context: { clinic: ClinicSettings; now: Instant }): Promise<EnqueueRequest[]> {
  const folder = packagePath("examples");
  const files = (await readdir(folder)).filter((name) => /\.(ya?ml|csv)$/.test(name) && name !== CLINIC_FILE).sort();
  const read = await Promise.all(files.map((name) => readExample(join(folder, name), context)));
  return read.flat();
}

async function readExample(path: string, context: { clinic: ClinicSettings; now: Instant }): Promise<EnqueueRequest[]> {
  const file = basename(path);
  const { text, format } = await readInput(path);
  if (format === "csv") return parseSeriesCsv(text, context).map(({ line, result }) => accept(`${file}:${line}`, result));
  const entries = parseSeriesText(text, format);
  return accept(file, entries).map((entry) => accept(file, parseSeries(entry, context)));
}

function accept<Value>(file: string, parsed: Parsed<Value>): Value {
  if (parsed.ok) return parsed.value;
  throw new Refusal(inFile(file, parsed.faults satisfies readonly Fault[]));
}
