/** Promises about the store itself: walls between clinics and groups, personal links, and the guards that the database holds. */
import { sql } from "kysely";
import { type LedgerCheck, toCheck } from "./ledger-check.ts";

export const STORE_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "tenant-wall",
    promise: "every row belongs to the clinic and the group of the row it hangs on",
    offenders: ({ inClinic, inClinicOfPatient }) => sql`
      select 'ser_' || s.id, 'its clinic is in another group than its patient'
      from series s join clinics c on c.id = s.clinic_id join patients p on p.id = s.patient_id where c.group_id <> p.group_id and ${inClinic("s.clinic_id")}
      union all
      select 'ser_' || s.id, 'its approval is another clinic''s'
      from series s join protocol_approvals a on a.id = s.approval_id where a.clinic_id <> s.clinic_id and ${inClinic("s.clinic_id")}
      union all
      select 'ses_' || v.id, 'its clinic or patient is not its series'''
      from sessions v join series s on s.id = v.series_id where (v.clinic_id, v.patient_id) <> (s.clinic_id, s.patient_id) and ${inClinic("v.clinic_id")}
      union all
      select 'tp_' || t.id, concat_ws('; ',
        case when (t.clinic_id, t.patient_id) <> (s.clinic_id, s.patient_id) then 'its clinic or patient is not its series''' end,
        case when t.session_id is not null and v.series_id is distinct from t.series_id then 'its session is not of its series' end,
        case when (d.clinic_id, d.channel) <> (t.clinic_id, t.channel) then 'its sender is another clinic''s or another channel''s' end,
        case when (l.clinic_id, l.patient_id) <> (t.clinic_id, t.patient_id) then 'its link is another patient''s' end)
      from touchpoints t
        join series s on s.id = t.series_id
        left join sessions v on v.id = t.session_id
        left join senders d on d.id = t.sender_id
        left join links l on l.id = t.link_id
      where ${inClinic("t.clinic_id")} and ((t.clinic_id, t.patient_id) <> (s.clinic_id, s.patient_id)
        or (t.session_id is not null and v.series_id is distinct from t.series_id) or (d.clinic_id, d.channel) <> (t.clinic_id, t.channel)
        or (l.clinic_id, l.patient_id) <> (t.clinic_id, t.patient_id))
      union all
      select 'del_' || d.id, 'its clinic is not its touchpoint''s'
      from deliveries d join touchpoints t on t.id = d.touchpoint_id where d.clinic_id <> t.clinic_id and ${inClinic("d.clinic_id")}
      union all
      select 'tsk_' || k.id, 'its clinic or patient is not its series'''
      from tasks k join series s on s.id = k.series_id where (k.clinic_id, k.patient_id) <> (s.clinic_id, s.patient_id) and ${inClinic("k.clinic_id")}
      union all
      select 'pat_' || c.patient_id, 'a contact point is in another group'
      from contact_points c join patients p on p.id = c.patient_id where c.group_id <> p.group_id and ${inClinicOfPatient("c.patient_id")}
      union all
      select 'pat_' || c.patient_id, 'a consent is in another group'
      from consents c join patients p on p.id = c.patient_id where c.group_id <> p.group_id and ${inClinicOfPatient("c.patient_id")}`,
  }),
  toCheck({
    name: "one-open-link",
    promise: "of each personal page at most one link opens",
    offenders: ({ inClinic }) => sql`
      select 'pat_' || min(l.patient_id::text), count(*) || ' ' || l.kind || ' links of one page open, for the ' || l.recipient
      from links l where l.revoked_at is null and ${inClinic("l.clinic_id")}
      group by l.subject_id, l.kind, l.recipient having count(*) > 1`,
  }),
  toCheck({
    name: "guards-are-on",
    promise: "the database refuses illegal changes of state, and changes to consents and events",
    offenders: () => sql`
      select g.name, case when r.oid is null then 'the trigger is missing' else 'the trigger is disabled' end
      from (values ('touchpoints_transition', 'touchpoints'), ('consents_append_only', 'consents'), ('events_append_only', 'events')) as g (name, of_table)
        left join pg_trigger r on r.tgname = g.name and r.tgrelid = to_regclass(g.of_table)
      where r.oid is null or r.tgenabled in ('D', 'R')`,
  }),
];
