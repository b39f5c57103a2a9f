/** Days and closures: pick a day, see every consequence, go. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import type { StoredClinic } from "../../db/clinics.ts";
import { type Closure, findClosure, listClosures } from "../../db/closures.ts";
import type { DaySession } from "../../db/day-sessions.ts";
import { findClinicById } from "../../db/view-access.ts";
import { listClosedOut } from "../../db/view-closure.ts";
import { countVisitsByDay, findClinicRevision, listClinicChangesSince } from "../../db/view-days.ts";
import { loadNames } from "../../db/view-names.ts";
import { findNewestEvent } from "../../db/view-patient-timeline.ts";
import {
  addDays,
  atTime,
  type CalendarDay,
  DAY,
  type Instant,
  instant,
  parseDay,
  parseWallClock,
  wallClock,
} from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { placeLocal, resolveLocal, type Zone } from "../../domain/place-in-time.ts";
import type { Span } from "../../domain/touchpoint.ts";
import { type ClinicClosed, closeClinic } from "../../producers/close-clinic.ts";
import type { ClinicChanged } from "../../producers/change-clinic.ts";
import type { ChangeOptions } from "../../producers/change-facts.ts";
import { type DayMoved, moveDay } from "../../producers/move-day.ts";
import { reopenClinic } from "../../producers/reopen-clinic.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { closureBody } from "./closure-page.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { pill } from "./console-parts.ts";
import { type Concerned, type DayChange, daysBody, type DaysPreview, type DaysView, mondayOf } from "./days-page.ts";
import { paramOf } from "./patients-room.ts";
import { tellShown } from "./tell-shown.ts";
import { readCount, readForm, type Typed } from "./read-form.ts";
import { dayAt, sayDate } from "./say-moment.ts";

const PATH = "/console/clinics/:clinic/days";
const CHANGES: readonly DayChange[] = ["close", "move", "reopen"];

export function daysRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const config = requirePermission("clinic.close", { of: "clinic" });
    app.get(PATH, { config }, (request, reply) => sendDays(deps, { request, reply }, NOTHING));
    app.post(PATH, { config }, (request, reply) => takeChange(deps, { request, reply }));
    app.get("/console/closures/:closure", { config: requirePermission("clinic.close", { of: "closure" }) }, (request, reply) =>
      sendClosure(deps, { request, reply }),
    );
  };
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

type Outcome = Pick<DaysView, "which" | "faults" | "preview" | "isSame" | "since">;
const NOTHING: Outcome = { which: null, faults: [], preview: null, isSame: false, since: null };

async function sendDays(deps: ConsoleDeps, { request, reply }: Exchange, outcome: Outcome): Promise<FastifyReply> {
  const { db } = deps;
  const clinicId = clinicOf(request);
  const clinic = await findClinicById(db, clinicId);
  const { now } = await readClinicTime(db);
  const query = readForm(request.query);
  const today = dayAt(clinic.zone, now);
  const from = mondayOf(parseDay(query.text("from")) ?? today);
  const span = { from: midnight(clinic.zone, from), to: midnight(clinic.zone, addDays(from, 42)) };
  const view: DaysView = {
    ...outcome,
    zone: clinic.zone,
    now,
    today,
    from,
    days: await countVisitsByDay(db, clinicId, span),
    closedDays: clinic.closures,
    closures: await listClosures(db, clinicId, instant(now - 30 * DAY)),
    revision: await findClinicRevision(db, clinicId),
    seen: await findNewestEvent(db),
    typed: readForm(request.body),
    done: query.maybe("done") ?? null,
  };
  const status = outcome.since ? 409 : outcome.faults.length > 0 ? 422 : 200;
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Days and closures", room: "days", status, body: (context) => daysBody(view, context) },
  );
}

async function takeChange(deps: ConsoleDeps, exchange: Exchange): Promise<FastifyReply> {
  const { request, reply } = exchange;
  const typed = readForm(request.body);
  const which = CHANGES.find((each) => each === typed.text("change")) ?? null;
  const clinic = await findClinicById(deps.db, clinicOf(request));
  const asked = which && (await readAsked(deps, { which, typed, clinic }));
  if (!asked) return sendDays(deps, exchange, NOTHING);
  if ("faults" in asked) return sendDays(deps, exchange, { ...NOTHING, which, faults: asked.faults });
  const isGo = typed.text("step") === "go";
  const options = { actor: actorOf(request), dryRun: !isGo, ifRevision: readCount(typed.text("revision")) ?? null };
  const result = await asked.run(options);
  if (result.kind === "refused" && result.faults.some(({ path }) => path === "revision")) {
    const since = await listClinicChangesSince(deps.db, clinic.id, readCount(typed.text("seen")) ?? 0);
    const afresh = await asked.run({ ...options, dryRun: true, ifRevision: null });
    return sendDays(deps, exchange, { ...(await outcomeOf(deps, request, { which, asked, result: afresh })), since });
  }
  if (result.kind === "changed" && isGo) return reply.redirect(`${deps.basePath}${roomPath(clinic.slug, "days")}?done=${which}`, 303);
  return sendDays(deps, exchange, await outcomeOf(deps, request, { which, asked, result }));
}

type Asked = {
  readonly heading: string;
  readonly run: (options: ChangeOptions) => Promise<ClinicChanged<unknown>>;
  readonly sort: (value: unknown) => Sorted;
};

type Entry = { readonly session: DaySession; readonly to: Instant | null; readonly why: Concerned["why"] };
type Sorted = {
  readonly concerned: readonly Entry[];
  readonly left: readonly Entry[];
  readonly silenced: DaysPreview["silenced"];
  readonly warnings: readonly string[];
};

async function outcomeOf(
  deps: ConsoleDeps,
  request: FastifyRequest,
  { which, asked, result }: { which: DayChange; asked: Asked; result: ClinicChanged<unknown> },
): Promise<Outcome> {
  if (result.kind === "refused") return { ...NOTHING, which, faults: result.faults };
  if (result.kind === "same") return { ...NOTHING, which, isSame: true };
  const { concerned, left, silenced, warnings } = asked.sort(result.value);
  const ids = [...concerned, ...left].map(({ session }) => session.patientId);
  await tellShown(deps, request, { ids, where: `console days ${which}` });
  const names = await loadNames(deps, ids);
  const named = (entries: readonly Entry[]): Concerned[] =>
    entries.map((entry) => ({ ...entry, ...(names.get(entry.session.patientId) ?? { name: "", chart: "" }) }));
  return {
    ...NOTHING,
    which,
    preview: { change: which, heading: asked.heading, concerned: named(concerned), left: named(left), silenced, warnings },
  };
}

type Reading = { readonly which: DayChange; readonly typed: Typed; readonly clinic: StoredClinic };

async function readAsked(deps: ConsoleDeps, reading: Reading): Promise<Asked | { readonly faults: readonly Fault[] } | null> {
  switch (reading.which) {
    case "close":
      return readClose(deps, reading);
    case "move":
      return readMove(deps, reading);
    case "reopen":
      return readReopen(deps, reading);
  }
}

const A_DAY = "a day that exists, written as 2027-02-02";

function fault(path: string, expected: string): { readonly faults: readonly Fault[] } {
  return { faults: [{ path, expected }] };
}

function readClose(deps: ConsoleDeps, { typed, clinic }: Reading): Asked | { readonly faults: readonly Fault[] } {
  const { zone, id: clinicId } = clinic;
  const day = parseDay(typed.text("day"));
  if (day === undefined) return fault("day", A_DAY);
  const [from, to] = [readHour(zone, day, { typed, name: "from" }), readHour(zone, day, { typed, name: "to" })];
  if (from === undefined) return fault("from", "a time of day that exists on that day, such as 08:00");
  if (to === undefined) return fault("to", "a time of day that exists on that day, such as 12:00");
  if (from >= to) return fault("to", "hours that end after they begin");
  const reason = parseLine(typed.text("reason"), { most: 200 });
  if (!reason.ok) return fault("reason", reason.expected);
  const isWhole = typed.text("from") === "" && typed.text("to") === "";
  const request = { clinicId, from, to, wholeDay: isWhole ? day : null, reason: reason.value };
  return {
    heading: `Closing ${sayDate(day, day)}${isWhole ? "" : `, ${typed.text("from") || "morning"} to ${typed.text("to") || "evening"}`}`,
    run: (options) => closeClinic(deps, request, options),
    sort: (value) =>
      isClosed(value)
        ? { concerned: plain(value.postponed, null), left: plain(value.left, "left"), silenced: value.silenced, warnings: [] }
        : NOBODY,
  };
}

function plain(sessions: readonly DaySession[], why: Concerned["why"]): Entry[] {
  return sessions.map((session) => ({ session, to: null, why }));
}

const NOBODY: Sorted = { concerned: [], left: [], silenced: { ended: 0, inFlight: 0 }, warnings: [] };

function isClosed(value: unknown): value is ClinicClosed {
  return typeof value === "object" && value !== null && "postponed" in value;
}

function isMoved(value: unknown): value is DayMoved {
  return typeof value === "object" && value !== null && "moves" in value;
}

function readMove(deps: ConsoleDeps, { typed, clinic }: Reading): Asked | { readonly faults: readonly Fault[] } {
  const [from, to] = [parseDay(typed.text("source")), parseDay(typed.text("target"))];
  if (from === undefined) return fault("source", A_DAY);
  if (to === undefined) return fault("target", A_DAY);
  if (from === to) return fault("target", "another day");
  const which = typed.list("following").length > 0 ? ("day-and-following" as const) : ("day" as const);
  const span: Span = { from: midnight(clinic.zone, from), to: midnight(clinic.zone, addDays(from, 1)) };
  return {
    heading: `Moving ${sayDate(from, from)} to ${sayDate(to, from)}`,
    run: (options) => moveDay(deps, { clinic, from, to, span, which }, options),
    sort: (value) =>
      isMoved(value)
        ? {
            concerned: value.moves.map(({ session, startsAt }) => ({ session, to: startsAt, why: null })),
            left: value.left.map(({ session, why }) => ({ session, to: null, why })),
            silenced: value.silenced,
            warnings: value.warnings,
          }
        : NOBODY,
  };
}

async function readReopen(deps: ConsoleDeps, { typed, clinic }: Reading): Promise<Asked | null> {
  const id = parsePublicId("closure", typed.text("closure"));
  const closure = id && (await findClosure(deps.db, id));
  if (!closure || closure.clinicId !== clinic.id) return null;
  return { heading: "Opening again", run: (options) => reopenClinic(deps, closure, options), sort: () => NOBODY };
}

/** What is left out is the day's begin or end; an hour that the clock shows twice begins the first time and ends the second. */
function readHour(zone: Zone, day: CalendarDay, { typed, name }: { typed: Typed; name: "from" | "to" }): Instant | undefined {
  const text = typed.text(name);
  if (text === "") return midnight(zone, name === "from" ? day : addDays(day, 1));
  const time = parseWallClock(text);
  if (time === undefined) return undefined;
  const placed = resolveLocal(zone, atTime(day, time));
  if (placed.kind === "gap") return undefined;
  return placed.kind === "exact" ? placed.at : name === "from" ? placed.first : placed.second;
}

function midnight(zone: Zone, day: CalendarDay): Instant {
  return placeLocal(zone, atTime(day, wallClock(0)));
}

async function sendClosure(deps: ConsoleDeps, { request, reply }: Exchange): Promise<FastifyReply> {
  const { db, vault } = deps;
  const id = parsePublicId("closure", paramOf(request, "closure"));
  const closure: Closure | undefined = id && (await findClosure(db, id));
  if (!closure) throw new AccessDenied("not-found");
  const rows = await listClosedOut(db, closure);
  const ids = rows.map(({ patientId }) => patientId);
  await tellShown(deps, request, { ids, where: "console closure" });
  const names = await loadNames({ db, vault }, ids);
  const view = {
    closure,
    now: (await readClinicTime(db)).now,
    revision: await findClinicRevision(db, closure.clinicId),
    seen: await findNewestEvent(db),
    rows: rows.map((row) => ({ ...row, ...(names.get(row.patientId) ?? { name: "", chart: "", phone: null }) })),
  };
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Closure",
      room: "days",
      above: ({ basePath, clinic }) => html`<a href="${basePath}${roomPath(clinic.slug, "days")}">Days and closures</a>`,
      actions: () => (closure.reopenedAt === null ? pill("amber", "closed") : pill("plain", "open again")),
      body: (context) => closureBody(view, context),
    },
  );
}
