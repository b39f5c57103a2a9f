/** `clinic closure list` and `clinic closure show`. */
import { readClinicTime } from "../db/clinic-clock.ts";
import { type Closure, findClosure, listClosures } from "../db/closures.ts";
import type { Vault } from "../db/vault.ts";
import { type ClosedOut, listClosedOut, type Notice } from "../db/view-closure.ts";
import { DAY, formatInstant, instant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { isUndelivered } from "../domain/provider-rank.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { toWall } from "../domain/touchpoint-fields.ts";
import { withStore } from "./with-store.ts";

/** Closures that are not over for more than a week. */
export async function listClinicClosures(slug: string, { json }: { json?: true }): Promise<ExitCode> {
  const closures = await withStore(async ({ db }) => {
    const { now } = await readClinicTime(db);
    return listClosures(db, (await getClinic(db, slug)).id, instant(now - 7 * DAY));
  });
  if (json) for (const closure of closures) printJson(toClosureFields(closure));
  else if (closures.length === 0) print(`${slug} has not been closed.`);
  else
    for (const line of toTable(
      closures.map((closure) => [
        toPublicId("closure", closure.id),
        sayWhen(closure.zone, closure.from),
        sayWhen(closure.zone, closure.to),
        closure.reopenedAt === null ? "closed" : "reopened",
        closure.reason,
      ]),
    ))
      print(line);
  return EXIT.done;
}

export type ShowClosureOptions = { readonly all?: true; readonly json?: true };

/** Whoever has not been reached of the closure, for calling; with `all` everybody whom it postponed, for rebooking. */
export async function showClosure(text: string, { all, json }: ShowClosureOptions): Promise<ExitCode> {
  const id = parsePublicId("closure", text);
  if (!id) throw new UsageError(`${text}: expected the id of a closure, such as clo_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  const { closure, lines } = await withStore(async ({ db, vault }) => {
    const found = await findClosure(db, id);
    return { closure: found, lines: found ? (await listClosedOut(db, found)).map((row) => toLine(row, vault)) : [] };
  });
  if (!closure)
    throw new Refusal([{ path: "closure", value: text, expected: "a closure (afterglow clinic closure list SLUG)" }], "nothing to show");
  const shown = all ? lines : lines.filter(({ isReached, row }) => !isReached && row.mayBeCalled);
  if (json)
    printJson({
      ...toClosureFields(closure),
      sessions: lines.length,
      reached: lines.filter(({ isReached }) => isReached).length,
      listed: shown.map(toFields),
    });
  else showLines(closure, { lines, shown });
  return EXIT.done;
}

type Line = { readonly row: ClosedOut; readonly chart: string; readonly isReached: boolean; readonly standing: string };

function toLine(row: ClosedOut, vault: Vault): Line {
  return {
    row,
    chart: vault.open(row.refSealed, { table: "patients", column: "ref_sealed", row: row.patientId }),
    isReached: row.notices.some(hasReached),
    standing: standingOf(row),
  };
}

/** Accepted by a provider that has not given it up since, or said in a call. */
function hasReached({ channel, state, rank, taskState }: Notice): boolean {
  return channel === "task" ? taskState === "done" : (state === "sent" && !isUndelivered(rank)) || taskState === "done";
}

function standingOf({ notices, toldStartsAt, planIsFresh, mayBeCalled }: ClosedOut): string {
  if (!mayBeCalled) return "on hold, not to be called";
  if (notices.length > 0) return notices.map(sayNotice).join("; ");
  if (!planIsFresh) return "being planned";
  return toldStartsAt === null ? "nothing had been announced, so nothing is sent" : "no message is planned";
}

function sayNotice({ channel, state, reason, report, task, taskState }: Notice): string {
  const call = task === null ? "" : `, call ${toPublicId("task", task)} ${taskState}`;
  const how = [reason, report].filter((word) => word !== null).join(", ");
  return `${channel === "task" ? "call" : channel} ${state}${how ? ` (${how})` : ""}${call}`;
}

function showLines(closure: Closure, { lines, shown }: { lines: readonly Line[]; shown: readonly Line[] }): void {
  const { id, clinic, zone, from, to, reason, reopenedAt } = closure;
  const reached = lines.filter(({ isReached }) => isReached).length;
  print(`${paint.bold(toPublicId("closure", id))}  ${clinic}, ${sayWhen(zone, from)} to ${sayWhen(zone, to)}: ${reason}`);
  if (reopenedAt !== null) print(`Reopened ${sayWhen(zone, reopenedAt)}.`);
  print(`${count(lines.length, "session")} without a new time; the patients of ${reached} are reached, of ${lines.length - reached} not.`);
  for (const line of toTable(
    shown.map(({ row, chart, standing }) => [
      `  chart ${chart}`,
      toPublicId("session", row.sessionId),
      sayWhen(row.zone, row.startsAt),
      standing,
    ]),
  ))
    print(line);
}

function toFields({ row, chart, isReached, standing }: Line) {
  const { sessionId, seriesId, patientId, zone, startsAt, notices } = row;
  return {
    session: toPublicId("session", sessionId),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    chart,
    startsAt: formatInstant(startsAt),
    local: toWall(zone, startsAt),
    zone,
    reached: isReached,
    standing,
    notices: notices.map(({ touchpoint, channel, state, reason, report, task, taskState }) => ({
      touchpoint: toPublicId("touchpoint", touchpoint),
      channel,
      state,
      reason,
      report,
      taskState,
      task: task === null ? null : toPublicId("task", task),
    })),
  };
}

function toClosureFields({ id, clinic, zone, from, to, wholeDay, reason, closedAt, reopenedAt }: Closure) {
  return {
    closure: toPublicId("closure", id),
    clinic,
    zone,
    from: formatInstant(from),
    to: formatInstant(to),
    wholeDay,
    reason,
    closedAt: formatInstant(closedAt),
    reopenedAt: reopenedAt === null ? null : formatInstant(reopenedAt),
  };
}
