/** The statements of enqueueing, each for many series at once. */
import { type RawBuilder, sql } from "kysely";
import { newId } from "../clock.ts";
import { formatDay, formatInstant, formatLocal, type Instant } from "../domain/calendar.ts";
import type { Cadence, ConsentGiven, PatientRequest, PersonRequest } from "../domain/enqueue-request.ts";
import type { ApprovalId, ClinicId, GroupId, PatientId, SeriesId } from "../domain/ids.ts";
import type { ResolvedSession } from "../domain/resolve-sessions.ts";
import type { Database, Tx } from "./database.ts";
import { insertRows, unnest } from "./rows.ts";
import type { Vault } from "./vault.ts";

export type SealedPatient = {
  readonly id: PatientId;
  readonly refIndex: Buffer;
  readonly nameSealed: Buffer;
  readonly birthDateSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
  readonly addressSealed: Buffer | null;
  readonly emergencyContactSealed: Buffer | null;
  readonly quietFrom: number;
  readonly quietTo: number;
  readonly zone: string;
  readonly locale: string;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  readonly escortEmailSealed: Buffer | null;
  readonly activeSeries: number;
};

/** The patients with these chart numbers, as they are stored now. */
export async function findPatientsByRef(db: Database, groupId: GroupId, refIndexes: readonly Buffer[]): Promise<SealedPatient[]> {
  return selectPatientsByRef(db, { groupId, refIndexes, lock: sql`` });
}

/** The patients with these chart numbers, locked in id order. */
export async function lockPatientsByRef(tx: Tx, groupId: GroupId, refIndexes: readonly Buffer[]): Promise<SealedPatient[]> {
  return selectPatientsByRef(tx, { groupId, refIndexes, lock: sql`for update of p` });
}

type ByRef = { readonly groupId: GroupId; readonly refIndexes: readonly Buffer[]; readonly lock: RawBuilder<unknown> };

async function selectPatientsByRef(db: Database, { groupId, refIndexes, lock }: ByRef): Promise<SealedPatient[]> {
  const { rows } = await sql<Omit<SealedPatient, "activeSeries">>`
    select p.id, p.ref_index, p.name_sealed, p.birth_date_sealed, p.phone_sealed, p.email_sealed, p.address_sealed, p.emergency_contact_sealed,
      p.quiet_from, p.quiet_to, p.zone, p.locale,
      e.name_sealed as escort_name_sealed, e.phone_sealed as escort_phone_sealed, e.email_sealed as escort_email_sealed
    from patients p left join escorts e on e.patient_id = p.id
    where p.group_id = ${groupId} and p.ref_index = any(${refIndexes}::bytea[]) order by p.id ${lock}`.execute(db);
  const active = await countActiveSeries(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, activeSeries: active.get(row.id) ?? 0 }));
}

/** A statement of its own, behind the lock: one that waits for a lock still reads other tables as they were before it waited. */
async function countActiveSeries(db: Database, ids: readonly PatientId[]): Promise<Map<PatientId, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ patientId: PatientId; count: number }>`
    select patient_id, count(*) as count from series
    where patient_id = any(${ids}::uuid[]) and status in ('enqueued', 'active', 'paused') group by patient_id`.execute(db);
  return new Map(rows.map(({ patientId, count }) => [patientId, count]));
}

export type StoredSeries = { readonly id: SeriesId; readonly externalIdIndex: Buffer; readonly contentHash: Buffer };

/** The series a clinic has under these external ids. */
export async function findSeriesByExternalId(db: Database, clinicId: ClinicId, indexes: readonly Buffer[]): Promise<StoredSeries[]> {
  const { rows } = await sql<StoredSeries>`
    select id, external_id_index, content_hash from series where clinic_id = ${clinicId} and external_id_index = any(${indexes}::bytea[])`.execute(
    db,
  );
  return rows;
}

export type NewPatient = {
  readonly id: PatientId;
  readonly request: PatientRequest;
  readonly zone: string;
  readonly locale: string;
  readonly quietFrom: number;
  readonly quietTo: number;
};

/** Stores patients and the escorts they named; contact points and consents follow by {@link insertConsents}. */
export async function insertPatients(
  tx: Tx,
  rows: readonly NewPatient[],
  { groupId, vault }: { groupId: GroupId; vault: Vault },
): Promise<void> {
  const sealAs = (table: string, column: string) => (row: string, text: string | null) =>
    text === null ? null : vault.seal(text, { table, column, row });
  const ofPatient = (column: string, value: (request: PatientRequest) => string | null) => {
    const seal = sealAs("patients", column);
    return ["bytea", ({ id, request }: NewPatient) => seal(id, value(request))] as const;
  };
  await insertRows(tx, "patients", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      group_id: ["uuid", () => groupId],
      ref_sealed: ofPatient("ref_sealed", ({ ref }) => ref),
      ref_index: ["bytea", ({ request }) => vault.blindIndex("ref", request.ref)],
      name_sealed: ofPatient("name_sealed", ({ name }) => name),
      birth_date_sealed: ofPatient("birth_date_sealed", ({ birthDate }) => (birthDate === null ? null : formatDay(birthDate))),
      phone_sealed: ofPatient("phone_sealed", ({ phone }) => phone),
      email_sealed: ofPatient("email_sealed", ({ email }) => email),
      address_sealed: ofPatient("address_sealed", ({ address }) => address),
      emergency_contact_sealed: ofPatient("emergency_contact_sealed", ({ emergencyContact }) =>
        emergencyContact ? JSON.stringify(emergencyContact) : null,
      ),
      zone: ["text", ({ zone }) => zone],
      locale: ["text", ({ locale }) => locale],
      quiet_from: ["smallint", ({ quietFrom }) => quietFrom],
      quiet_to: ["smallint", ({ quietTo }) => quietTo],
    },
  });
  await insertEscorts(tx, rows, vault);
}

/** Adds the escorts of patients who have none yet. */
export async function insertEscorts(tx: Tx, patients: readonly NewPatient[], vault: Vault): Promise<void> {
  const escorts = patients.flatMap(({ id, locale, request }) =>
    request.escort ? [{ id, locale: request.escort.locale ?? locale, ...pickContact(request.escort) }] : [],
  );
  const seal = (column: string, row: string, text: string | null) =>
    text === null ? null : vault.seal(text, { table: "escorts", column, row });
  await insertRows(tx, "escorts", {
    rows: escorts,
    columns: {
      patient_id: ["uuid", ({ id }) => id],
      name_sealed: ["bytea", ({ id, name }) => seal("name_sealed", id, name)],
      phone_sealed: ["bytea", ({ id, phone }) => seal("phone_sealed", id, phone)],
      email_sealed: ["bytea", ({ id, email }) => seal("email_sealed", id, email)],
      locale: ["text", ({ locale }) => locale],
    },
    onConflict: "on conflict do nothing",
  });
}

function pickContact({ name, phone, email }: PersonRequest): Pick<PersonRequest, "name" | "phone" | "email"> {
  return { name, phone, email };
}

export type ConsentContext = { readonly groupId: GroupId; readonly actor: string; readonly vault: Vault };

/** Records contact points and the consents given, once each, and brings the current state that the claim reads in line with the ledger. */
export async function insertConsents(
  tx: Tx,
  patients: readonly Pick<NewPatient, "id" | "request">[],
  { groupId, actor, vault }: ConsentContext,
): Promise<void> {
  const points = patients.flatMap(({ id, request }) => [
    ...toPoints(id, "patient", request, vault),
    ...(request.escort ? toPoints(id, "escort", request.escort, vault) : []),
  ]);
  await insertRows(tx, "contact_points", {
    rows: points,
    columns: {
      patient_id: ["uuid", ({ patientId }) => patientId],
      person: ["text", ({ person }) => person],
      channel: ["text", ({ channel }) => channel],
      group_id: ["uuid", () => groupId],
      address_index: ["bytea", ({ addressIndex }) => addressIndex],
    },
    onConflict: "on conflict do nothing",
  });
  const given = points.flatMap(({ consents, ...point }) => consents.map((consent) => ({ ...point, ...consent })));
  const detail = patients.flatMap(({ id, request }) =>
    request.consents
      .filter(({ to }) => to === "detail")
      .map((consent) => ({ patientId: id, person: "patient", channel: "detail", addressIndex: null, ...consent })),
  );
  await appendConsents(tx, [...given, ...detail], { groupId, actor });
}

type Point = {
  patientId: PatientId;
  person: "patient" | "escort";
  channel: "email" | "sms";
  addressIndex: Buffer | null;
  consents: readonly ConsentGiven[];
};

function toPoints(patientId: PatientId, person: Point["person"], { phone, email, consents }: PersonRequest, vault: Vault): Point[] {
  const given = (to: ConsentGiven["to"]) => consents.filter((consent) => consent.to === to);
  return [
    {
      patientId,
      person,
      channel: "email",
      addressIndex: email === null ? null : vault.blindIndex("email", email.toLowerCase()),
      consents: given("email"),
    },
    { patientId, person, channel: "sms", addressIndex: phone === null ? null : vault.blindIndex("phone", phone), consents: given("sms") },
  ];
}

type NewConsent = { patientId: PatientId; person: string; channel: string; addressIndex: Buffer | null } & ConsentGiven;

async function appendConsents(tx: Tx, rows: readonly NewConsent[], { groupId, actor }: { groupId: GroupId; actor: string }): Promise<void> {
  if (rows.length === 0) return;
  const values = unnest(rows, {
    id: ["uuid", () => newId()],
    patient_id: ["uuid", ({ patientId }) => patientId],
    person: ["text", ({ person }) => person],
    channel: ["text", ({ channel }) => channel],
    address_index: ["bytea", ({ addressIndex }) => addressIndex],
    wording: ["text", ({ wording }) => wording],
    source: ["text", ({ source }) => source],
    at: ["timestamptz", ({ at }) => formatInstant(at)],
  });
  // The same consent told twice is one consent; a newer revocation stands against an older grant.
  await sql`
    with told as (select * from ${values} as v (id, patient_id, person, channel, address_index, wording, source, at)),
    added as (
      insert into consents (id, group_id, patient_id, person, channel, action, address_index, wording, source, actor, at)
      select t.id, ${groupId}::uuid, t.patient_id, t.person, t.channel, 'granted', t.address_index, t.wording, t.source, ${actor}, t.at from told t
      where not exists (
        select from consents c where c.patient_id = t.patient_id and c.person = t.person and c.channel = t.channel
          and c.address_index is not distinct from t.address_index and c.at >= t.at)
      returning patient_id, person, channel),
    detail as (update patients p set detail_accepted = true from added a where a.channel = 'detail' and p.id = a.patient_id)
    update contact_points c set granted = true from added a
    where c.patient_id = a.patient_id and c.person = a.person and c.channel = a.channel`.execute(tx);
}

export type NewSeries = {
  readonly id: SeriesId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly approvalId: ApprovalId;
  readonly condition: string;
  readonly enqueuedAt: Instant;
  readonly quietUntil: Instant;
  readonly externalId: string | null;
  readonly contentHash: Buffer;
  readonly cadence: Cadence | null;
  readonly horizonUntil: string | null;
  readonly sessions: readonly ResolvedSession[];
};

export async function insertSeries(tx: Tx, rows: readonly NewSeries[], vault: Vault): Promise<void> {
  await insertRows(tx, "series", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      approval_id: ["uuid", ({ approvalId }) => approvalId],
      condition: ["text", ({ condition }) => condition],
      status: ["text", () => "enqueued"],
      enqueued_at: ["timestamptz", ({ enqueuedAt }) => formatInstant(enqueuedAt)],
      quiet_until: ["timestamptz", ({ quietUntil }) => formatInstant(quietUntil)],
      external_id_sealed: [
        "bytea",
        ({ id, externalId }) => externalId && vault.seal(externalId, { table: "series", column: "external_id_sealed", row: id }),
      ],
      external_id_index: ["bytea", ({ externalId }) => externalId && vault.blindIndex("external-id", externalId)],
      content_hash: ["bytea", ({ contentHash }) => contentHash],
      cadence: ["jsonb", ({ cadence }) => cadence && JSON.stringify(cadence)],
      horizon_until: ["date", ({ horizonUntil }) => horizonUntil],
    },
  });
  await insertSessions(tx, rows, vault);
}

/** Stores the sessions of these series; an outcome of the past is taken as told. */
export async function insertSessions(
  tx: Tx,
  series: readonly Pick<NewSeries, "id" | "clinicId" | "patientId" | "sessions">[],
  vault: Vault,
): Promise<void> {
  const rows = series.flatMap(({ id: seriesId, clinicId, patientId, sessions }) =>
    sessions.map((session) => ({ id: newId<"session">(), seriesId, clinicId, patientId, session })),
  );
  await insertRows(tx, "sessions", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      number: ["smallint", ({ session }) => session.number],
      kind: ["text", ({ session }) => session.kind],
      setting: ["text", ({ session }) => session.setting],
      owner: ["text", ({ session }) => session.owner],
      status: ["text", ({ session }) => session.status ?? "scheduled"],
      local_start: ["text", ({ session }) => formatLocal(session.local)],
      zone: ["text", ({ session }) => session.zone],
      resolution: ["text", ({ session }) => session.resolution],
      tz_version: ["text", () => process.versions.tz ?? "unknown"],
      starts_at: ["timestamptz", ({ session }) => formatInstant(session.startsAt)],
      ends_at: ["timestamptz", ({ session }) => formatInstant(session.endsAt)],
      place: ["text", ({ session }) => session.place],
      with_whom: ["text", ({ session }) => session.with],
      join_url: ["text", ({ session }) => session.joinUrl],
      external_id_sealed: [
        "bytea",
        ({ id, session }) =>
          session.externalId && vault.seal(session.externalId, { table: "sessions", column: "external_id_sealed", row: id }),
      ],
      external_id_index: ["bytea", ({ session }) => session.externalId && vault.blindIndex("external-id", session.externalId)],
    },
  });
}
