/** `outlook`: what is to come for a patient or a clinic. */
import { readClinicTime } from "../db/clinic-clock.ts";
import { toTimestamp } from "../db/database.ts";
import { listOutlook, type TouchpointView } from "../db/view-series.ts";
import type { StoreDeps } from "../deps.ts";
import { DAY, instant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import { countStates } from "./count-states.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { showTouchpoints } from "./show-touchpoints.ts";
import { print, printJson } from "./terminal.ts";
import { toTouchpointFields } from "../domain/touchpoint-fields.ts";
import { withStore } from "./with-store.ts";

export type OutlookOptions = { readonly patient?: string; readonly clinic?: string; readonly days: string; readonly json?: true };

/** Names nobody: a patient is their id. A chart number that several groups know needs the clinic. */
export async function showOutlook({ patient, clinic, days: text, json }: OutlookOptions): Promise<ExitCode> {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 1_200) throw new UsageError(`--days ${text}: expected a whole number from 1 to 1200.`);
  if (patient === undefined && clinic === undefined) throw new UsageError("Say whose outlook: --patient REF or --clinic SLUG.");
  const rows = await withStore((store) => readOutlook(store, { patient, clinic, days }));
  if (json) for (const row of rows) printJson(toJson(row));
  else {
    showTouchpoints(rows);
    print(rows.length === 0 ? `Nothing within ${days} days.` : countStates(rows));
  }
  return EXIT.done;
}

async function readOutlook(
  store: StoreDeps,
  { patient, clinic: slug, days }: { patient: string | undefined; clinic: string | undefined; days: number },
): Promise<TouchpointView[]> {
  const clinic = slug === undefined ? null : await getClinic(store.db, slug);
  const patientId = patient === undefined ? null : await getPatient(store, patient, { clinic: slug });
  const { now } = await readClinicTime(store.db);
  return listOutlook(store.db, { patientId, clinicId: clinic?.id ?? null, until: toTimestamp(instant(now + days * DAY)) });
}

function toJson({ id, seriesId, patientId, awaits, ...touchpoint }: TouchpointView) {
  return {
    id: toPublicId("touchpoint", id),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    ...toTouchpointFields(touchpoint),
    awaits,
  };
}
