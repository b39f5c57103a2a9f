/** Promises about alerts: somebody is told, and only people end one. */
import { sql } from "kysely";
import { type LedgerCheck, toCheck } from "./ledger-check.ts";
import { UNREACHED } from "./pager-health.ts";

export const ALERT_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "alert-paged",
    promise: "an alert that nobody has acknowledged is paged until somebody does",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, 'open, ' || a.level || ', and nobody is to be paged'
      from alerts a where a.state = 'open' and a.level <> 'medium' and a.page_at is null and ${inClinic("a.clinic_id")}`,
  }),
  toCheck({
    name: "pager-alive",
    promise: "a page is taken by a provider within five minutes",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, a.level || ': no page of it has reached a provider, or one is due and nobody takes it up'
      from alerts a where a.state <> 'closed' and ${UNREACHED} and ${inClinic("a.clinic_id")}`,
  }),
  toCheck({
    name: "alert-ended-by-people",
    promise: "an alert is acknowledged and closed by a named person, with an outcome",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, 'its state is ' || a.state || ' and nobody is named, or no outcome'
      from alerts a where ${inClinic("a.clinic_id")} and (
        (a.state = 'acknowledged' and (a.owner is null or a.acknowledged_at is null))
        or (a.state = 'closed' and (a.closed_by is null or a.outcome is null or a.closed_by = 'afterglow'))
        or (a.state = 'closed' and a.page_at is not null))`,
  }),
  toCheck({
    name: "alert-silence",
    promise: "nothing but what staff release or say goes to a patient with an open critical alert",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'planned, ' || t.purpose || ', although alert alr_' || a.id || ' is open'
      from alerts a join series s on s.patient_id = a.patient_id join touchpoints t on t.series_id = s.id join patients p on p.id = a.patient_id
      where a.state <> 'closed' and a.level = 'critical' and t.state = 'planned' and t.recipient <> 'staff' and t.released_at is null
        and t.purpose in ('survey', 'check-in', 'notice', 'preparation', 'reminder', 'urgent-change')
        and p.plan_revision = p.planned_revision and ${inClinic("a.clinic_id")}`,
  }),
];
