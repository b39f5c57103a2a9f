/** `switch off`, `switch on` and `switch list`. */
import { type Coverage, countCovered, listSwitches, type Switch } from "../db/switches.ts";
import { listClinics } from "../db/view-clinics.ts";
import type { StoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { listStemsInUse } from "../producers/list-stems-in-use.ts";
import { switchOff, switchOn, type Switched } from "../producers/switch-sending.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type SwitchOptions = {
  readonly clinic?: string;
  readonly channel?: "email" | "sms";
  readonly template?: string;
  readonly patient?: string;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly actor?: string;
  readonly json?: true;
};

type Scope = Coverage["scope"];

export async function switchSending(scope: Scope, to: "off" | "on", { json, ...options }: SwitchOptions): Promise<ExitCode> {
  const by = { actor: toActor(options.actor), dryRun: options.dryRun === true };
  const reason = to === "off" ? readReason(options.reason) : null;
  refuseUnfit(scope, options);
  const result = await withStore(async (store) => {
    const coverage = await toCoverage(store, scope, options);
    return reason === null ? switchOn(store, coverage, by) : switchOff(store, { ...coverage, reason }, by);
  });
  if (json) printJson({ scope, to, ...(result.kind === "same" ? result : { ...result, id: toPublicId("switch", result.id) }) });
  else show(result, to);
  return EXIT.done;
}

function readReason(text: string | undefined): string {
  const reading = parseLine(text ?? "", { most: 200 });
  if (!reading.ok) throw new UsageError(`--reason: expected ${reading.expected}.`);
  return reading.value;
}

const SUBJECTS = ["channel", "template", "patient"] as const;

/** Each scope takes its own option and, but for everything, a clinic: what is written and not read would stop more than was meant. */
function refuseUnfit(scope: Scope, options: SwitchOptions): void {
  for (const subject of SUBJECTS) {
    if (scope === subject && options[subject] === undefined) throw new UsageError(`switch ${scope} needs --${subject}.`);
    if (scope !== subject && options[subject] !== undefined)
      throw new UsageError(`--${subject} belongs to the scope ${subject}, not to ${scope}.`);
  }
  if (scope === "clinic" && options.clinic === undefined) throw new UsageError("switch clinic needs --clinic.");
  if (scope === "everything" && options.clinic !== undefined)
    throw new UsageError("--clinic belongs to the scope clinic, not to everything.");
}

async function toCoverage(store: StoreDeps, scope: Scope, { clinic: slug, channel, template, patient }: SwitchOptions): Promise<Coverage> {
  const clinicId = slug === undefined ? null : (await getClinic(store.db, slug)).id;
  if (template !== undefined) await refuseUnknownTemplate(store, template, clinicId);
  const patientId = patient === undefined ? undefined : await getPatient(store, patient, { clinic: slug });
  return { scope, clinicId, subject: channel ?? template ?? patientId ?? null };
}

/** A slip in the name would stop nothing. */
async function refuseUnknownTemplate({ db }: StoreDeps, template: string, clinicId: ClinicId | null): Promise<void> {
  const clinics = clinicId === null ? (await listClinics(db)).map(({ id }) => id) : [clinicId];
  const stems = await listStemsInUse(db, clinics);
  if (stems.includes(template)) return;
  const meant = findNearestWord(template, stems);
  const expected = `a template that an approved protocol sends from${meant ? `; did you mean ${meant}?` : ""}`;
  throw new Refusal([{ path: "template", value: template, expected }]);
}

function show(result: Switched, to: "off" | "on"): void {
  if (result.kind === "same") {
    print(`That switch is ${to} already; nothing was stored.`);
    return;
  }
  const { covered, dryRun } = result;
  const { planned, due, endWithinADay } = covered;
  const lead = dryRun ? "Would be: " : "";
  print(
    to === "off"
      ? `${lead}off. ${count(planned, "planned message")} of it ${planned === 1 ? "waits" : "wait"}, ${due} of them due now; ${endWithinADay} would end unsent within a day.`
      : `${lead}on. ${count(planned, "planned message")} of it may go, ${due} of them due now; what was over meanwhile has expired.`,
  );
  if (dryRun) print("Nothing was stored: this was a dry run.");
}

/** The switches that are off. */
export async function listOff({ json }: { json?: true }): Promise<ExitCode> {
  const rows = await withStore(async ({ db }) =>
    Promise.all((await listSwitches(db)).map(async (each) => ({ each, covered: await countCovered(db, each) }))),
  );
  if (json) for (const { each, covered } of rows) printJson({ ...toSwitchFields(each), ...covered });
  else if (rows.length === 0) print("No switch is off: everything is sent.");
  else
    for (const line of toTable(
      rows.map(({ each, covered }) => [
        paint.red(sayScope(each)),
        `off since ${formatInstant(each.offAt)}`,
        each.actor,
        `${covered.due} due, ${covered.planned} planned`,
        each.reason,
      ]),
    ))
      print(line);
  return EXIT.done;
}

/** `template day-before at aspen-ridge`. */
export function sayScope({ scope, subject, clinic }: Switch): string {
  const shown = scope === "patient" && subject !== null ? toPublicId("patient", subject) : subject;
  const what = shown === null ? scope : `${scope} ${shown}`;
  if (clinic === null) return what;
  return scope === "clinic" ? `clinic ${clinic}` : `${what} at ${clinic}`;
}

export function toSwitchFields({ id, scope, clinic, subject, reason, actor, offAt }: Switch) {
  const shown = scope === "patient" && subject !== null ? toPublicId("patient", subject) : subject;
  return { id: toPublicId("switch", id), scope, clinic, subject: shown, reason, actor, offAt: formatInstant(offAt) };
}
