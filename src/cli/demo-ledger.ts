/** The demo's last question: whether everything that happened kept every promise that the rows can show. */
import { monotonicMs } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { checkLedger, type CheckResult } from "../db/ledger.ts";
import { count } from "./show-faults.ts";

/** `holds`: one line of good news; otherwise what is broken, line by line. */
export type Books = { readonly holds: boolean; readonly lines: readonly string[] };

/** Reads only. A check that could not be finished is no good news either. */
export async function readBooks(db: Database): Promise<Books> {
  const results = await checkLedger(db, { clinicId: null, now: monotonicMs });
  const broken = results.filter(({ state }) => state === "violated" || state === "unfinished");
  if (broken.length > 0) return { holds: false, lines: broken.flatMap(describe) };
  const asked = results.filter(({ state }) => state === "holds").length;
  return { holds: true, lines: [`${count(asked, "check")} of what is stored, all hold.`] };
}

function describe({ name, promise, state, count: rows, offences }: CheckResult): string[] {
  if (state === "unfinished") return [`${name}: took too long and was given up`];
  return [`${name}: ${count(rows, "row")} against the promise that ${promise}`, ...offences.map(({ id, why }) => `  ${id}  ${why}`)];
}
