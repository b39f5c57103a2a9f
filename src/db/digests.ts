/** Digests of visits that are not ready, and the mails that carry them: one a clinic and working day, one mail a person. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { type CalendarDay, formatDay, parseDay } from "../domain/calendar.ts";
import type { ClinicId, DigestMailId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import { insertRows } from "./rows.ts";

export async function hasDigest(db: Database, clinicId: ClinicId, about: CalendarDay): Promise<boolean> {
  const { rows } = await sql`select from digests where clinic_id = ${clinicId} and about = ${formatDay(about)}::date`.execute(db);
  return rows.length > 0;
}

export type NewDigest = {
  readonly clinicId: ClinicId;
  readonly about: CalendarDay;
  readonly unready: number;
  readonly visits: number;
  /** Names of the roster. */
  readonly people: readonly string[];
};

/** Stores it with a mail a person, due now; false when that day has had its digest. */
export async function insertDigest(tx: Tx, { clinicId, about, unready, visits, people }: NewDigest): Promise<boolean> {
  const day = formatDay(about);
  const { numAffectedRows } = await sql`
    insert into digests (clinic_id, about, unready, visits, written_at)
    values (${clinicId}, ${day}::date, ${unready}, ${visits}, (select afterglow_now())) on conflict do nothing`.execute(tx);
  if ((numAffectedRows ?? 0n) === 0n) return false;
  await insertRows(tx, "digest_mails", {
    rows: [...new Set(people)],
    columns: {
      id: ["uuid", () => newId<never>() satisfies DigestMailId],
      clinic_id: ["uuid", () => clinicId],
      about: ["date", () => day],
      person: ["text", (person) => person],
    },
  });
  return true;
}

export type DueDigestMail = {
  readonly id: DigestMailId;
  readonly clinicId: ClinicId;
  readonly slug: string;
  readonly about: CalendarDay;
  readonly unready: number;
  readonly visits: number;
  readonly person: string;
  readonly attempts: number;
  /** A process took it and did not live to say what became of it. */
  readonly isLost: boolean;
  readonly ageSeconds: number;
};

/** How long a call that was begun and of which nothing is heard belongs to whoever began it; above the channel's own deadline. */
const LEASE_SECONDS = 120;
const CLAIMED_AT_ONCE = 20;

/** Takes what is due, the longest waiting first; nothing in safe mode. */
export async function claimDigestMails(db: Database): Promise<DueDigestMail[]> {
  const { rows } = await sql<Omit<DueDigestMail, "about"> & { about: string }>`
    with due as (
      select id, state from digest_mails
      where state in ('planned', 'sending') and try_at <= (select clock_timestamp()) and (select safe_mode_since is null from clinic_clock)
      order by try_at limit ${CLAIMED_AT_ONCE} for update skip locked),
    claimed as (
      update digest_mails m set attempts = attempts + 1, state = 'sending', try_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      from due where m.id = due.id returning m.*, due.state = 'sending' as is_lost)
    select m.id, m.clinic_id, c.slug, m.about::text as about, d.unready, d.visits, m.person, m.attempts, m.is_lost,
      extract(epoch from clock_timestamp() - m.stored_at)::float8 as age_seconds
    from claimed m join digests d on d.clinic_id = m.clinic_id and d.about = m.about join clinics c on c.id = m.clinic_id`.execute(db);
  return rows.map(({ about, ...row }) => ({ ...row, about: readDay(about) }));
}

function readDay(text: string): CalendarDay {
  const day = parseDay(text);
  if (day === undefined) throw new Error(`${text} is not a day`);
  return day;
}

export type DigestMailEnd = {
  readonly state: "planned" | "sent" | "failed" | "unknown";
  readonly providerMessageId: string | null;
  readonly code: string | null;
  /** Of one that is planned again: machine time until then. */
  readonly againInSeconds: number;
};

/** What became of a call; false when another process has taken it for lost meanwhile. */
export async function recordDigestMail(
  tx: Tx,
  { id, attempts }: Pick<DueDigestMail, "id" | "attempts">,
  { state, providerMessageId, code, againInSeconds }: DigestMailEnd,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update digest_mails set state = ${state}, provider_message_id = ${providerMessageId}, code = ${code},
      try_at = clock_timestamp() + make_interval(secs => ${againInSeconds})
    where id = ${id} and state = 'sending' and attempts = ${attempts}`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}
