/** What every page of the console says besides its own matter: where one is and what waits elsewhere. */
import { sql } from "kysely";
import type { ClinicId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export type ConsoleClinic = {
  readonly id: ClinicId;
  readonly slug: string;
  readonly name: string;
  readonly zone: string;
  /** Alerts nobody has acknowledged, texts nobody has answered, tasks that are open. */
  readonly alerts: number;
  readonly replies: number;
  readonly tasks: number;
};

/** A badge says "99" and no more. */
const COUNTED = 99;

/** These clinics by name, each with what waits there. */
export async function listConsoleClinics(db: Database, ids: readonly ClinicId[]): Promise<ConsoleClinic[]> {
  const { rows } = await sql<ConsoleClinic>`
    select c.id, c.slug, c.name, c.zone,
      (select count(*) from (select from alerts a where a.clinic_id = c.id and a.state = 'open' limit ${COUNTED}) a)::integer as alerts,
      (select count(*) from (select from inbound_messages m where m.clinic_id = c.id and m.inbox = 'open' limit ${COUNTED}) m)::integer as replies,
      (select count(*) from (select from tasks k where k.clinic_id = c.id and k.state in ('open', 'taken') limit ${COUNTED}) k)::integer as tasks
    from clinics c where c.id = any(${[...ids]}::uuid[]) order by c.name, c.id`.execute(db);
  return rows;
}
