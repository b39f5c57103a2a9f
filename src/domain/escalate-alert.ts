/**
 * What the next page of an alert is: to whom, and when it is the next one's turn. Pure: it sees the roster, the moment and the pages so far. Quiet hours, holds,
 * rate limits and switches are about patients and play no part.
 */
import type { AlertLevel } from "./alert.ts";
import { type Instant, instant, MINUTE } from "./calendar.ts";
import { inPagingOrder, isStaffed, listOnDuty } from "./roster.ts";
import type { RosterEntry, SafetySettings } from "./safety-settings.ts";
import { addStaffedTime, type StaffedClinic } from "./staffed-time.ts";

/** A page that was begun; `sending`: by a process that has not said how it ended. */
export type PageSoFar = {
  readonly step: number;
  readonly person: string;
  readonly outcome: "sending" | "sent" | "refused" | "not-sent" | "unknown";
};

export type Situation = {
  readonly level: AlertLevel;
  /** Who has acknowledged and is asked again; null: nobody has. */
  readonly owner: string | null;
  /** Clinic time. */
  readonly now: Instant;
  readonly clinic: StaffedClinic;
  readonly safety: Pick<SafetySettings, "roster" | "acknowledge">;
  /** Who is paged where nobody is named at all: the clinic's own phone and mailbox. */
  readonly lastResort: RosterEntry;
  readonly pages: readonly PageSoFar[];
};

export type NextPage =
  /** `people`: in the order in which they are tried until one page is handed over, at last those who are not on duty; `again`: clinic time of the next step. `isOnDuty`: they are named for this hour. */
  | { readonly kind: "page"; readonly people: readonly RosterEntry[]; readonly isOnDuty: boolean; readonly again: Instant }
  | { readonly kind: "wait"; readonly until: Instant };

/** `critical` at any hour; `high` waits for staffed hours. `medium` pages nobody and is not asked about. */
export function decideNextPage(situation: Situation): NextPage {
  const { level, now, clinic, safety, pages } = situation;
  if (level !== "critical" && !isStaffed(clinic, now)) return { kind: "wait", until: addStaffedTime(clinic, now, 1) };
  const onDuty = listOnDuty(safety.roster, clinic, now);
  const everybody = [...inPagingOrder(safety.roster), situation.lastResort];
  // Nobody has promised this hour: all are asked all the same, because the other choice is nobody.
  const chain = ownerFirst(onDuty.length > 0 ? onDuty : everybody, situation);
  const people = inTurn(chain, pages);
  const spares = everybody.filter((each) => !people.includes(each));
  return { kind: "page", people: [...people, ...spares], isOnDuty: onDuty.length > 0, again: nextTurn(situation) };
}

/** Whoever has taken the alert is asked first, on duty or not. */
function ownerFirst(chain: readonly RosterEntry[], { owner, safety }: Situation): readonly RosterEntry[] {
  const own = owner === null ? undefined : safety.roster.find(({ name }) => owner === name || owner === `staff:${name}`);
  return own ? [own, ...chain.filter(({ name }) => name !== own.name)] : chain;
}

/** Primary, backup, manager, then round again. Whose page was begun and never ended is paged again: the process may have died before it was handed over. */
function inTurn(chain: readonly RosterEntry[], pages: readonly PageSoFar[]): readonly RosterEntry[] {
  const last = pages.reduce<PageSoFar | undefined>((latest, page) => (latest && latest.step > page.step ? latest : page), undefined);
  if (!last) return chain;
  const position = chain.findIndex(({ name }) => name === last.person);
  if (position < 0) return chain;
  const ofStep = pages.filter(({ step, person }) => step === last.step && person === last.person);
  const first = ofStep.every(({ outcome }) => outcome === "sending") ? position : (position + 1) % chain.length;
  return [...chain.slice(first), ...chain.slice(0, first)];
}

function nextTurn({ level, now, clinic, safety: { acknowledge } }: Situation): Instant {
  if (level === "critical") return instant(now + acknowledge.criticalMinutes * MINUTE);
  return addStaffedTime(clinic, now, acknowledge.highMinutes * MINUTE);
}
