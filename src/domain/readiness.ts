/**
 * Whether a visit can take place as planned, from facts alone: what is still open, until when, and what already says that it will not work. Nothing here decides
 * about the visit; it tells the desk whom to call first.
 */
import { atTime, dayOf, type Instant, wallClock } from "./calendar.ts";
import type { PatientFacts, SeriesFacts, SessionFacts } from "./patient-facts.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import type { Requirement } from "./protocol.ts";
import { addStaffedDays, type StaffedClinic, staffedSpans } from "./staffed-time.ts";

/** `companion` is who drives home, or sits with the patient at home; `preparation` that the patient has read until when to eat and drink; `reachable` that some channel with consent reaches them. */
export const READINESS_ITEMS = [
  "confirmed",
  "companion",
  "preparation",
  "location",
  "reachable",
  "survey",
  "enrolment",
  "authorisation",
] as const;
export type ReadinessItemName = (typeof READINESS_ITEMS)[number];

/** `failed`: somebody has said that it will not work. `overdue`: nobody has said anything by the moment at which the desk has to know. */
export type ReadinessState = "done" | "open" | "overdue" | "failed";

export type ReadinessItem = {
  readonly item: ReadinessItemName;
  readonly state: ReadinessState;
  /** Until when staff must know, within their hours. */
  readonly dueBy: Instant;
};

/** `red`: call. `amber`: something is open, and there is time. `green`: nothing is open. */
export type Readiness = { readonly colour: "red" | "amber" | "green"; readonly items: readonly ReadinessItem[] };

/** What of a visit is not among the facts of the plan. */
export type ReadinessExtras = {
  readonly now: Instant;
  /** Surveys that were asked before this visit: how many of them are not answered. Null: none was asked. */
  readonly unanswered: number | null;
  /** What the protocol requires before a dose, and whether it is there on the day of the visit. */
  readonly requirements: ReadonlyMap<Requirement, boolean>;
};

type Visit = { readonly facts: PatientFacts; readonly series: SeriesFacts; readonly session: SessionFacts };

/** The readiness of a visit that is still to come; undefined for one that has begun, ended or been called off. */
export function judgeReadiness({ facts, series, session }: Visit, extras: ReadinessExtras): Readiness | undefined {
  if (session.status !== "scheduled" || session.owner === "external") return undefined;
  const dueBy = readinessDeadline(series.clinic, session.startsAt);
  const stateOf = (said: boolean | null): ReadinessState => {
    if (said !== null) return said ? "done" : "failed";
    return dueBy <= extras.now ? "overdue" : "open";
  };
  const items = listItems({ facts, series, session }, extras).map(([item, said]) => ({ item, state: stateOf(said), dueBy }));
  return { colour: colourOf(items), items };
}

/** Noon of the last staffed day before the visit, or the last staffed moment before that noon: what is missing for Monday is known on Friday while somebody can still act. */
export function readinessDeadline(clinic: StaffedClinic, startsAt: Instant): Instant {
  const day = addStaffedDays(clinic, dayOf(toLocal(clinic.zone, startsAt)), -1);
  const noon = placeLocal(clinic.zone, atTime(day, wallClock(12 * 60)));
  const midnight = placeLocal(clinic.zone, atTime(day, wallClock(0)));
  return staffedSpans(clinic, { from: midnight, to: noon }).at(-1)?.to ?? noon;
}

/** What this visit needs, each with what was said of it: true, false, or null for nothing yet. */
function listItems(
  { facts, series, session }: Visit,
  { unanswered, requirements }: ReadinessExtras,
): [ReadinessItemName, boolean | null][] {
  const { answers, kind, setting } = session;
  const treats = kind === "dosing" || kind === "booster";
  const { solids, liquids, nasalProducts } = series.protocol.instructions;
  const items: [ReadinessItemName, boolean | null][] = [
    ["confirmed", answers.has("asks-to-move") ? false : answers.has("confirmed") || null],
    ["reachable", isReachable(facts)],
  ];
  if (treats && setting !== "telehealth") items.push(["companion", findCompanion(facts, session)]);
  if (treats && (solids || liquids || nasalProducts)) items.push(["preparation", answers.has("fasting-acknowledged") || null]);
  if (treats && setting === "home") items.push(["location", answers.has("location-confirmed") || null]);
  if (unanswered !== null) items.push(["survey", unanswered === 0 || null]);
  if (treats) for (const [requirement, isMet] of requirements) items.push([requirement, isMet || null]);
  return items;
}

function findCompanion({ escort }: PatientFacts, { answers, escortComes }: SessionFacts): boolean | null {
  if (answers.has("driver-missing")) return false;
  return (escort !== null && escortComes) || answers.has("driver-named") || null;
}

function isReachable({ patient, hold }: PatientFacts): boolean {
  return hold === null && (patient.email === "reachable" || patient.sms === "reachable");
}

/** A patient who does not tick that they have read, or does not fill in a questionnaire, comes all the same. */
const NEVER_RED: ReadonlySet<ReadinessItemName> = new Set(["preparation", "survey"]);

function colourOf(items: readonly ReadinessItem[]): Readiness["colour"] {
  const isBad = ({ item, state }: ReadinessItem) => (state === "failed" || state === "overdue") && !NEVER_RED.has(item);
  if (items.some(isBad)) return "red";
  return items.every(({ state }) => state === "done") ? "green" : "amber";
}
