/** `survey list`. */
import { readZone } from "../db/clinics.ts";
import { type InvitationState, type InvitationView, listInvitations, MOST_INVITATIONS } from "../db/survey-invitations.ts";
import { formatInstant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { maskChart } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ListSurveyFlags = {
  readonly clinic?: string;
  readonly state?: InvitationState;
  readonly patient?: string;
  readonly json?: true;
};

export async function listSurveys({ clinic: slug, state, patient, json }: ListSurveyFlags): Promise<ExitCode> {
  const lines = await withStore(async (store) => {
    const clinic = slug === undefined ? null : await getClinic(store.db, slug);
    const patientId = patient === undefined ? null : await getPatient(store, patient, { clinic: slug });
    const found = await listInvitations(store.db, { clinicId: clinic?.id ?? null, patientId, state: state ?? null });
    return found.map((invitation) => ({ invitation, chart: maskChart(invitation, store.vault) }));
  });
  if (json) for (const { invitation, chart } of lines) printJson(toFields(invitation, chart));
  else for (const row of toTable(lines.map(({ invitation, chart }) => toCells(invitation, chart)))) print(row);
  if (!json) print(lines.length === 0 ? "No surveys." : count(lines.length, "survey"));
  if (lines.length >= MOST_INVITATIONS) say(`warning: only the first ${MOST_INVITATIONS} are listed; ask for one clinic, patient or state`);
  return EXIT.done;
}

function standingOf({ answeredAt, askedAt, closesAt, isBegun, now }: InvitationView): string {
  if (answeredAt !== null) return "answered";
  if (askedAt > now) return "planned";
  if (closesAt <= now) return "missed";
  return isBegun ? "begun" : "open";
}

function toCells(invitation: InvitationView, chart: string): string[] {
  const { id, zone, instrument, askedAt, closesAt, answeredAt } = invitation;
  const place = readZone(zone);
  const until = answeredAt === null ? `closes ${sayWhen(place, closesAt)}` : sayWhen(place, answeredAt);
  return [`asked ${sayWhen(place, askedAt)}`, instrument, `chart ${chart}`, standingOf(invitation), until, toPublicId("invitation", id)];
}

function toFields(invitation: InvitationView, chart: string) {
  const { id, clinic, patientId, seriesId, instrument, askedAt, closesAt, answeredAt } = invitation;
  return {
    id: toPublicId("invitation", id),
    clinic,
    patient: toPublicId("patient", patientId),
    chart,
    series: toPublicId("series", seriesId),
    instrument,
    state: standingOf(invitation),
    askedAt: formatInstant(askedAt),
    closesAt: formatInstant(closesAt),
    answeredAt: answeredAt === null ? null : formatInstant(answeredAt),
  };
}
