/**
 * Pages the desk about a visit within a day that somebody wants to move or cannot come to.
 *
 * Trigger: a job of `page-staff`, added by the sweep of every worker process, every five seconds, over `tasks.page_at`. Re-checks: that nobody has taken the task
 * and the visit is still to come; a page is claimed by one guarded statement. Effect: one page a task, by text, then by mail, to whoever can be reached of the
 * desk, neutral words and no name. A repeat finds it claimed; a process that dies loses a minute.
 */
import { findPagingClinic, type PagingClinic } from "../db/alert-pages.ts";
import { claimDeskPage, type DueDeskPage, findDueDeskPage, listDueDeskPages, setDeskPage } from "../db/desk-pages.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import type { PageDesk } from "../domain/alert.ts";
import { MINUTE } from "../domain/calendar.ts";
import { decideDeskPage } from "../domain/decide-desk-page.ts";
import type { TaskId } from "../domain/ids.ts";
import { writePage } from "../messages/write-page.ts";
import type { Queues } from "../queues/backend.ts";
import { pageStaff } from "../queues/page-staff.ts";
import { handOverPage, type PageBook } from "./hand-over-page.ts";
import { clinicItself, type PagerDeps, readSafety } from "./page-staff.ts";

/** When nobody could be reached at all. */
const TRY_AGAIN_MS = 5 * MINUTE;

/** One page: claims it and hands it over, or puts it off to an hour at which it is of use. Rejects only when the database does. */
export function pageDeskOf(deps: PagerDeps): PageDesk {
  return async (id) => {
    const due = await findDueDeskPage(deps.db, id);
    const clinic = due && (await findPagingClinic(deps.db, due.clinicId));
    if (!due || !clinic) return;
    const { roster } = readSafety(deps, { clinic });
    const next = decideDeskPage({ ...due, roster, clinic });
    if (!(await claimDeskPage(deps.db, id))) return;
    if (next.kind === "wait") await setDeskPage(deps.db, id, next.until - due.now);
    else await handOver(deps, { due, clinic, people: [...next.people, clinicItself({ clinic })] });
  };
}

type Handing = { readonly due: DueDeskPage; readonly clinic: PagingClinic; readonly people: readonly ReturnType<typeof clinicItself>[] };

async function handOver(deps: PagerDeps, { due: { taskId }, clinic, people }: Handing): Promise<void> {
  const page = writePage({ locale: clinic.locale, clinic: clinic.name, url: `${deps.publicBaseUrl}/console`, kind: "visit" });
  for (const person of people)
    if (await handOverPage(deps, person, { book: bookOf(deps, clinic, taskId), clinic, page })) {
      await setDeskPage(deps.db, taskId, null);
      return;
    }
  deps.log.error("page.nobody-reached", { clinicId: clinic.id, kind: "desk", count: people.length });
  await setDeskPage(deps.db, taskId, TRY_AGAIN_MS);
}

/** Of a page to the desk only how it ended is kept. */
function bookOf({ db }: PagerDeps, { id: clinicId }: PagingClinic, taskId: TaskId): PageBook {
  return {
    begin: () => Promise.resolve(),
    end: ({ outcome, code }, { person, channel }) => {
      const data = { role: person.role, channel, outcome, code };
      return transact(db, (tx) => appendEvents(tx, [{ kind: "task.paged", clinicId, subjectId: taskId, actor: "afterglow", data }]));
    },
  };
}

/** Puts pages that are due on the queue; where it takes none, pages by itself. Returns how many were due. */
export async function sweepDeskPages({
  db,
  queues,
  pageDesk,
}: Pick<PagerDeps, "db"> & { readonly queues: Pick<Queues, "queue">; readonly pageDesk: PageDesk }): Promise<number> {
  const due = await listDueDeskPages(db);
  if (due.length === 0) return 0;
  try {
    await queues.queue(pageStaff).add(due.map((taskId) => ({ data: { taskId }, delayMs: 0 })));
  } catch {
    // The truth is the row: whoever comes first claims it.
    await Promise.all(due.map((id) => pageDesk(id)));
  }
  return due.length;
}
