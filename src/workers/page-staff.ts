/**
 * Pages staff about an alert, and the next one on the roster until somebody acknowledges.
 *
 * Trigger: a job of `page-staff`, the process that raised the alert where the queue does not take the job, and the sweep of every worker process, every five
 * seconds, over `page_at`. Re-checks: that the alert is due to be paged; a step is claimed by one guarded statement. Effect: the page is handed to the first
 * person who can be reached, by text, then by mail; when it is the next one's turn stands in `page_at`. It waits for nothing that patients' messages wait for:
 * not for quiet hours, holds, switches, safe mode, a sender's rate or a free connection. A repeat finds the step taken; a process that dies loses a minute.
 */
import {
  claimStep,
  type DueAlert,
  findDueAlert,
  insertPage,
  listDueAlerts,
  type PagingClinic,
  recordPage,
  setNextPage,
  type SteppedAlert,
} from "../db/alert-pages.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { openSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { PageStaff } from "../domain/alert.ts";
import { decideNextPage, type NextPage } from "../domain/escalate-alert.ts";
import { NO_SAFETY, type RosterEntry, type SafetySettings } from "../domain/safety-settings.ts";
import { alertUrl, writePage } from "../messages/write-page.ts";
import { endAll } from "./end-all.ts";
import { handOverPage, type HandOverDeps, type PageBook } from "./hand-over-page.ts";

export type PagerDeps = HandOverDeps & { readonly db: Database; readonly vault: Vault; readonly publicBaseUrl: string };

/** When nobody could be reached at all, everybody is tried again after so long. */
const TRY_AGAIN_MS = 30_000;

/** One step: claims it and hands one page over, or puts it off to staffed hours. Rejects only when the database does. */
export function pageStaffOf(deps: PagerDeps): PageStaff {
  return async (id) => {
    const alert = await findDueAlert(deps.db, id);
    if (!alert) return;
    const next = decideNextPage({ ...alert, safety: readSafety(deps, alert), lastResort: clinicItself(alert) });
    if (!(await claimStep(deps.db, alert))) return;
    const stepped = { id, step: alert.step + 1 };
    if (next.kind === "wait") await putOff(deps, { alert, stepped, milliseconds: next.until - alert.now });
    else await page(deps, { alert, stepped, next });
  };
}

/** Alerts that nobody has paged although they are due: what lost its job, and whose turn it is next. Each is paged beside the others. */
export async function sweepPages({ db, pageStaff }: { db: PagerDeps["db"]; pageStaff: PageStaff }): Promise<number> {
  const due = await listDueAlerts(db);
  await endAll(due.map((id) => pageStaff(id)));
  return due.length;
}

/** A roster that does not open must not keep anybody from being paged. */
export function readSafety({ vault, log }: PagerDeps, { clinic }: { readonly clinic: PagingClinic }): SafetySettings {
  try {
    return openSafety(vault, clinic.id, clinic.safetySealed);
  } catch (error) {
    log.error("roster.unreadable", { clinicId: clinic.id, error });
    return NO_SAFETY;
  }
}

/** Who is paged where nobody else can be: the clinic's own phone and mailbox. */
export function clinicItself({ clinic }: { readonly clinic: PagingClinic }): RosterEntry {
  return { name: clinic.name, role: "manager", phone: clinic.phone, email: clinic.email.address, when: "always", from: null, until: null };
}

type Step = { readonly alert: DueAlert; readonly stepped: SteppedAlert };

async function putOff(deps: PagerDeps, { alert, stepped, milliseconds }: Step & { readonly milliseconds: number }): Promise<void> {
  await setNextPage(deps.db, stepped, milliseconds);
  await tell(deps, { alert, stepped }, "alert.waits-for-staffed-hours");
}

async function page(deps: PagerDeps, { alert, stepped, next }: Step & { readonly next: NextPage & { kind: "page" } }): Promise<void> {
  const { clinic } = alert;
  const written = writePage({ locale: clinic.locale, clinic: clinic.name, url: alertUrl(deps.publicBaseUrl, alert.id), kind: "urgent" });
  if (!next.isOnDuty) await sayNobodyOnDuty(deps, { alert, stepped });
  for (const person of next.people) {
    if (await handOverPage(deps, person, { book: bookOf(deps, clinic, stepped), clinic, page: written })) {
      await setNextPage(deps.db, stepped, next.again - alert.now);
      return;
    }
    deps.log.error("page.unreachable", { clinicId: clinic.id, kind: person.role });
  }
  deps.log.error("page.nobody-reached", { clinicId: clinic.id, kind: alert.level, count: next.people.length });
  await setNextPage(deps.db, stepped, TRY_AGAIN_MS);
  await tell(deps, { alert, stepped }, "alert.nobody-reached");
}

async function sayNobodyOnDuty(deps: PagerDeps, step: Step): Promise<void> {
  deps.log.error("page.nobody-on-duty", { clinicId: step.alert.clinic.id, kind: step.alert.level });
  await tell(deps, step, "alert.nobody-on-duty");
}

async function tell({ db }: PagerDeps, { alert, stepped }: Step, kind: string): Promise<void> {
  const event = { kind, clinicId: alert.clinic.id, subjectId: alert.id, actor: "afterglow", data: { step: stepped.step } };
  await transact(db, (tx) => appendEvents(tx, [event]));
}

function bookOf({ db }: PagerDeps, { id: clinicId }: PagingClinic, { id: alertId, step }: SteppedAlert): PageBook {
  return {
    begin: (id, { person, channel }) => insertPage(db, { id, alertId, step, person: person.name, channel }),
    end: (end, { person, channel }) =>
      transact(db, async (tx) => {
        await recordPage(tx, end);
        const data = { step, role: person.role, channel, outcome: end.outcome, code: end.code };
        await appendEvents(tx, [{ kind: "alert.paged", clinicId, subjectId: alertId, actor: "afterglow", data }]);
      }),
  };
}

/** A pager that knows which pages are under way in this process, so that it can wait for them before it hangs up. */
export function trackPages<Id>(page: (id: Id) => Promise<void>): { page: (id: Id) => Promise<void>; settle: () => Promise<void> } {
  const underWay = new Map<Id, Promise<void>>();
  return {
    page: (id) => {
      const present = underWay.get(id);
      if (present) return present;
      const work = page(id).finally(() => underWay.delete(id));
      underWay.set(id, work);
      return work;
    },
    settle: async () => void (await Promise.allSettled(underWay.values())),
  };
}
