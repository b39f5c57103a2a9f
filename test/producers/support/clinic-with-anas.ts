/** A clinic with patients like Ana, each with addresses of their own, planned; and the words in which tests ask about them. */
import { sql } from "kysely";
import { setSteppedClock } from "../../../src/db/clinic-clock.ts";
import type { Instant } from "../../../src/domain/calendar.ts";
import type { PatientId, SessionId, TouchpointId } from "../../../src/domain/ids.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { planPatientsOf } from "../../../src/workers/plan-patients.ts";
import { nextNumber } from "../../support/next-number.ts";
import { EXAMPLES_BEGIN, readSeriesExample, type World } from "../../support/world.ts";

type Wish = { readonly phone?: null; readonly email?: null };

/** Another Ana: six visits, the first on Monday 2027-01-11 at nine in Denver, then on Thursdays and Mondays. Without a phone or mail where wished. */
export async function addAna(world: World, wish: Wish = {}): Promise<PatientId> {
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) throw new Error("No example");
  const number = nextNumber(world);
  const ref = `ana-${number}`;
  const own = { phone: `+1303555${String(1000 + number)}`, email: `${ref}@patients.example.org` };
  const consents = ana.patient.consents.filter(
    ({ to }) => !((to === "sms" && wish.phone === null) || (to === "email" && wish.email === null)),
  );
  const request = { ...ana, externalId: ref, patient: { ...ana.patient, ref, ...own, ...wish, consents } };
  await setSteppedClock(world.deps.db, EXAMPLES_BEGIN);
  const [result] = await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  await planPatientsOf(world.deps)({ patientIds: [result.patientId] });
  return result.patientId;
}

/** As if a message that names all visits had been sent. */
export async function tellWelcome({ deps: { db } }: World, patientId: PatientId): Promise<void> {
  const which = sql`where patient_id = ${patientId} and rule = 'welcome' and state in ('planned', 'sending')`;
  await sql`update touchpoints set state = 'sending', claimed_at = clock_timestamp(), attempts = 1 ${which}`.execute(db);
  await sql`update touchpoints set state = 'sent' ${which}`.execute(db);
}

/** The visits of a patient in order of time. */
export async function listVisits({ deps: { db } }: World, patientId: PatientId) {
  return db.selectFrom("sessions").selectAll().where("patientId", "=", patientId).orderBy("startsAt").execute();
}

/** The messages and tasks about a visit, with the anchor of their rule. */
export async function listAbout({ deps: { db } }: World, sessionId: SessionId) {
  const { rows } = await sql<{
    id: TouchpointId;
    rule: string;
    anchor: string;
    purpose: string;
    recipient: string;
    channel: string;
    state: string;
    dueAt: Instant;
    isUnwanted: boolean;
  }>`
    select t.id, t.rule, r.value ->> 'anchor' as anchor, t.purpose, t.recipient, t.channel, t.state, t.due_at, t.unwanted_at is not null as is_unwanted
    from touchpoints t join series s on s.id = t.series_id join protocol_approvals a on a.id = s.approval_id
      join jsonb_array_elements(a.content -> 'rules') r on r.value ->> 'id' = t.rule
    where t.session_id = ${sessionId} order by t.due_at, t.key`.execute(db);
  return rows;
}

/** Everything planned that is stale, as the workers plan it. */
export async function planStale(world: World): Promise<void> {
  const stale = await world.deps.db.selectFrom("patients").select("id").whereRef("planRevision", "!=", "plannedRevision").execute();
  for (const { id } of stale) await planPatientsOf(world.deps)({ patientIds: [id] });
}
