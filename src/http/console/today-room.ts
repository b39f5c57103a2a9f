/** Today: every visit of the day with its readiness, what can be done about it in one click, and ten seconds to take that back. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Approval, getApprovals } from "../../db/approvals.ts";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { readZone } from "../../db/clinics.ts";
import { hurryAction, listShownActions, placeOfRefusal, undoAction } from "../../db/console-actions.ts";
import { loadBoard } from "../../db/readiness.ts";
import { listConsoleClinics } from "../../db/view-console.ts";
import { loadToday } from "../../db/view-today.ts";
import { addDays, atTime, type CalendarDay, dayOf, formatDay, parseDay, wallClock } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { type ClinicId, parsePublicId, toPublicId } from "../../domain/ids.ts";
import { placeLocal, toLocal, type Zone } from "../../domain/place-in-time.ts";
import { sessionActionSchema, type SessionActionInput } from "../../domain/session-action.ts";
import { deferAction } from "../../producers/carry-out-actions.ts";
import { actorOf, clinicOf, requirePermission, staffOf } from "../auth/staff-access.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { openCompanion } from "./open-companion.ts";
import { tellShown } from "./tell-shown.ts";
import { printSheet, SHEET_POLICY } from "./print-sheet.ts";
import { readForm } from "./read-form.ts";
import { todayBody, type TodayView } from "./today-page.ts";

const AT_CLINIC = requirePermission("plans.read", { of: "clinic" });
const ABOUT_SESSION = requirePermission("sessions.change", { of: "session" });
const WITHIN_CLINIC = requirePermission("sessions.change", { of: "clinic" });
const faultsSchema = z.array(z.object({ path: z.string(), expected: z.string(), value: z.string().optional() }));
const REFRESH_SECONDS = 30;

export function todayRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/today", { config: AT_CLINIC }, async (request, reply) => {
      const view = await readToday(deps, request);
      // What is being taken back or typed must not be torn away.
      const refresh = view.actions.length > 0 ? 5 : REFRESH_SECONDS;
      return sendConsolePage(
        deps,
        { request, reply },
        { title: view.title, room: "today", body: (context) => todayBody(view, context), refreshSeconds: refresh },
      );
    });
    app.get("/console/clinics/:clinic/today/sheet", { config: AT_CLINIC }, async (request, reply) => {
      const view = await readToday(deps, request);
      return reply.type("text/html; charset=utf-8").header("content-security-policy", SHEET_POLICY).send(printSheet(view));
    });
    app.post<{ Params: { session: string } }>("/console/sessions/:session/do", { config: ABOUT_SESSION }, async (request, reply) => {
      const sessionId = parsePublicId("session", request.params.session);
      const action = readAction(request.body);
      const day = readDayField(request.body);
      const back = deps.basePath + (await todayPath(deps, clinicOf(request), day));
      if (!sessionId || action === undefined) return reply.redirect(`${back}${day ? "&" : "?"}fault=action`, 303);
      await deferAction(deps, { clinicId: clinicOf(request), sessionId, action, actor: actorOf(request), ifRevision: null });
      return reply.redirect(`${back}#${toPublicId("session", sessionId)}`, 303);
    });
    app.post<{ Params: { clinic: string; action: string; verb: string } }>(
      "/console/clinics/:clinic/actions/:action/:verb",
      { config: WITHIN_CLINIC },
      async (request, reply) => {
        const id = parsePublicId("action", request.params.action);
        const { verb } = request.params;
        const back = deps.basePath + (await todayPath(deps, clinicOf(request), readDayField(request.body)));
        const isUndone = id !== undefined && verb === "undo" && (await undoAction(deps.db, id, actorOf(request)));
        if (id !== undefined && verb === "now") await hurryAction(deps.db, id, actorOf(request));
        const isLate = verb === "undo" && !isUndone;
        return reply.redirect(`${back}${isLate ? `${back.includes("?") ? "&" : "?"}fault=too-late` : ""}${rowOf(request.body)}`, 303);
      },
    );
  };
}

/** The row that somebody was at: there a keyboard goes on. */
function rowOf(body: unknown): string {
  const sessionId = parsePublicId("session", readText(body, "at") ?? "");
  return sessionId === undefined ? "" : `#${toPublicId("session", sessionId)}`;
}

async function todayPath({ db }: ConsoleDeps, clinicId: ClinicId, day: CalendarDay | undefined): Promise<string> {
  const [clinic] = await listConsoleClinics(db, [clinicId]);
  return `${roomPath(clinic?.slug ?? "", "today")}${day === undefined ? "" : `?day=${formatDay(day)}`}`;
}

async function readToday(deps: ConsoleDeps, request: FastifyRequest): Promise<TodayView> {
  const { db, vault } = deps;
  const clinicId = clinicOf(request);
  const [clinic] = await listConsoleClinics(db, [clinicId]);
  const zone = readZone(clinic?.zone ?? "");
  const { now } = await readClinicTime(db);
  const today = dayOf(toLocal(zone, now));
  const day = readDay(request.query, "day") ?? today;
  const span = { from: midnight(zone, day), to: midnight(zone, addDays(day, 1)) };
  const [visits, board] = [await loadToday(db, clinicId, span), await loadBoard(db, clinicId, span)];
  await tellShown(deps, request, { ids: visits.map(({ patientId }) => patientId), where: "console today" });
  const approvals = await getApprovals(
    db,
    visits.map(({ approvalId }) => approvalId),
  );
  const readiness = new Map(board.map((visit) => [visit.sessionId, visit.readiness]));
  const actor = actorOf(request);
  const actions = await listShownActions(db, { clinicId, actor });
  const open = (sealed: Buffer, table: string, column: string, row: string) => vault.open(sealed, { table, column, row });
  return {
    title: day === today ? "Today" : "Day",
    staff: staffOf(request).session.name,
    day,
    today,
    zone,
    now,
    fault: readText(request.query, "fault"),
    visits: visits.map((visit) => ({
      ...visit,
      asksForm: asksForm(approvals.get(visit.approvalId)),
      readiness: readiness.get(visit.id),
      chart: open(visit.refSealed, "patients", "ref_sealed", visit.patientId),
      name: open(visit.nameSealed, "patients", "name_sealed", visit.patientId),
      phone: visit.phoneSealed && open(visit.phoneSealed, "patients", "phone_sealed", visit.patientId),
      escort: openCompanion(vault, visit),
    })),
    actions: actions.map((action) => ({
      ...action,
      faults: action.refusalSealed && readFaults(vault.open(action.refusalSealed, placeOfRefusal(action.id))),
    })),
  };
}

/** Whether the protocol asks for a monitoring form after a dose. */
function asksForm(approval: Approval | undefined): boolean {
  return approval?.protocol.rules.some(({ when }) => when.includes("form-missing")) === true;
}

function readFaults(text: string): readonly Fault[] {
  return faultsSchema
    .parse(JSON.parse(text))
    .map(({ path, expected, value }) => ({ path, expected, ...(value === undefined ? {} : { value }) }));
}

function readAction(body: unknown): SessionActionInput | undefined {
  const fields = Object.fromEntries(readForm(body).entries.filter(([name]) => name !== "day"));
  return isAction(fields) ? fields : undefined;
}

function isAction(fields: object): fields is SessionActionInput {
  return sessionActionSchema.safeParse(fields).success;
}

function readText(from: unknown, name: string): string | undefined {
  if (typeof from !== "object" || from === null) return undefined;
  const value: unknown = Object.entries(from).find(([each]) => each === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

function readDay(from: unknown, name: string): CalendarDay | undefined {
  const text = readText(from, name);
  return text === undefined ? undefined : parseDay(text);
}

function readDayField(body: unknown): CalendarDay | undefined {
  return readDay(body, "day");
}

function midnight(zone: Zone, day: CalendarDay) {
  return placeLocal(zone, atTime(day, wallClock(0)));
}
