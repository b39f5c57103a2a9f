/** The links of personal pages, by token or by id, with what every page says: which clinic, in which language. Reading changes nothing: mail gateways open every link. */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { Locale, StaffedHours } from "../domain/clinic.ts";
import type { ClinicId, LinkId, PatientId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { readLocale, readStaffedHours, readZone } from "./clinics.ts";
import type { Database } from "./database.ts";

export const LINK_KINDS = ["session", "survey", "preferences", "share"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

export type PageLink = {
  readonly id: LinkId;
  readonly kind: LinkKind;
  /** A session or a series, an invitation to a survey, a patient. */
  readonly subjectId: string;
  readonly recipient: "patient" | "escort";
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  /** With these the token of the link can be made again. */
  readonly generation: number;
  readonly keyId: string;
  /** Whether its time is over (on clinic time), its patient on hold, or its series undone. */
  readonly isClosed: boolean;
  /** The reader's. */
  readonly locale: Locale;
  readonly zone: Zone;
  readonly clinic: PageClinic;
  readonly birthDateSealed: Buffer | null;
  /** Clinic time. */
  readonly now: Instant;
};

export type PageClinic = {
  readonly id: ClinicId;
  readonly name: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  /** E.164 */
  readonly phone: string;
  readonly zone: Zone;
  readonly address: string | null;
  readonly staffedHours: StaffedHours;
};

/** The link of a token's hash. Unknown, revoked and expired ones, and those of a patient on hold, are all undefined, by the same statement. */
export async function findLinkByToken(db: Database, tokenHash: Buffer): Promise<PageLink | undefined> {
  const link = await findLink(db, sql`l.token_hash = ${tokenHash}`);
  return link && !link.isClosed ? link : undefined;
}

/** The link with this id unless it was revoked, its time over or not: whoever opened it in time may still be writing. */
export async function findLinkById(db: Database, id: LinkId): Promise<PageLink | undefined> {
  return findLink(db, sql`l.id = ${id}::uuid`);
}

type LinkRow = Omit<PageLink, "clinic" | "locale" | "zone"> & {
  locale: string;
  zone: string;
  clinicName: string;
  clinicCountry: string;
  clinicPhone: string;
  clinicZone: string;
  clinicAddress: string | null;
  staffedHours: unknown;
};

async function findLink(db: Database, which: RawBuilder<unknown>): Promise<PageLink | undefined> {
  // What a patient wants sent or not is theirs to say, hold or no hold.
  const { rows } = await sql<LinkRow>`
    select l.id, l.kind, l.subject_id, l.recipient, l.patient_id, l.clinic_id, l.generation, l.key_id, p.birth_date_sealed, p.zone,
      l.expires_at <= (select afterglow_now()) or (l.kind = 'share' and exists (
        select from sessions v where v.id = l.subject_id and v.discharged_at + interval '2 hours' <= (select afterglow_now()))) or (p.hold_code is not null and l.kind <> 'preferences') or (l.kind in ('session', 'share') and exists (
        select from series s where s.status = 'void' and s.id = coalesce((select v.series_id from sessions v where v.id = l.subject_id), l.subject_id))) as is_closed, (select afterglow_now()) as now,
      case l.recipient when 'escort' then coalesce(e.locale, p.locale) else p.locale end as locale,
      c.name as clinic_name, c.country as clinic_country, c.phone as clinic_phone, c.zone as clinic_zone, c.address as clinic_address, c.staffed_hours
    from links l
      join clinics c on c.id = l.clinic_id
      join patients p on p.id = l.patient_id
      left join escorts e on e.patient_id = l.patient_id
    where ${which} and l.revoked_at is null`.execute(db);
  return rows[0] && toLink(rows[0]);
}

function toLink({
  locale,
  zone,
  clinicName,
  clinicCountry,
  clinicPhone,
  clinicZone,
  clinicAddress,
  staffedHours,
  ...link
}: LinkRow): PageLink {
  const clinic = {
    id: link.clinicId,
    name: clinicName,
    country: clinicCountry,
    phone: clinicPhone,
    zone: readZone(clinicZone),
    address: clinicAddress,
    staffedHours: readStaffedHours(staffedHours),
  };
  return { ...link, locale: readLocale(locale), zone: readZone(zone), clinic };
}

export type StandingLink = Pick<PageLink, "id" | "generation" | "keyId">;

/** The link of this kind that stands for a subject and the patient, or of `share` the one for them to pass on; undefined where there is none, or its time is over. */
export async function findStandingLink(
  db: Database,
  { subjectId, kind }: Pick<PageLink, "subjectId" | "kind">,
): Promise<StandingLink | undefined> {
  const { rows } = await sql<StandingLink>`
    select id, generation, key_id from links
    where subject_id = ${subjectId}::uuid and kind = ${kind} and recipient = ${kind === "share" ? "escort" : "patient"} and revoked_at is null and expires_at > (select afterglow_now())
    order by generation desc limit 1`.execute(db);
  return rows[0];
}

/** How often somebody may be wrong in a row, and how many milliseconds of clinic time nobody may try after that. */
export type TryLimit = { readonly most: number; readonly pauseMs: number };

/** Takes a try at the year of birth before it is judged, so that tries at the same moment count as well; undefined while nobody may try. */
export async function takeTry(db: Database, id: LinkId, { most, pauseMs }: TryLimit): Promise<{ readonly failures: number } | undefined> {
  const { rows } = await sql<{ failures: number }>`
    update links set failures = case when failures >= ${most} then 1 else failures + 1 end, failed_at = (select afterglow_now())
    where id = ${id}::uuid and (failures < ${most} or failed_at is null or failed_at <= (select afterglow_now()) - ${pauseMs} * interval '1 millisecond')
    returning failures`.execute(db);
  return rows[0];
}

/** Forgets wrong years after a right one. */
export async function forgetTries(db: Database, id: LinkId): Promise<void> {
  await db.updateTable("links").set({ failures: 0, failedAt: null }).where("id", "=", id).execute();
}
