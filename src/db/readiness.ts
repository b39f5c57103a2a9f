/** What readiness needs beside the facts of the plan, and which visits are on the board. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import { REQUIREMENTS, type Requirement } from "../domain/protocol.ts";
import type { Readiness } from "../domain/readiness.ts";
import { judgeReadiness } from "../domain/readiness.ts";
import type { Span } from "../domain/touchpoint.ts";
import { readClinicTime } from "./clinic-clock.ts";
import { type Database, toTimestamp } from "./database.ts";
import { loadPatientFacts } from "./patient-facts.ts";

/** A visit on the board, by opaque ids; names are opened by whoever may read them. */
export type BoardVisit = {
  readonly sessionId: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly startsAt: Instant;
  /** Undefined for a visit that has begun, ended, been called off, or is held by somebody else. */
  readonly readiness: Readiness | undefined;
};

type Row = {
  sessionId: SessionId;
  seriesId: SeriesId;
  patientId: PatientId;
  startsAt: Instant;
  asked: number;
  unanswered: number;
  met: Requirement[];
};

/** The visits of a clinic that start within the span, in order of time, each with its readiness as of now. A statement a table, however many visits. */
export async function loadBoard(db: Database, clinicId: ClinicId, within: Span): Promise<BoardVisit[]> {
  const { rows } = await sql<Row>`
    select v.id as session_id, v.series_id, v.patient_id, v.starts_at,
      (select count(*) from survey_invitations i where ${BEFORE_THIS_VISIT}) as asked,
      (select count(*) from survey_invitations i where ${BEFORE_THIS_VISIT} and i.answered_at is null) as unanswered,
      array(
        select q.requirement from series_requirements q
        where q.series_id = v.series_id and q.met_on <= (v.local_start)::date
          and (q.expires_on is null or q.expires_on >= (v.local_start)::date)) as met
    from sessions v
    where v.clinic_id = ${clinicId} and v.starts_at >= ${toTimestamp(within.from)}::timestamptz and v.starts_at < ${toTimestamp(within.to)}::timestamptz
    order by v.starts_at, v.id`.execute(db);
  const { now } = await readClinicTime(db);
  const facts = await loadPatientFacts(db, [...new Set(rows.map(({ patientId }) => patientId))]);
  return rows.map(({ asked, unanswered, met, ...visit }) => {
    const patient = facts.get(visit.patientId);
    const series = patient?.series.find(({ id }) => id === visit.seriesId);
    const session = series?.sessions.find(({ id }) => id === visit.sessionId);
    if (!patient || !series || !session) return { ...visit, readiness: undefined };
    const requirements = new Map(
      REQUIREMENTS.filter((each) => series.protocol.requires.includes(each)).map((each) => [each, met.includes(each)]),
    );
    const extras = { now, unanswered: asked === 0 ? null : unanswered, requirements };
    return { ...visit, readiness: judgeReadiness({ facts: patient, series, session }, extras) };
  });
}

/** Asked in the week before the visit: what was asked earlier is no preparation for this one. */
const BEFORE_THIS_VISIT = sql`
  i.series_id = v.series_id and i.asked_at <= (select afterglow_now()) and i.asked_at < v.starts_at and i.asked_at > v.starts_at - interval '7 days'`;
