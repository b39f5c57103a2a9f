/** How time passes at the clinic: from one moment at which something is to happen to the next, or past many of them while nobody works. */
import { expect } from "vitest";
import { type Instant, instant, MINUTE } from "../../../src/domain/calendar.ts";
import type { Outcome } from "../../../src/producers/record-outcome.ts";
import type { Clinic } from "./clinic.ts";
import { judgeMoment } from "./judge-books.ts";
import type { Person } from "./model.ts";
import { record } from "./staff.ts";

/** Through so many moments, each to its end. */
export async function goOn(clinic: Clinic, moments: number): Promise<void> {
  await clinic.work();
  for (let moment = 0; moment < moments; moment++) {
    const next = await clinic.peek();
    if (next === undefined) return;
    await liveAt(clinic, next);
  }
}

/** Through every moment up to that one, and that one. */
export async function goOnUntil(clinic: Clinic, until: Instant): Promise<void> {
  await clinic.work();
  for (let next = await clinic.peek(); next !== undefined && next < until; next = await clinic.peek()) await liveAt(clinic, next);
  await liveAt(clinic, until);
}

/** Nobody works in between. */
export async function skip(clinic: Clinic, ms: number): Promise<void> {
  await liveAt(clinic, instant((await clinic.now()) + ms));
}

async function liveAt(clinic: Clinic, at: Instant): Promise<void> {
  await clinic.stepTo(at);
  await clinic.work();
  expect(await judgeMoment(clinic)).toEqual([]);
}

export type VisitDay = { readonly outcomes: readonly Outcome[]; readonly minutes: number };

/** Up to the next visit, moment by moment, and through it: one outcome after the other, so many minutes apart. */
export async function liveThroughVisit(clinic: Clinic, person: Person, { outcomes, minutes }: VisitDay): Promise<void> {
  const at = await clinic.now();
  const [visit] = person.visits
    .filter(({ status, startsAt }) => status === "scheduled" && startsAt > at)
    .toSorted((a, b) => a.startsAt - b.startsAt);
  if (!visit) return;
  await goOnUntil(clinic, visit.startsAt);
  for (const outcome of outcomes) {
    await record({ clinic, person, visit }, outcome);
    await goOnUntil(clinic, instant((await clinic.now()) + minutes * MINUTE));
  }
}

/** To the end of everything that is planned, with providers that are well. */
export async function goOnToTheEnd(clinic: Clinic, until: Instant): Promise<void> {
  clinic.arm([]);
  await clinic.wakeAll();
  await goOnUntil(clinic, until);
}
