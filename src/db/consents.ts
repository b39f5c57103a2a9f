/** The consent ledger, and the current state that it feeds: all that the claim reads. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ConsentGiven, PersonRequest } from "../domain/enqueue-request.ts";
import type { GroupId, PatientId, SessionId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";
import { insertRows, unnest } from "./rows.ts";
import type { Vault } from "./vault.ts";
import type { NewPatient } from "./people.ts";

export type ConsentContext = { readonly groupId: GroupId; readonly actor: string; readonly vault: Vault };

/** The contact points and consents of patients who are new: there is no ledger yet that could say otherwise. */
export async function insertConsents(
  tx: Tx,
  patients: readonly Pick<NewPatient, "id" | "request">[],
  context: ConsentContext,
): Promise<void> {
  const points = pointsOf(patients, context.vault);
  await insertPoints(tx, points, context);
  const rows = consentsOf(points, patients);
  await insertRows(tx, "consents", {
    rows,
    columns: {
      id: ["uuid", () => newId()],
      group_id: ["uuid", () => context.groupId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      person: ["text", ({ person }) => person],
      channel: ["text", ({ channel }) => channel],
      action: ["text", () => "granted"],
      address_index: ["bytea", ({ addressIndex }) => addressIndex],
      wording: ["text", ({ wording }) => wording],
      source: ["text", ({ source }) => source],
      actor: ["text", () => context.actor],
      at: ["timestamptz", ({ at }) => formatInstant(at)],
    },
  });
}

/** Records contact points and the consents given of patients who are known, once each, and brings the current state that the claim reads in line with the ledger. */
export async function addConsents(tx: Tx, patients: readonly Pick<NewPatient, "id" | "request">[], context: ConsentContext): Promise<void> {
  if (patients.length === 0) return;
  const points = pointsOf(patients, context.vault);
  await insertPoints(
    tx,
    points.map((point) => ({ ...point, consents: [] })),
    context,
  );
  await appendConsents(tx, consentsOf(points, patients), context);
}

function pointsOf(patients: readonly Pick<NewPatient, "id" | "request">[], vault: Vault): Point[] {
  return patients.flatMap(({ id, request }) => [
    ...toPoints(id, "patient", request, vault),
    ...(request.escort ? toPoints(id, "escort", request.escort, vault) : []),
  ]);
}

/** Granted as far as consents come with them. */
async function insertPoints(tx: Tx, points: readonly Point[], { groupId }: Pick<ConsentContext, "groupId">): Promise<void> {
  await insertRows(tx, "contact_points", {
    rows: points,
    columns: {
      patient_id: ["uuid", ({ patientId }) => patientId],
      person: ["text", ({ person }) => person],
      channel: ["text", ({ channel }) => channel],
      group_id: ["uuid", () => groupId],
      address_index: ["bytea", ({ addressIndex }) => addressIndex],
      granted: ["boolean", ({ consents }) => consents.length > 0],
    },
    onConflict: "on conflict do nothing",
  });
}

function consentsOf(points: readonly Point[], patients: readonly Pick<NewPatient, "id" | "request">[]): NewConsent[] {
  const given = points.flatMap(({ consents, ...point }) => consents.map((consent) => ({ ...point, ...consent })));
  const detail = patients.flatMap(({ id, request }) =>
    request.consents
      .filter(({ to }) => to === "detail")
      .map((consent) => ({ patientId: id, person: "patient", channel: "detail", addressIndex: null, ...consent })),
  );
  return [...given, ...detail];
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
    update contact_points c set granted = true, only_session_id = null from added a
    where c.patient_id = a.patient_id and c.person = a.person and c.channel = a.channel`.execute(tx);
}

export type ConsentEntry = {
  readonly groupId: GroupId;
  readonly patientId: PatientId;
  readonly person: "patient" | "escort";
  readonly channel: "email" | "sms" | "detail";
  /** Null for `detail`, which is agreed to whatever the address. */
  readonly addressIndex: Buffer | null;
  readonly action: "granted" | "revoked";
  readonly source: string;
  readonly wording: string | null;
  readonly actor: string;
  readonly at: Instant;
  /** The one visit about which somebody may be written to; left out: about every visit. */
  readonly onlySessionId?: SessionId;
};

export type NewestConsent = { readonly action: "granted" | "revoked"; readonly at: Instant };

/** What the ledger says last of a person, a channel and an address. */
export async function findNewestConsent(
  tx: Tx,
  { patientId, person, channel, addressIndex }: Pick<ConsentEntry, "patientId" | "person" | "channel" | "addressIndex">,
): Promise<NewestConsent | undefined> {
  const { rows } = await sql<NewestConsent>`
    select action, at from consents
    where patient_id = ${patientId} and person = ${person} and channel = ${channel} and address_index is not distinct from ${addressIndex}::bytea
    order by at desc, recorded_at desc limit 1`.execute(tx);
  return rows[0];
}

/** Adds to the ledger and brings the current state in line with it, which an entry for an address that is no longer the person's leaves alone. */
export async function recordConsent(tx: Tx, entry: ConsentEntry): Promise<void> {
  const { groupId, patientId, person, channel, addressIndex, action, source, wording, actor, at, onlySessionId } = entry;
  await sql`
    insert into consents (id, group_id, patient_id, person, channel, action, address_index, wording, source, actor, at)
    values (${newId()}, ${groupId}, ${patientId}, ${person}, ${channel}, ${action}, ${addressIndex}, ${wording}, ${source}, ${actor}, ${formatInstant(at)})`.execute(
    tx,
  );
  const granted = action === "granted";
  if (channel === "detail") await tx.updateTable("patients").set({ detailAccepted: granted }).where("id", "=", patientId).execute();
  else
    await sql`
      update contact_points set granted = ${granted}, only_session_id = ${onlySessionId ?? null}::uuid
      where patient_id = ${patientId} and person = ${person} and channel = ${channel} and address_index is not distinct from ${addressIndex}::bytea`.execute(
      tx,
    );
}
