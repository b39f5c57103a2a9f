/** Whose turn it is next to be paged about an alert, as whoever pages would decide now. Reads only. */
import { findPagingClinic } from "../../db/alert-pages.ts";
import { loadSafety } from "../../db/safety-settings.ts";
import type { ListedAlert } from "../../db/view-console-alerts.ts";
import { type Instant, instant } from "../../domain/calendar.ts";
import { decideNextPage } from "../../domain/escalate-alert.ts";
import type { AlertId, ClinicId } from "../../domain/ids.ts";
import type { RosterEntry } from "../../domain/safety-settings.ts";
import type { ConsoleDeps } from "./console-page.ts";

/** `seconds`: machine time from now; zero when somebody is being paged. `person`: null where the roster decides only then. */
export type Foreseen = {
  readonly seconds: number;
  readonly person: string | null;
  /** Clinic time at which the clinic is staffed again, where the page waits for that. */
  readonly waitsUntil: Instant | null;
};

/** Of those alerts of one clinic about which somebody is still to be paged. */
export async function foreseePages(
  { db, vault }: Pick<ConsoleDeps, "db" | "vault">,
  clinicId: ClinicId,
  alerts: readonly ListedAlert[],
): Promise<ReadonlyMap<AlertId, Foreseen>> {
  const paging = alerts.flatMap((alert) => (alert.secondsToPage === null ? [] : [{ alert, seconds: Math.max(0, alert.secondsToPage) }]));
  const clinic = paging.length === 0 ? undefined : await findPagingClinic(db, clinicId);
  if (!clinic) return new Map();
  const safety = await loadSafety(db, clinicId, vault);
  const lastResort: RosterEntry = {
    name: clinic.name,
    role: "manager",
    phone: clinic.phone,
    email: clinic.email.address,
    when: "always",
    from: null,
    until: null,
  };
  return new Map(
    paging.map(({ alert, seconds }) => {
      const { level, owner, pages, now } = alert;
      const next = decideNextPage({ level, owner, pages, clinic, safety, lastResort, now: instant(now + seconds * 1000) });
      const person = next.kind === "page" ? (next.people[0]?.name ?? null) : null;
      return [alert.id, { seconds, person, waitsUntil: next.kind === "wait" ? next.until : null }];
    }),
  );
}
