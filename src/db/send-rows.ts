/** What a hint's messages are written from: a row a touchpoint with what is sealed still sealed, and who speaks. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { StaffedHours } from "../domain/clinic.ts";
import type { ApprovalId, LinkId, PatientId, SenderId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { readStaffedHours, readZone } from "./clinics.ts";
import type { Database } from "./database.ts";

/** A touchpoint with everything its message is written from; sealed values still sealed. */
export type SendRow = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly senderId: SenderId;
  readonly template: string;
  readonly rule: string;
  readonly purpose: string;
  readonly locale: string;
  readonly zone: string;
  readonly recipient: "patient" | "escort";
  readonly expiresAt: Instant;
  /** Of the row as it was loaded: every change of it gives another one, and every fact about its patient changes it. */
  readonly version: string;
  /** Clinic time at which it is sent: now, or when it comes due in a moment. */
  readonly now: Instant;
  /** Milliseconds of machine time until it may be claimed; 0 for what is due. */
  readonly dueInMs: number;
  /** Machine time at which clinic time reached the first try; lateness is measured from it. */
  readonly reachedAt: Instant;
  readonly house: House;
  readonly approvalId: ApprovalId;
  readonly patientNameSealed: Buffer;
  readonly detailAccepted: boolean;
  readonly escortNameSealed: Buffer | null;
  readonly addressSealed: Buffer | null;
  /** Blind index of the address: the claim asks whether it is still the recipient's. */
  readonly addressIndex: Buffer;
  /** Which column the address stands in, part of what seals it. */
  readonly addressColumn: "email_sealed" | "phone_sealed";
  readonly linkId: LinkId;
  readonly linkGeneration: number;
  readonly linkKeyId: string;
  /** The link to the reader's preferences, of mails; null where there is none. */
  readonly preferencesId: LinkId | null;
  readonly preferencesGeneration: number | null;
  readonly preferencesKeyId: string | null;
  readonly kind: string | null;
  readonly setting: string | null;
  readonly sessionZone: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
  readonly sequence: number | null;
  readonly toldStartsAt: Instant | null;
  readonly pickupAt: Instant | null;
  readonly changedBecause: string | null;
  readonly sessionStatus: string | null;
};

/** Who speaks: the sender and its clinic, the same object for every row of theirs until one of the two is changed. */
export type House = {
  readonly address: string;
  readonly name: string;
  readonly clinicName: string;
  readonly phone: string;
  readonly zone: Zone;
  readonly staffedHours: StaffedHours;
  readonly clinicAddress: string | null;
};

/** A hint wakes a moment before its rows are due, so that they are written when they are. */
const SOON = "50 milliseconds";

/** A text has no room for it. */
const PREFERENCES = {
  email: sql`left join lateral (
      select p.id, p.generation, p.key_id from links p
      where p.subject_id = t.patient_id and p.kind = 'preferences' and p.recipient = t.recipient and p.revoked_at is null
      order by p.generation desc limit 1) n on true`,
  sms: sql`cross join (select null::uuid as id, null::smallint as generation, null::text as key_id) n`,
};

/** The rows of a hint that look as if they may be sent now. The claim decides: what else forbids a send is left to it. */
export async function loadForSending(db: Database, ids: readonly TouchpointId[], channel: "email" | "sms"): Promise<SendRow[]> {
  const addressColumn = channel === "email" ? "email_sealed" : "phone_sealed";
  const address = sql.raw(`case t.recipient when 'escort' then e.${addressColumn} else p.${addressColumn} end`);
  const { rows } = await sql<Omit<SendRow, "house" | "addressColumn"> & { houseVersion: string }>`
    select t.id, t.patient_id as "patientId", t.series_id as "seriesId", t.session_id as "sessionId", t.sender_id as "senderId", t.template, t.rule, t.purpose,
      t.locale, t.zone, t.recipient, t.expires_at as "expiresAt", t.xmin::text as version, greatest(t.try_at, (select afterglow_now())) as now,
      case k.mode when 'stepped' then 0 else greatest(0, extract(epoch from t.try_at - (select afterglow_now())) * 1000 / k.scale)::float8 end as "dueInMs",
      case k.mode when 'real' then t.first_try_at when 'stepped' then k.machine_at else k.machine_at + (t.first_try_at - k.clinic_at) / k.scale end as "reachedAt",
      d.xmin::text || ' ' || c.xmin::text as "houseVersion", s.approval_id as "approvalId", p.name_sealed as "patientNameSealed", p.detail_accepted as "detailAccepted",
      e.name_sealed as "escortNameSealed", ${address} as "addressSealed", a.address_index as "addressIndex",
      l.id as "linkId", l.generation as "linkGeneration", l.key_id as "linkKeyId",
      n.id as "preferencesId", n.generation as "preferencesGeneration", n.key_id as "preferencesKeyId",
      v.kind, v.setting, v.zone as "sessionZone", v.starts_at as "startsAt", v.ends_at as "endsAt", v.discharged_at as "dischargedAt", v.place,
      v.with_whom as "withWhom", v.join_url as "joinUrl", v.sequence, v.told_starts_at as "toldStartsAt", v.pickup_at as "pickupAt",
      v.changed_because as "changedBecause", v.status as "sessionStatus"
    from touchpoints t
      cross join clinic_clock k
      join senders d on d.id = t.sender_id
      join clinics c on c.id = t.clinic_id
      join series s on s.id = t.series_id
      join patients p on p.id = t.patient_id
      join links l on l.id = t.link_id
      join contact_points a on a.patient_id = t.patient_id and a.person = t.recipient and a.channel = t.channel and a.address_index is not null
      left join escorts e on e.patient_id = t.patient_id
      left join sessions v on v.id = t.session_id
      ${PREFERENCES[channel]}
    where t.id = any(${ids}::uuid[]) and t.channel = ${channel} and t.state = 'planned' and t.awaits is null
      and t.try_at <= (select afterglow_now() + case mode when 'stepped' then interval '0' else ${SOON}::interval * scale end from clinic_clock)
      and t.legal_at @> greatest(t.try_at, (select afterglow_now())) and ${address} is not null`.execute(asWritten(db));
  const houses = await findHouses(db, rows);
  return rows.map((row) => Object.assign(row, { addressColumn, house: known(houses, row.senderId) } as const));
}

const written = new WeakMap<Database, Database>();

/** Without the plugin that renames columns: it copies every row, and this is where rows are many. */
function asWritten(db: Database): Database {
  let plain = written.get(db);
  if (!plain) written.set(db, (plain = db.withoutPlugins()));
  return plain;
}

type KnownHouse = { readonly version: string; readonly house: House };

/** Read once for each version of the rows it is made of, so that a change is seen at once. */
const houses = new Map<SenderId, KnownHouse>();

async function findHouses(
  db: Database,
  rows: readonly { senderId: SenderId; houseVersion: string }[],
): Promise<ReadonlyMap<SenderId, KnownHouse>> {
  const stale = rows.filter(({ senderId, houseVersion }) => houses.get(senderId)?.version !== houseVersion).map(({ senderId }) => senderId);
  if (stale.length > 0) {
    const fresh = await sql<Omit<House, "zone"> & { id: SenderId; version: string; zone: string }>`
      select d.id, d.xmin::text || ' ' || c.xmin::text as version, d.address, d.name, c.name as clinic_name, c.phone, c.zone, c.staffed_hours, c.address as clinic_address
      from senders d join clinics c on c.id = d.clinic_id where d.id = any(${[...new Set(stale)]}::uuid[])`.execute(db);
    for (const { id, version, zone, staffedHours, ...house } of fresh.rows)
      houses.set(id, { version, house: { ...house, zone: readZone(zone), staffedHours: readStaffedHours(staffedHours) } });
  }
  return houses;
}

function known(all: ReadonlyMap<SenderId, KnownHouse>, id: SenderId): House {
  const found = all.get(id);
  if (!found) throw new Error(`Sender ${id} is not stored`);
  return found.house;
}

export type SessionToCome = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  /** What its series is pinned to. */
  readonly approvalId: ApprovalId;
  readonly kind: string;
  readonly setting: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
};

/** Sessions still to take place of these patients, in order of time: of every series that goes on, and of these series whatever they do. */
export async function loadUpcomingSessions(
  db: Database,
  of: readonly { readonly patientId: PatientId; readonly seriesId: SeriesId }[],
): Promise<SessionToCome[]> {
  const patientIds = [...new Set(of.map(({ patientId }) => patientId))];
  const seriesIds = [...new Set(of.map(({ seriesId }) => seriesId))];
  const { rows } = await sql<SessionToCome>`
    select v.id, v.series_id, v.patient_id, s.approval_id, v.kind, v.setting, v.zone, v.starts_at, v.ends_at, v.discharged_at, v.place, v.with_whom, v.join_url
    from series s join sessions v on v.series_id = s.id
    where s.patient_id = any(${patientIds}::uuid[]) and (s.status in ('enqueued', 'active') or s.id = any(${seriesIds}::uuid[]))
      and v.status = 'scheduled' and v.starts_at > (select afterglow_now())
    order by v.starts_at, v.id`.execute(db);
  return rows;
}
