/** To which clinics something belongs, by its id: what the one check of who may touch it asks. */
import { type RawBuilder, sql } from "kysely";
import type { ClinicId, PublicKind } from "../domain/ids.ts";
import type { Database } from "./database.ts";

const IN_TABLE = {
  series: "series",
  session: "sessions",
  touchpoint: "touchpoints",
  delivery: "deliveries",
  task: "tasks",
  alert: "alerts",
  inbound: "inbound_messages",
  invitation: "survey_invitations",
  response: "survey_responses",
  assessment: "assessments",
  approval: "protocol_approvals",
  closure: "clinic_closures",
  release: "template_releases",
  incident: "privacy_incidents",
  "api-key": "api_keys",
  webhook: "webhook_endpoints",
  "webhook-event": "webhook_events",
} as const satisfies { readonly [Kind in PublicKind]?: string };

/** What a request can be about. A patient belongs to every clinic of the group that has a series for them; staff to every clinic where they have a role. */
export type SubjectKind = keyof typeof IN_TABLE | "patient" | "staff" | "switch";

/** Empty when there is no such thing. */
export async function findClinicsOf(db: Database, kind: SubjectKind, id: string): Promise<ClinicId[]> {
  const { rows } = await sql<{ clinicId: ClinicId }>`${clinicsOf(kind, id)}`.execute(db);
  return rows.map(({ clinicId }) => clinicId);
}

function clinicsOf(kind: SubjectKind, id: string): RawBuilder<unknown> {
  if (kind === "patient") return sql`select distinct clinic_id from series where patient_id = ${id} order by clinic_id`;
  if (kind === "staff") return sql`select clinic_id from staff_clinics where staff_id = ${id} order by clinic_id`;
  // One for everything belongs to every clinic at once, which only somebody of every clinic may touch.
  if (kind === "switch") return sql`select clinic_id from switches where id = ${id} and clinic_id is not null`;
  return sql`select clinic_id from ${sql.table(IN_TABLE[kind])} where id = ${id} and clinic_id is not null`;
}

/** The clinic of this slug. */
export async function findClinicId(db: Database, slug: string): Promise<ClinicId | undefined> {
  return (await db.selectFrom("clinics").select("id").where("slug", "=", slug).executeTakeFirst())?.id;
}

/** Every clinic of the installation. */
export async function listClinicIds(db: Database): Promise<ClinicId[]> {
  return (await db.selectFrom("clinics").select("id").orderBy("id").execute()).map(({ id }) => id);
}
