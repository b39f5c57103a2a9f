/**
 * Settles what became of sends whose answer was lost.
 *
 * Trigger: every few seconds in every worker process; one settler at a time. Re-checks: everything, under the patients' locks; reports that wait are folded
 * first. Effect: a text is looked up at its provider, twice some minutes apart; what cannot be found out follows the rule's `onUnknown`: planned again once, or
 * held for staff with a task. What is unwanted is never sent again. Late evidence settles it at any time, before and after. A repeat finds nothing left to do.
 */
import type { SmsChannel } from "../channels/sms.ts";
import { countLooks, takeUnknowns, tryLockSettling, type UnknownRow } from "../db/settlements.ts";
import { transact } from "../db/transact.ts";
import { type LookUp, lookUpTexts } from "./look-up-texts.ts";
import { repairReports, type ReportDeps } from "./record-delivery.ts";
import { settleFound, settleProven, settleUndecided, type Undecided, type Verdicts } from "./settle-verdicts.ts";

export type SettleDeps = ReportDeps & { readonly sms: Pick<SmsChannel, "listTexts"> };

export type SettleResult = Verdicts & {
  /** Reports of providers that had lost their hint. */
  readonly folded: number;
  readonly sent: number;
};

/** Returns undefined when another process is settling. */
export async function settleUnknown(deps: SettleDeps): Promise<SettleResult | undefined> {
  const { folded } = await repairReports(deps);
  const taken = await transact(deps.db, async (tx) => {
    if (!(await tryLockSettling(tx))) return undefined;
    return { proven: await settleProven(tx), unknowns: await takeUnknowns(tx) };
  });
  if (!taken) return undefined;
  const { proven, unknowns } = taken;
  // Outside of any transaction: a provider that is slow holds up nobody.
  const looks = await lookUpTexts(
    deps,
    unknowns.filter(({ channel }) => channel === "sms"),
  );
  const found = await settleFound(
    deps,
    looks.filter((look) => look.kind === "found"),
  );
  await countLooks(
    deps.db,
    looks.flatMap(({ kind, row }) => (kind === "absent" ? row.deliveryId : [])),
  );
  const mails = unknowns.filter(({ channel }) => channel === "email").map((row): Undecided => ({ row, proof: "none" }));
  const verdicts = await settleUndecided(deps, [...mails, ...looks.flatMap(toUndecided)]);
  return tell(deps, { folded, sent: proven + found, ...verdicts });
}

/** Looks that find nothing before it counts: a text that the provider has only just taken may not be listed yet. */
const LOOKS = 2;

function toUndecided(look: LookUp): Undecided[] {
  const { row, kind } = look;
  switch (kind) {
    case "found":
      return [];
    case "absent":
      return isLastLook(row) ? [{ row, proof: "absent" }] : [];
    case "unclear":
      return [{ row, proof: "unclear" }];
    case "unanswered":
      return row.isOld ? [{ row, proof: "unclear" }] : [];
  }
}

function isLastLook({ looks }: UnknownRow): boolean {
  return looks + 1 >= LOOKS;
}

function tell({ log }: SettleDeps, result: SettleResult): SettleResult {
  for (const kind of ["sent", "resent", "held", "superseded"] as const)
    if (result[kind] > 0) log.info("unknown.settled", { kind, count: result[kind] });
  return result;
}
