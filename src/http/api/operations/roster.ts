/** Who is paged when a patient may be in danger. It is set in the clinic's settings. */
import { z } from "zod";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { loadSafety } from "../../../db/safety-settings.ts";
import { findClinicById } from "../../../db/view-access.ts";
import { formatDay, formatWallClock, WEEKDAYS } from "../../../domain/calendar.ts";
import { everybodyOn, findGap, isOnDuty } from "../../../domain/roster.ts";
import type { DutyHours, RosterEntry } from "../../../domain/safety-settings.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toProblem } from "../api-problem.ts";
import { clinicParam, lineText, momentField, momentText, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const READ = requirePermission("roster.read", { of: "clinic" });

const person = z.strictObject({
  name: z.string(),
  role: z.string(),
  when: z.string().meta({ description: "`always`, `staffed`, `after-hours`, or the hours of each day.", example: "mon 08:00-17:00" }),
  from: z.string().nullable(),
  until: z.string().nullable(),
  onDuty: z.boolean(),
  phone: z.boolean(),
  email: z.boolean(),
});

function sayHours(when: DutyHours): string {
  if (typeof when === "string") return when;
  return WEEKDAYS.flatMap((day) =>
    (when[day] ?? []).map(({ from, to }) => `${day} ${formatWallClock(from)}-${to === 1440 ? "24:00" : formatWallClock(to)}`),
  ).join(", ");
}

function toPerson({ name, role, when, from, until, phone, email }: RosterEntry, onDuty: boolean): z.output<typeof person> {
  const days = { from: from === null ? null : formatDay(from), until: until === null ? null : formatDay(until) };
  return { name, role, when: sayHours(when), ...days, onDuty, phone: phone !== null, email: email !== null };
}

export const roster: readonly Operation[] = [
  operation({
    ...bare,
    id: "roster.show",
    method: "GET",
    path: "/clinics/{clinic}/roster",
    summary: "Who is paged for an alert, in which order, and who is on duty; whether they have a phone, but not which",
    command: "roster show",
    access: READ.access,
    params: clinicParam,
    query: z.strictObject({ at: momentField.optional() }),
    answer: z.strictObject({
      at: momentText,
      acknowledge: z.strictObject({
        criticalMinutes: z.int().meta({ description: "After which the next person is asked." }),
        highMinutes: z.int().meta({ description: "Counted in staffed time." }),
      }),
      surveys: z.boolean().meta({ description: "Whether surveys ask about thoughts of self-harm." }),
      noAfterHoursCover: z.strictObject({ signedBy: z.string(), on: z.string() }).nullable(),
      roster: z.array(person),
    }),
  })(async ({ db, vault }, { query, request }) => {
    const clinic = await findClinicById(db, clinicOf(request));
    const [safety, { now }] = await Promise.all([loadSafety(db, clinic.id, vault), readClinicTime(db)]);
    const at = query.at ?? now;
    const { acknowledge, surveys, noAfterHoursCover: cover } = safety;
    const people = everybodyOn(safety.roster).map((entry) => toPerson(entry, isOnDuty(entry, clinic, at)));
    const noAfterHoursCover = cover && { signedBy: cover.signedBy, on: formatDay(cover.on) };
    return { body: { at: toMoment(at), acknowledge: { ...acknowledge }, surveys, noAfterHoursCover, roster: people } };
  }),
  operation({
    ...bare,
    id: "roster.check",
    method: "GET",
    path: "/clinics/{clinic}/roster/check",
    summary: "The first hour of the coming weeks for which nobody is on the roster, closed days and days on call counted",
    command: "roster check",
    access: READ.access,
    params: clinicParam,
    query: z.strictObject({ days: z.coerce.number("a whole number from 1 to 366").int().min(1).max(366).default(28) }),
    answer: z.strictObject({ days: z.int(), covered: z.boolean(), firstGap: momentText.nullable() }),
  })(async ({ db, vault }, { query: { days }, request }) => {
    const clinic = await findClinicById(db, clinicOf(request));
    const [safety, { now }] = await Promise.all([loadSafety(db, clinic.id, vault), readClinicTime(db)]);
    const gap = findGap(safety, clinic, { from: now, days });
    return { body: { days, covered: gap === undefined, firstGap: toMaybeMoment(gap ?? null) } };
  }),
  operation({
    ...bare,
    id: "roster.test",
    method: "POST",
    path: "/clinics/{clinic}/roster/test",
    summary: "Page everybody on the roster, on every channel, with a page that says that it is a test",
    detail: "A page whose `outcome` is not `sent` was not taken by its provider: a pager that is dead is found before it is needed.",
    command: "roster test",
    access: requirePermission("roster.change", { of: "clinic" }).access,
    params: clinicParam,
    body: z.strictObject({ person: lineText(200, "Sam Ortiz").optional().meta({ description: "Only this person." }) }),
    answer: z.strictObject({
      pages: z.array(
        z.strictObject({ name: z.string(), channel: z.enum(["sms", "email"]), outcome: z.string(), code: z.string().nullable() }),
      ),
    }),
  })(async ({ testRoster }, { body, options: { actor }, request }) => {
    const pages = await testRoster(clinicOf(request), { actor, person: body.person ?? null });
    if (pages.length === 0) throw toProblem([{ path: "person", expected: "somebody on the roster, who can be paged" }]);
    return { body: { pages: pages.map((page) => ({ ...page })) } };
  }),
];
