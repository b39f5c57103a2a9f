/** `safe-mode show` and `safe-mode leave`. */
import { findSafeMode, type Waiting } from "../db/safe-mode.ts";
import { formatInstant, parseInstant } from "../domain/calendar.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { leaveSafeMode, previewWaiting, type SafeModeLeft } from "../producers/leave-safe-mode.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson } from "./terminal.ts";
import { withStore } from "./with-store.ts";

/** Why nothing is sent, and what would go. */
export async function showSafeMode({ json }: { json?: true }): Promise<ExitCode> {
  const { safeMode, waiting } = await withStore(async (store) => ({
    safeMode: await findSafeMode(store.db),
    waiting: await previewWaiting(store),
  }));
  if (json)
    printJson({
      on: safeMode !== undefined,
      since: safeMode ? formatInstant(safeMode.since) : null,
      reason: safeMode?.reason ?? null,
      ...toFields(waiting),
    });
  else if (!safeMode) print("Safe mode is off: messages are sent as usual.");
  else {
    print(
      `${paint.red("Safe mode is on")} since ${formatInstant(safeMode.since)}: ${safeMode.reason}. Nothing is sent to patients or escorts.`,
    );
    print(sayWaiting(waiting));
    print("Look whether these were sent before the restore; then: afterglow safe-mode leave --by NAME --reason TEXT --dry-run");
  }
  return EXIT.done;
}

function sayWaiting({ wouldGo, overdue, oldestDueAt, withinADay }: Waiting): string {
  const oldest = oldestDueAt === null ? "" : `, the oldest since ${formatInstant(oldestDueAt)}`;
  return `${count(wouldGo, "message")} would go at once; ${overdue} ${overdue === 1 ? "is" : "are"} overdue${oldest}; ${withinADay} more fall due within a day.`;
}

function toFields({ oldestDueAt, ...waiting }: Waiting) {
  return { ...waiting, oldestDueAt: oldestDueAt === null ? null : formatInstant(oldestDueAt) };
}

export type LeaveOptions = {
  readonly by: string;
  readonly reason: string;
  readonly notBefore?: string;
  readonly dryRun?: true;
  readonly actor?: string;
  readonly json?: true;
};

/** Sending goes on with what is due from now, or from the given moment, on. */
export async function leave({ by, reason: words, notBefore: text, dryRun, actor, json }: LeaveOptions): Promise<ExitCode> {
  const name = parseLine(by, { most: 100 });
  if (!name.ok) throw new UsageError(`--by: expected ${name.expected}.`);
  const reason = parseLine(words, { most: 200 });
  if (!reason.ok) throw new UsageError(`--reason: expected ${reason.expected}.`);
  const notBefore = text === undefined ? null : (parseInstant(text) ?? null);
  if (text !== undefined && notBefore === null)
    throw new UsageError(`--not-before ${text}: expected an instant with its offset, such as 2027-02-02T09:00-07:00.`);
  const options = { actor: toActor(actor ?? name.value), dryRun: dryRun === true };
  const result = await withStore((store) => leaveSafeMode(store, { notBefore, reason: reason.value }, options));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson(toLeftFields(result));
  else showLeft(result);
  return EXIT.done;
}

type Left = Exclude<SafeModeLeft, { kind: "refused" }>;

function showLeft({ notBefore, ended, waiting, dryRun }: Left): void {
  const { suppressed, expired, calls, inFlight } = ended;
  print(`${dryRun ? "Would be: " : ""}safe mode off. Nothing that was due before ${formatInstant(notBefore)} is sent:`);
  print(
    `  ${suppressed} suppressed (past), ${expired} expired (too-late), ${count(calls, "call")} for staff, ${inFlight} on their way and never repeated.`,
  );
  print(sayWaiting(waiting));
  if (dryRun) print("Nothing was stored: this was a dry run.");
}

function toLeftFields({ kind, was, notBefore, ended, waiting, dryRun }: Left) {
  return {
    kind,
    since: formatInstant(was.since),
    was: was.reason,
    notBefore: formatInstant(notBefore),
    ended,
    waiting: toFields(waiting),
    dryRun,
  };
}
