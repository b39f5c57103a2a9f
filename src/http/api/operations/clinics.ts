/** A clinic as a whole: settings, closed days, the board of visits, what is switched off. */
import { z } from "zod";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { type Closure, findClosure, listClosures } from "../../../db/closures.ts";
import type { DaySession } from "../../../db/day-sessions.ts";
import { loadBoard } from "../../../db/readiness.ts";
import { countCovered, type Coverage, listSwitches, type Switch, SWITCH_SCOPES } from "../../../db/switches.ts";
import { findClinicsOf } from "../../../db/clinic-of.ts";
import { findClinicById, findClinicSlugs } from "../../../db/view-access.ts";
import { listClosedOut } from "../../../db/view-closure.ts";
import {
  addDays,
  atTime,
  type CalendarDay,
  DAY,
  dayOf,
  type Instant,
  instant,
  parseWallClock,
  wallClock,
} from "../../../domain/calendar.ts";
import { type ClinicId, parsePublicId, toPublicId } from "../../../domain/ids.ts";
import { parseClinic } from "../../../domain/parse-clinic.ts";
import { placeLocal, resolveLocal, toLocal, type Zone } from "../../../domain/place-in-time.ts";
import { changeSettings } from "../../../producers/change-settings.ts";
import { closeClinic } from "../../../producers/close-clinic.ts";
import { moveDay } from "../../../producers/move-day.ts";
import { reopenClinic } from "../../../producers/reopen-clinic.ts";
import { switchOff, switchOn } from "../../../producers/switch-sending.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toWall } from "../../../domain/touchpoint-fields.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { clinicChanged, replyClinicChanged } from "../changed.ts";
import { clinicParam, idField, idText, lineText, momentText, readDayText, toMaybeMoment, toMoment } from "../fields.ts";
import { type ApiDeps, bare, operation, type Operation } from "../operation.ts";
import { callerOf } from "../../auth/staff-access.ts";

const dayText = z.string().max(20).meta({ example: "2027-02-02" });

function readDay(path: string, text: string): CalendarDay {
  const day = readDayText(text);
  if (day === undefined) throw toProblem([{ path, expected: "a day that exists, written as 2027-02-02" }]);
  return day;
}

function midnight(zone: Zone, day: CalendarDay): Instant {
  return placeLocal(zone, atTime(day, wallClock(0)));
}

/** An hour that the clock shows twice begins the first time and ends the second. */
function hourOf(zone: Zone, day: CalendarDay, { path, text }: { path: "from" | "to"; text: string }): Instant {
  const time = parseWallClock(text);
  if (time === undefined) throw toProblem([{ path, expected: "a time of day, such as 08:00" }]);
  const placement = resolveLocal(zone, atTime(day, time));
  if (placement.kind === "gap") throw toProblem([{ path, expected: "a time that exists on that day: the clocks jump over this one" }]);
  if (placement.kind === "exact") return placement.at;
  return path === "from" ? placement.first : placement.second;
}

const concerned = z.strictObject({
  session: idText,
  series: idText,
  patient: idText,
  startsAt: momentText,
  local: z.string(),
  zone: z.string(),
  channels: z.array(z.string()),
});

function toConcerned({ id, seriesId, patientId, startsAt, zone, channels }: DaySession): z.output<typeof concerned> {
  return {
    session: toPublicId("session", id),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    startsAt: toMoment(startsAt),
    local: toWall(zone, startsAt),
    zone,
    channels: [...channels],
  };
}

const silenced = z.strictObject({ ended: z.int(), inFlight: z.int() });

const closure = z
  .strictObject({
    closure: idText,
    clinic: z.string(),
    zone: z.string(),
    from: momentText,
    to: momentText,
    wholeDay: z.string().nullable(),
    reason: z.string(),
    closedAt: momentText,
    reopenedAt: momentText.nullable(),
  })
  .meta({ id: "Closure" });

function toClosure({ id, clinic, zone, from, to, wholeDay, reason, closedAt, reopenedAt }: Closure): z.output<typeof closure> {
  const times = { from: toMoment(from), to: toMoment(to), closedAt: toMoment(closedAt), reopenedAt: toMaybeMoment(reopenedAt) };
  return { closure: toPublicId("closure", id), clinic, zone, wholeDay, reason, ...times };
}

const closureParam = z.strictObject({ closure: idField("closure") });

const settings: readonly Operation[] = [
  operation({
    ...bare,
    id: "clinics.list",
    method: "GET",
    path: "/clinics",
    summary: "The clinics at which the caller has a place",
    command: null,
    access: { to: "caller" },
    answer: z.strictObject({ clinics: z.array(z.strictObject({ clinic: z.string() })) }),
  })(async ({ db }, { request }) => {
    const caller = callerOf(request);
    const ids = caller.kind === "key" ? [caller.key.clinicId] : [...caller.session.roles.keys()];
    return { body: { clinics: [...(await findClinicSlugs(db, ids)).values()].toSorted().map((clinic) => ({ clinic })) } };
  }),
  operation({
    ...bare,
    id: "clinics.show",
    method: "GET",
    path: "/clinics/{clinic}",
    summary: "Show a clinic's settings",
    command: null,
    access: requirePermission("clinic.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({
      clinic: z.string(),
      name: z.string(),
      phone: z.string(),
      country: z.string(),
      zone: z.string(),
      locale: z.string(),
      address: z.string().nullable(),
      undoMinutes: z.int(),
      textsPerWeek: z.int(),
      surveysEnabled: z.boolean(),
      now: momentText.meta({ description: "Clinic time." }),
      revision: z.int(),
    }),
  })(async ({ db }, { request }) => {
    const clinic = await findClinicById(db, clinicOf(request));
    const { slug, name, phone, country, zone, locale, address, undoMinutes, textsPerWeek, surveysEnabled } = clinic;
    const { revision } = await db.selectFrom("clinics").select("revision").where("id", "=", clinic.id).executeTakeFirstOrThrow();
    const { now } = await readClinicTime(db);
    const told = { clinic: slug, name, phone, country, zone, locale, address, undoMinutes, textsPerWeek, surveysEnabled };
    return { body: { ...told, now: toMoment(now), revision }, revision };
  }),
  operation({
    ...bare,
    id: "clinics.set",
    method: "PUT",
    path: "/clinics/{clinic}",
    summary: "Set a clinic to new settings, whole: every key of a settings file; its patients' plans follow within seconds",
    command: "clinic set",
    access: requirePermission("clinic.change", { of: "clinic" }).access,
    dryRun: true,
    ifMatch: true,
    params: clinicParam,
    body: z.looseObject({ slug: z.string(), name: z.string() }).meta({ id: "ClinicSettings" }),
    answer: clinicChanged(z.strictObject({ warnings: z.array(z.string()) })),
  })(async (deps, { params, body, options }) => {
    const parsed = parseClinic(body);
    if (!parsed.ok) throw toProblem(parsed.faults);
    if (parsed.value.slug !== params.clinic) throw toProblem([{ path: "slug", expected: `${params.clinic}, the clinic of the address` }]);
    return replyClinicChanged(await changeSettings(deps, parsed.value, options), () => ({ warnings: [...parsed.warnings] }));
  }),
  operation({
    ...bare,
    id: "clinics.readiness",
    method: "GET",
    path: "/clinics/{clinic}/readiness",
    summary: "What is still open about the visits of some days: confirmed, driver, preparation, and what the protocol asks for",
    command: "clinic readiness",
    access: requirePermission("plans.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({ day: dayText.optional(), days: z.coerce.number().int().min(1).max(31).default(3) }),
    answer: z.strictObject({
      visits: z.array(
        z.strictObject({
          session: idText,
          series: idText,
          patient: idText,
          startsAt: momentText,
          colour: z.enum(["red", "amber", "green"]).nullable(),
          items: z.array(z.strictObject({ item: z.string(), state: z.string(), dueBy: momentText })),
        }),
      ),
    }),
  })(async ({ db }, { query, request }) => {
    const { id, zone } = await findClinicById(db, clinicOf(request));
    const first = query.day === undefined ? dayOf(toLocal(zone, (await readClinicTime(db)).now)) : readDay("query.day", query.day);
    const visits = await loadBoard(db, id, { from: midnight(zone, first), to: midnight(zone, addDays(first, query.days)) });
    return {
      body: {
        visits: visits.map(({ sessionId, seriesId, patientId, startsAt, readiness }) => ({
          session: toPublicId("session", sessionId),
          series: toPublicId("series", seriesId),
          patient: toPublicId("patient", patientId),
          startsAt: toMoment(startsAt),
          colour: readiness?.colour ?? null,
          items: readiness?.items.map(({ item, state, dueBy }) => ({ item, state, dueBy: toMoment(dueBy) })) ?? [],
        })),
      },
    };
  }),
];

const days: readonly Operation[] = [
  operation({
    ...bare,
    id: "clinics.close",
    method: "POST",
    path: "/clinics/{clinic}/closures",
    summary: "Close for a day or some hours: sessions are postponed, what was going to be said of them is silenced, patients are told",
    command: "clinic close",
    access: requirePermission("clinic.close", { of: "clinic" }).access,
    dryRun: true,
    ifMatch: true,
    params: clinicParam,
    body: z.strictObject({
      day: dayText,
      from: z.string().max(10).optional().meta({ example: "08:00" }),
      to: z.string().max(10).optional(),
      reason: lineText(200, "snow"),
    }),
    answer: clinicChanged(
      z.strictObject({ closure: idText.nullable(), postponed: z.array(concerned), left: z.array(concerned), silenced }),
    ),
  })(async (deps, { body, options, request }) => {
    const { id, zone } = await findClinicById(deps.db, clinicOf(request));
    const day = readDay("day", body.day);
    const isWhole = body.from === undefined && body.to === undefined;
    const from = body.from === undefined ? midnight(zone, day) : hourOf(zone, day, { path: "from", text: body.from });
    const to = body.to === undefined ? midnight(zone, addDays(day, 1)) : hourOf(zone, day, { path: "to", text: body.to });
    if (from >= to) throw toProblem([{ path: "to", expected: "hours that end after they begin" }]);
    const result = await closeClinic(deps, { clinicId: id, from, to, wholeDay: isWhole ? day : null, reason: body.reason }, options);
    return replyClinicChanged(result, (closed) => ({
      closure: options.dryRun ? null : toPublicId("closure", closed.closure),
      postponed: closed.postponed.map(toConcerned),
      left: closed.left.map(toConcerned),
      silenced: { ended: closed.silenced.ended, inFlight: closed.silenced.inFlight },
    }));
  }),
  operation({
    ...bare,
    id: "clinics.closures",
    method: "GET",
    path: "/clinics/{clinic}/closures",
    summary: "List the closures of the last week and those to come",
    command: "clinic closure list",
    access: requirePermission("clinic.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({ closures: z.array(closure) }),
  })(async ({ db }, { request }) => {
    const { now } = await readClinicTime(db);
    return { body: { closures: (await listClosures(db, clinicOf(request), instant(now - 7 * DAY))).map(toClosure) } };
  }),
  operation({
    ...bare,
    id: "closures.show",
    method: "GET",
    path: "/closures/{closure}",
    summary: "Show a closure, and everybody whose session has no new time yet, with what became of their messages",
    command: "clinic closure show",
    access: requirePermission("plans.read", { of: "closure", reads: "closure.read" }).access,
    params: closureParam,
    answer: closure.extend({
      sessions: z.array(
        z.strictObject({
          session: idText,
          series: idText,
          patient: idText,
          startsAt: momentText,
          mayBeCalled: z.boolean(),
          planIsFresh: z.boolean(),
          notices: z.array(
            z.strictObject({
              touchpoint: idText,
              channel: z.string(),
              state: z.string(),
              reason: z.string().nullable(),
              report: z.string().nullable(),
            }),
          ),
        }),
      ),
    }),
  })(async ({ db }, { params }) => {
    const found = await findClosure(db, params.closure);
    if (!found) throw new ApiProblem(404);
    const sessions = (await listClosedOut(db, found)).map(
      ({ sessionId, seriesId, patientId, startsAt, mayBeCalled, planIsFresh, notices }) => ({
        session: toPublicId("session", sessionId),
        series: toPublicId("series", seriesId),
        patient: toPublicId("patient", patientId),
        startsAt: toMoment(startsAt),
        mayBeCalled,
        planIsFresh,
        notices: notices.map(({ touchpoint, channel, state, reason, report }) => ({
          touchpoint: toPublicId("touchpoint", touchpoint),
          channel,
          state,
          reason,
          report,
        })),
      }),
    );
    return { body: { ...toClosure(found), sessions } };
  }),
  operation({
    ...bare,
    id: "closures.reopen",
    method: "POST",
    path: "/closures/{closure}/reopen",
    summary: "Take a closure back; its sessions stay postponed until they are rebooked, a repeat changes nothing",
    command: "clinic reopen",
    access: requirePermission("clinic.close", { of: "closure" }).access,
    dryRun: true,
    ifMatch: true,
    params: closureParam,
    answer: clinicChanged(z.strictObject({})),
  })(async (deps, { params, options }) => {
    const found = await findClosure(deps.db, params.closure);
    if (!found) throw new ApiProblem(404);
    return replyClinicChanged(await reopenClinic(deps, found, options), () => ({}));
  }),
  operation({
    ...bare,
    id: "clinics.move-day",
    method: "POST",
    path: "/clinics/{clinic}/move-day",
    summary: "Move every session of a day to the same clock time on another; what cannot be moved is listed and stays",
    command: "clinic move-day",
    access: requirePermission("clinic.close", { of: "clinic" }).access,
    dryRun: true,
    ifMatch: true,
    params: clinicParam,
    body: z.strictObject({
      from: dayText,
      to: dayText,
      shift: z.boolean().default(false).meta({ description: "Moves what follows in each of these series too." }),
    }),
    answer: clinicChanged(
      z.strictObject({
        moved: z.array(concerned.extend({ to: momentText })),
        left: z.array(concerned.extend({ why: z.string() })),
        silenced,
        warnings: z.array(z.string()),
      }),
    ),
  })(async (deps, { body, options, request }) => {
    const clinic = await findClinicById(deps.db, clinicOf(request));
    const [from, to] = [readDay("from", body.from), readDay("to", body.to)];
    if (from === to) throw toProblem([{ path: "to", expected: "another day than from" }]);
    const span = { from: midnight(clinic.zone, from), to: midnight(clinic.zone, addDays(from, 1)) };
    const result = await moveDay(deps, { clinic, from, to, span, which: body.shift ? "day-and-following" : "day" }, options);
    return replyClinicChanged(result, (moved) => ({
      moved: moved.moves.map(({ session, startsAt }) => ({ ...toConcerned(session), to: toMoment(startsAt) })),
      left: moved.left.map(({ session, why }) => ({ ...toConcerned(session), why })),
      silenced: { ended: moved.silenced.ended, inFlight: moved.silenced.inFlight },
      warnings: [...moved.warnings],
    }));
  }),
];

const switchEntry = z
  .strictObject({
    switch: idText,
    scope: z.enum(SWITCH_SCOPES),
    clinic: z.string().nullable(),
    subject: z.string().nullable(),
    reason: z.string(),
    actor: z.string(),
    offAt: momentText,
  })
  .meta({ id: "Switch" });

function toSwitch({ id, scope, clinic, subject, reason, actor, offAt }: Switch): z.output<typeof switchEntry> {
  const shown = scope === "patient" && subject !== null ? toPublicId("patient", subject) : subject;
  return { switch: toPublicId("switch", id), scope, clinic, subject: shown, reason, actor, offAt: toMoment(offAt) };
}

const covered = z.strictObject({ planned: z.int(), due: z.int(), endWithinADay: z.int() });
const scope = z.enum(["clinic", "channel", "template", "patient"]);
const subject = z
  .string()
  .max(100)
  .optional()
  .meta({ description: "The channel, the template's stem or the patient's id; none for the whole clinic." });
const switchBody = z.strictObject({ scope, subject });
const switched = z.union([
  z.strictObject({ kind: z.literal("switched"), switch: idText, covered, dryRun: z.boolean() }),
  z.strictObject({ kind: z.literal("same") }),
]);

function toCoverage({ scope: of, subject: which }: z.output<typeof switchBody>, clinicId: ClinicId): Coverage {
  if (of === "clinic") return { scope: of, clinicId, subject: null };
  const patient = of === "patient" ? parsePublicId("patient", which ?? "") : undefined;
  const isRight = of === "channel" ? which === "sms" || which === "email" : of === "patient" ? patient !== undefined : which !== undefined;
  if (!isRight)
    throw toProblem([
      {
        path: "subject",
        expected: of === "channel" ? "email or sms" : of === "patient" ? "the id of a patient" : "the stem of a template",
      },
    ]);
  return { scope: of, clinicId, subject: patient ?? which ?? null };
}

/** A switch for somebody of whom the clinic knows nothing would cover nothing, and look as if it did. */
async function refuseStrangers({ db }: Pick<ApiDeps, "db">, coverage: Coverage): Promise<Coverage> {
  const { scope: of, clinicId, subject: who } = coverage;
  if (of !== "patient" || who === null || clinicId === null || (await findClinicsOf(db, "patient", who)).includes(clinicId))
    return coverage;
  throw toProblem([{ path: "subject", expected: "the id of a patient of this clinic" }]);
}

const switches: readonly Operation[] = [
  operation({
    ...bare,
    id: "switches.list",
    method: "GET",
    path: "/clinics/{clinic}/switches",
    summary: "List what is off at a clinic, since when, by whom and why",
    command: "switch list",
    access: requirePermission("health.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({ switches: z.array(switchEntry.extend({ covered })) }),
  })(async ({ db }, { request }) => {
    const own = (await listSwitches(db)).filter(({ clinicId }) => clinicId === null || clinicId === clinicOf(request));
    return {
      body: { switches: await Promise.all(own.map(async (each) => ({ ...toSwitch(each), covered: await countCovered(db, each) }))) },
    };
  }),
  operation({
    ...bare,
    id: "switches.off",
    method: "POST",
    path: "/clinics/{clinic}/switches/off",
    summary: "Stop sending of a clinic or a part of it, at once; work for staff goes on",
    command: "switch off",
    access: requirePermission("sending.stop", { of: "clinic" }).access,
    dryRun: true,
    params: clinicParam,
    body: switchBody.extend({ reason: lineText(200, "texts arrive twice") }),
    answer: switched,
  })(async (deps, { body, options, request }) => {
    const coverage = await refuseStrangers(deps, toCoverage(body, clinicOf(request)));
    const result = await switchOff(deps, { ...coverage, reason: body.reason }, options);
    return { body: result.kind === "same" ? result : { ...result, id: undefined, switch: toPublicId("switch", result.id) } };
  }),
  operation({
    ...bare,
    id: "switches.on",
    method: "POST",
    path: "/clinics/{clinic}/switches/on",
    summary: "Let it go on: what is still of use is sent, what was over meanwhile has expired",
    command: "switch on",
    access: requirePermission("sending.resume", { of: "clinic" }).access,
    dryRun: true,
    params: clinicParam,
    body: switchBody,
    answer: switched,
  })(async (deps, { body, options, request }) => {
    const result = await switchOn(deps, toCoverage(body, clinicOf(request)), options);
    return { body: result.kind === "same" ? result : { ...result, id: undefined, switch: toPublicId("switch", result.id) } };
  }),
  ...(["off", "on"] as const).map((verb) =>
    operation({
      ...bare,
      id: `switches.everything-${verb}`,
      method: "POST",
      path: `/switches/everything/${verb}`,
      summary: verb === "off" ? "Stop sending everywhere, at once" : "Let everything go on",
      command: `switch ${verb}`,
      access: requirePermission(verb === "off" ? "sending.stop" : "sending.resume", { of: "installation" }).access,
      dryRun: true,
      body: z.strictObject({ reason: lineText(200, "wrong times in texts") }),
      answer: switched,
    })(async (deps, { body, options }) => {
      const all: Coverage = { scope: "everything", clinicId: null, subject: null };
      const result = verb === "off" ? await switchOff(deps, { ...all, reason: body.reason }, options) : await switchOn(deps, all, options);
      return { body: result.kind === "same" ? result : { ...result, id: undefined, switch: toPublicId("switch", result.id) } };
    }),
  ),
];

export const clinics: readonly Operation[] = [...settings, ...days, ...switches];
