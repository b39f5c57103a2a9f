/** What the pages of visits show. Everything here only reads: a mail gateway opens every link it sees. */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, SessionId } from "../domain/ids.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";
import type { Database } from "./database.ts";
import { escortComes } from "./escort-comes.ts";
import type { PageLink } from "./page-links.ts";

/** A session with nothing that names a person; a driver's name stays sealed. */
export type PageSessionRow = {
  readonly id: SessionId;
  readonly approvalId: ApprovalId;
  /** Position in its series, from 1. */
  readonly number: number;
  readonly kind: string;
  readonly setting: string;
  readonly status: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly joinUrl: string | null;
  /** Whether staff moved it since it was first told. */
  readonly moved: boolean;
  /** The start that its patient had been told before it changed. */
  readonly toldStartsAt: Instant | null;
  /** The calendar's. */
  readonly sequence: number;
  /** Whether somebody is named who takes the patient home after every visit. */
  readonly hasEscort: boolean;
  /** What was said since it was last moved, in the order in which it was said. */
  readonly said: readonly SessionAnswerKind[];
};

export type PageSessions = {
  /** Whether the page lists a series; otherwise it shows one session. */
  readonly listsSeries: boolean;
  readonly sessions: readonly PageSessionRow[];
};

/** The session of the page, or those of its series that are not over; cancelled ones among them, because somebody may still remember the day. */
export async function loadPageSessions(db: Database, { subjectId }: Pick<PageLink, "subjectId">): Promise<PageSessions> {
  const own = await selectSessions(db, sql`v.id = ${subjectId}::uuid`);
  if (own.length > 0) return { listsSeries: false, sessions: own };
  const isToCome = sql`v.ends_at > (select afterglow_now()) and v.status not in ('discharged', 'completed', 'not_dosed', 'no_show')`;
  return { listsSeries: true, sessions: await selectSessions(db, sql`v.series_id = ${subjectId}::uuid and ${isToCome}`) };
}

/** The session with this number in the series of a page that lists one; undefined where there is none, or the page shows a session. */
export async function findPageSession(
  db: Database,
  { subjectId }: Pick<PageLink, "subjectId">,
  number: number,
): Promise<PageSessionRow | undefined> {
  const [row] = await selectSessions(db, sql`v.series_id = ${subjectId}::uuid and v.number = ${number}`);
  return row;
}

async function selectSessions(db: Database, which: RawBuilder<unknown>): Promise<PageSessionRow[]> {
  const { rows } = await sql<PageSessionRow>`
    select v.id, s.approval_id, v.number, v.kind, v.setting, v.status, v.zone, v.starts_at, v.ends_at, v.discharged_at, v.place, v.join_url, v.arming > 0 as moved,
      v.told_starts_at, v.sequence, exists (select from escorts e where e.patient_id = v.patient_id) and ${escortComes(sql`v`)} as has_escort,
      array(select a.kind from session_answers a where a.session_id = v.id and a.arming = v.arming order by a.at, a.id) as said
    from sessions v join series s on s.id = v.series_id
    where ${which} order by v.starts_at, v.id`.execute(db);
  return rows;
}

/** The address that the clinic's mails come from: whom an entry in a calendar names as its organizer. */
export async function findMailSender(db: Database, clinicId: PageLink["clinicId"]): Promise<{ name: string; address: string } | undefined> {
  return db
    .selectFrom("senders")
    .select(["name", "address"])
    .where("clinicId", "=", clinicId)
    .where("channel", "=", "email")
    .executeTakeFirst();
}
