/** `ledger check`. */
import { monotonicMs } from "../clock.ts";
import { checkLedger, type CheckResult } from "../db/ledger.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, say } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type LedgerFlags = { readonly clinic?: string; readonly json?: true };

/** Prints what is broken, each with its rows; says in one line when nothing is. A check that could not be finished is no good news either. */
export async function checkBooks({ clinic: slug, json }: LedgerFlags): Promise<ExitCode> {
  const results = await withStore(async ({ db }) => {
    const clinic = slug === undefined ? null : await getClinic(db, slug);
    return checkLedger(db, { clinicId: clinic?.id ?? null, now: monotonicMs });
  });
  if (json) for (const result of results) printJson(result);
  else showAsText(results);
  return results.some(({ state }) => state === "violated" || state === "unfinished") ? EXIT.refused : EXIT.done;
}

function showAsText(results: readonly CheckResult[]): void {
  const violated = results.filter(({ state }) => state === "violated");
  for (const result of violated) showViolated(result);
  const unfinished = results.filter(({ state }) => state === "unfinished");
  for (const { name } of unfinished) print(`${paint.red(name)}: took too long and was given up`);
  const notAsked = results.filter(({ state }) => state === "not-asked").length;
  const asked = results.length - notAsked;
  print(
    violated.length + unfinished.length === 0
      ? `${count(asked, "check")}, all hold.`
      : `${count(asked, "check")}: ${violated.length} violated${unfinished.length > 0 ? `, ${unfinished.length} unfinished` : ""}.`,
  );
  if (notAsked > 0) say(`${count(notAsked, "check")} left out: clinic time is not machine time in this database`);
}

function showViolated({ name, promise, count: number, offences }: CheckResult): void {
  print(`${paint.red(name)}: ${count(number, "row")} against the promise that ${promise}`);
  for (const { id, why } of offences) print(`  ${id}  ${why}`);
  if (number > offences.length) print(`  and ${number - offences.length} more`);
}
