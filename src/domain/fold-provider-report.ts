/**
 * Folds what a provider reports into what is known of a delivery. Any order, any number of repeats: the same reports give the same standing, because the greater
 * of two always stands and "greater" is a total order.
 */
import type { Instant } from "./calendar.ts";
import { providerRank } from "./provider-rank.ts";

/** What is known of a delivery from its provider; no report yet is rank 0. */
export type ProviderStanding = {
  readonly rank: number;
  readonly state: string | null;
  /** The provider's own code of a failure. */
  readonly code: string | null;
  /** Machine time at which the report that stands was received. */
  readonly at: Instant | null;
};

export type ProviderReport = { readonly state: string; readonly code: string | null; readonly at: Instant };

export const NOTHING_REPORTED: ProviderStanding = { rank: 0, state: null, code: null, at: null };

/** The standing after this report; the same object when the report adds nothing. */
export function foldProviderReport(known: ProviderStanding, { state, code, at }: ProviderReport): ProviderStanding {
  const told: ProviderStanding = { rank: providerRank(state), state, code, at };
  return isGreater(told, known) ? told : known;
}

/** By rank; then a report that names its code over one that does not; then by the words themselves, so that there is never a tie between two that differ. */
function isGreater(one: ProviderStanding, other: ProviderStanding): boolean {
  if (one.rank !== other.rank) return one.rank > other.rank;
  const [a, b] = [toText(one), toText(other)];
  return a > b;
}

function toText({ code, state }: ProviderStanding): string {
  return `${code === null ? 0 : 1} ${code ?? ""} ${state ?? ""}`;
}

/**
 * What a failure after acceptance says: `bad-address` that nobody can be reached there, `opted-out` that somebody does not want to be, `unreachable` that it did
 * not work this time (several in a row are worth a look), `ours` that the sender or the message was at fault and not the address.
 */
export type DeliveryFailure = "bad-address" | "opted-out" | "unreachable" | "ours";
