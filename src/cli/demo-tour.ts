/** The tour of the demo: six things that a newcomer does or sees, and how far they are, told from what is stored. */
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { AlertId, PatientId, SessionId } from "../domain/ids.ts";

export const TOUR = ["welcome", "confirm", "driver", "move", "next-day", "safety"] as const;
export type TourStep = (typeof TOUR)[number];

/** Stems of the message that a step waits for. */
export const AWAITED: { readonly [Step in TourStep]?: readonly string[] } = {
  welcome: ["welcome"],
  confirm: ["day-before"],
  driver: ["day-before"],
  move: ["session-moved", "session-moved-soon"],
  "next-day": ["next-day", "check-in-chase"],
  safety: ["survey-weekly", "survey-end", "survey-month"],
};

export type TourFacts = {
  readonly confirmed: boolean;
  readonly driver: boolean;
  readonly moved: boolean;
  readonly nextDay: boolean;
  /** The newest alert about the patient's safety, while nobody has it. */
  readonly openAlert: AlertId | null;
  readonly hadAlert: boolean;
  /** A critical alert that nobody has closed: what can wait is kept back. */
  readonly isKeptBack: boolean;
  /** The next visit that can still be moved. */
  readonly nextSession: SessionId | null;
  readonly nextStart: string | null;
};

export async function readTour(db: Database, patientId: PatientId): Promise<TourFacts> {
  const { rows } = await sql<TourFacts>`
    with next as (
      select id, local_start from sessions
      where patient_id = ${patientId} and status = 'scheduled' and starts_at > (select afterglow_now()) order by starts_at limit 1)
    select
      exists (select from session_answers where patient_id = ${patientId} and kind = 'confirmed') as confirmed,
      exists (select from session_answers where patient_id = ${patientId} and kind in ('driver-named', 'driver-missing')) as driver,
      exists (select from events e join sessions v on v.id = e.subject_id where v.patient_id = ${patientId} and e.kind = 'session.moved') as moved,
      exists (select from survey_responses where patient_id = ${patientId} and instrument = 'next-day') as next_day,
      (select id from alerts where patient_id = ${patientId} and state = 'open' order by raised_at desc limit 1) as open_alert,
      exists (select from alerts where patient_id = ${patientId} and level <> 'medium') as had_alert,
      exists (select from alerts where patient_id = ${patientId} and state <> 'closed' and level = 'critical') as is_kept_back,
      (select id from next) as next_session, (select local_start::text from next) as next_start`.execute(db);
  const [facts] = rows;
  if (!facts) throw new Error("The tour has no row");
  return facts;
}

/** How many messages of these stems the patient was sent. */
export async function countSent(db: Database, { patientId, stems }: { patientId: PatientId; stems: readonly string[] }): Promise<number> {
  const { rows } = await sql<{ sent: number }>`
    select count(*)::integer as sent from touchpoints
    where patient_id = ${patientId} and state = 'sent' and recipient = 'patient' and template = any(${[...stems]}::text[])`.execute(db);
  return rows[0]?.sent ?? 0;
}
