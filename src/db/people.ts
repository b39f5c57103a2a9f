/** Patients and the escorts they named, each statement for many at once. What identifies them goes in sealed. */
import { type RawBuilder, sql } from "kysely";
import { formatDay } from "../domain/calendar.ts";
import type { PatientRequest, PersonRequest } from "../domain/enqueue-request.ts";
import type { GroupId, PatientId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import { insertRows } from "./rows.ts";
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
  /** Why nothing may be sent to them for now. */
  readonly holdCode: string | null;
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
      p.quiet_from, p.quiet_to, p.zone, p.locale, p.hold_code,
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

export type NewPatient = {
  readonly id: PatientId;
  readonly request: PatientRequest;
  readonly zone: string;
  readonly locale: string;
  readonly quietFrom: number;
  readonly quietTo: number;
};

/** Stores new patients, unplanned, and the escorts they named; contact points and consents follow by {@link insertConsents}. */
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
      detail_accepted: ["boolean", ({ request }) => request.consents.some(({ to }) => to === "detail")],
      // A fact has changed: they exist. The plan is to follow.
      plan_revision: ["integer", () => 1],
      unplanned_since: ["timestamptz", () => "now"],
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
