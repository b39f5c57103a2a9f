/** Switches that stop sending, of everything or of a part of it. The view `claimable_touchpoints` reads them: what is off is neither claimed nor hinted, at once. */
import { type RawBuilder, sql } from "kysely";
import { newId } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, SwitchId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";

export const SWITCH_SCOPES = ["everything", "clinic", "channel", "template", "patient"] as const;
export type SwitchScope = (typeof SWITCH_SCOPES)[number];

/** What a switch covers. `subject`: the channel, the template's stem or the patient's id; with a clinic only as far as it is that clinic's. */
export type Coverage = { readonly scope: SwitchScope; readonly clinicId: ClinicId | null; readonly subject: string | null };

export type Switch = Coverage & {
  readonly id: SwitchId;
  /** Slug. */
  readonly clinic: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly offAt: Instant;
};

/** The switches that are off now, oldest first. */
export async function listSwitches(db: Database): Promise<Switch[]> {
  const { rows } = await sql<Switch>`
    select s.id, s.scope, s.clinic_id, c.slug as clinic, s.subject, s.reason, s.actor, s.off_at
    from switches s left join clinics c on c.id = s.clinic_id where s.on_at is null order by s.off_at, s.id`.execute(db);
  return rows;
}

/** Puts a switch off. Returns undefined when that very one is off already. */
export async function putOff(
  tx: Tx,
  { scope, clinicId, subject }: Coverage,
  { reason, actor }: { reason: string; actor: string },
): Promise<SwitchId | undefined> {
  const id = newId<"switch">();
  const { rows } = await sql<{ id: SwitchId }>`
    insert into switches (id, scope, clinic_id, subject, reason, actor) values (${id}, ${scope}, ${clinicId}, ${subject}, ${reason}, ${actor})
    on conflict (scope, clinic_id, subject) where on_at is null do nothing returning id`.execute(tx);
  return rows[0]?.id;
}

/** Puts a switch on again. Returns undefined when that very one is not off. */
export async function putOn(tx: Tx, { scope, clinicId, subject }: Coverage): Promise<SwitchId | undefined> {
  const { rows } = await sql<{ id: SwitchId }>`
    update switches set on_at = clock_timestamp()
    where on_at is null and scope = ${scope} and clinic_id is not distinct from ${clinicId} and subject is not distinct from ${subject} returning id`.execute(
    tx,
  );
  return rows[0]?.id;
}

export type Stopped = {
  /** Messages still to come at all. */
  readonly planned: number;
  /** Those whose time has come. */
  readonly due: number;
  /** Those that end unsent when nothing changes within a day. */
  readonly endWithinADay: number;
};

/** What the switch covers of everything that is planned, whether or not something else stops it too. */
export async function countCovered(db: Database, { scope, clinicId, subject }: Coverage): Promise<Stopped> {
  const { rows } = await sql<Stopped>`
    with clock as materialized (select afterglow_now() as now)
    select count(*) as planned, count(*) filter (where t.try_at <= clock.now) as due,
      count(*) filter (where t.send_by <= clock.now + interval '1 day') as end_within_a_day
    from touchpoints t, clock
    where t.state = 'planned' and t.channel <> 'task' and (${clinicId}::uuid is null or t.clinic_id = ${clinicId}::uuid) and ${covers(scope, subject)}`.execute(
    db,
  );
  return rows[0] ?? { planned: 0, due: 0, endWithinADay: 0 };
}

function covers(scope: SwitchScope, subject: string | null): RawBuilder<unknown> {
  if (scope === "channel") return sql`t.channel = ${subject}`;
  if (scope === "template") return sql`t.template = ${subject}`;
  return scope === "patient" ? sql`t.patient_id = ${subject}::uuid` : sql`true`;
}
