/**
 * What enqueueing a request now would plan. Trigger: staff, before they commit. Re-checks nothing and stores nothing; it runs the planner that the stored plan
 * comes from, on the same sessions, so the same facts give the same rows.
 */
import { findApprovalInForce } from "../db/approvals.ts";
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { findPatientsByRef } from "../db/people.ts";
import { loadPatientFacts } from "../db/patient-facts.ts";
import { loadStoredTouchpoints } from "../db/plans.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import { checkCondition } from "../domain/check-condition.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import { FORESEEN_SERIES, type Foreseen, toPatientFacts, toSeriesFacts } from "../domain/foresee-series.ts";
import type { PatientFacts, PersonFacts, SeriesFacts, SessionFacts } from "../domain/patient-facts.ts";
import { inOrderOfTime, type PlanInput, planTouchpoints } from "../domain/plan-touchpoints.ts";
import { type Protocol, protocolName } from "../domain/protocol.ts";
import { quietUntil } from "../domain/quiet-until.ts";
import { resolveSessions } from "../domain/resolve-sessions.ts";
import { warnOfTexts } from "../domain/texts-per-week.ts";
import { type PlannedTouchpoint, toHistories } from "../domain/touchpoint.ts";
import { compareContact } from "./compare-contact.ts";
import { sayApproved } from "./series-context.ts";

export type PreviewRow = Omit<PlannedTouchpoint, "sessionId"> & {
  /** The session's number in the series from 1. */
  readonly session: number | null;
};

export type Preview =
  | { readonly ok: true; readonly rows: readonly PreviewRow[]; readonly warnings: readonly string[]; readonly basis: readonly string[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type PreviewBasis = {
  readonly clinic: Foreseen["clinic"] & Pick<StoredClinic, "undoMinutes">;
  readonly protocol: Protocol;
  readonly now: Instant;
  /** What is stored of the patient; null when nothing is. */
  readonly known: PatientFacts | null;
  /** What is stored of the plan of the patient's other series; left out: nothing. */
  readonly history?: PlanInput["history"];
  /** What the preview stands on, in words. */
  readonly basis: readonly string[];
};

/** Plans a request on the given basis, in order of time. */
export function previewSeries(
  request: EnqueueRequest,
  { clinic, protocol, now, known, basis, history = new Map() }: PreviewBasis,
): Preview {
  const told = toPatientFacts(request, { clinic });
  const person = known ? withTold(known, told) : told;
  const resolved = resolveSessions(request, { protocol, clinic, patientZone: person.patient.zone, now, taken: takenTimes(known) });
  const condition = checkCondition(request.condition, protocol);
  const faults = [...condition.faults, ...resolved.faults];
  if (faults.length > 0) return { ok: false, faults };
  const foreseen: Foreseen = {
    clinic,
    protocol,
    sessions: resolved.sessions,
    now,
    quietUntil: quietUntil(resolved, { now, undoMinutes: clinic.undoMinutes }),
  };
  const series = toSeriesFacts(request, foreseen);
  const facts: PatientFacts = { ...person, series: [...(known?.series ?? []), series] };
  const all = planTouchpoints({ facts, history, now });
  const numbers = new Map(series.sessions.map(({ id, number }) => [id, number]));
  const rows = inOrderOfTime(all.filter(({ seriesId }) => seriesId === FORESEEN_SERIES)).map(({ sessionId, ...row }) => ({
    ...row,
    session: sessionId ? (numbers.get(sessionId) ?? null) : null,
  }));
  return { ok: true, rows, warnings: [...resolved.warnings, ...condition.warnings, ...warnOfTexts(all, clinic.textsPerWeek)], basis };
}

/** What enqueueing would add to what is known: consent where none was on record, and an escort where none was named. All else that is stored stays. */
function withTold(known: PatientFacts, told: Omit<PatientFacts, "series">): PatientFacts {
  const consented = (before: PersonFacts, now: PersonFacts): PersonFacts => ({
    ...before,
    email: before.email === "no-consent" && now.email === "reachable" ? now.email : before.email,
    sms: before.sms === "no-consent" && now.sms === "reachable" ? now.sms : before.sms,
  });
  const { zone, quietHours } = known.patient;
  const escort = told.escort && (known.escort ? consented(known.escort, told.escort) : { ...told.escort, zone, quietHours });
  return {
    ...known,
    patient: consented(known.patient, told.patient),
    escort: escort ?? known.escort,
    detailAccepted: known.detailAccepted || told.detailAccepted,
  };
}

/** When the patient is busy with what is stored. */
function takenTimes(known: PatientFacts | null): SessionFacts[] {
  const held = new Set(["scheduled", "arrived", "dosed"]);
  return underWay(known).flatMap(({ sessions }) => sessions.filter(({ status }) => held.has(status)));
}

/** What is stored of a series that has ended lately is there for what is said about its end. */
function underWay(known: PatientFacts | null): readonly SeriesFacts[] {
  return known?.series.filter(({ status }) => status !== "stopped" && status !== "void") ?? [];
}

/** The basis that enqueueing would have: the approval in force, the stored patient, clinic time (or `now`). */
export async function loadPreviewBasis(
  { db, vault }: { db: Database; vault: Vault },
  request: EnqueueRequest,
  now?: Instant,
): Promise<PreviewBasis | { readonly faults: readonly Fault[] }> {
  const clinic = await findClinic(db, request.clinic);
  if (!clinic)
    return { faults: [{ path: "clinic", value: request.clinic, expected: "a clinic that was added (afterglow clinic add FILE)" }] };
  const approval = await findApprovalInForce(db, clinic.id, request.protocol);
  if (!approval)
    return {
      faults: [
        {
          path: "protocol",
          value: protocolName(request.protocol),
          expected: sayApproved(clinic.slug),
        },
      ],
    };
  const [stored] = await findPatientsByRef(db, clinic.groupId, [vault.blindIndex("ref", request.patient.ref)]);
  const faults = stored ? compareContact(request.patient, stored, vault) : [];
  if (faults.length > 0) return { faults };
  const known = stored ? ((await loadPatientFacts(db, [stored.id])).get(stored.id) ?? null) : null;
  const basis = [
    `approval in force of ${protocolName(request.protocol)} at ${clinic.slug}`,
    known ? `what is stored of the patient, with ${underWay(known).length} other active series` : "nothing stored of the patient yet",
    ...(known?.hold ? ["the patient is on hold: nothing is sent until that is lifted (afterglow patient release)"] : []),
    ...(stored && stored.activeSeries > 0 ? ["enqueueing a second active series needs --also"] : []),
  ];
  const history = toHistories(
    known
      ? await loadStoredTouchpoints(
          db,
          known.series.map(({ id }) => id),
        )
      : [],
  );
  return { clinic, protocol: approval.protocol, now: now ?? (await readClinicTime(db)).now, known, basis, history };
}
