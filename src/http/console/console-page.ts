/** Turns what a room has to show into a page of this person at this clinic. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { listConsoleClinics } from "../../db/view-console.ts";
import type { ClinicId } from "../../domain/ids.ts";
import type { Permission } from "../../domain/roles.ts";
import { isAllowed } from "../auth/caller.ts";
import { clinicOf, csrfOf, staffOf } from "../auth/staff-access.ts";
import type { Html } from "../html.ts";
import type { HttpDeps } from "../http-deps.ts";
import { sendPage } from "../send-page.ts";
import { type ConsoleFrame, consoleFrame, type Room, ROOMS } from "./console-frame.ts";

export type ConsoleDeps = HttpDeps & { readonly publicBaseUrl: string; readonly basePath: string };

/** What one must be allowed to enter a room. */
const ENTRY: { readonly [Each in Room]: Permission } = {
  today: "plans.read",
  alerts: "alerts.read",
  replies: "replies.read",
  tasks: "tasks.read",
  patients: "patients.read",
  series: "series.change",
  outcomes: "outcomes.read",
  wording: "templates.read",
  days: "clinic.close",
  ops: "ops.read",
  settings: "roster.read",
};

export type ConsolePage = {
  readonly title: string;
  /** What stands above the page where its title, which browsers keep, may not say it: somebody's name. */
  readonly heading?: string;
  readonly above?: (context: ConsoleContext) => Html;
  readonly room: Room | null;
  readonly body: (context: ConsoleContext) => Html;
  readonly actions?: (context: ConsoleContext) => Html;
  readonly refreshSeconds?: number;
  readonly status?: number;
};

/** Who looks, where, and what forms need. */
export type ConsoleContext = Pick<ConsoleFrame, "basePath" | "csrf" | "clinic"> & {
  readonly clinicId: ClinicId;
  readonly zone: string;
  mayDo(permission: Permission): boolean;
};

/** Sends a page of the console. Its clinic is the one at which the route found them allowed. */
export async function sendConsolePage(
  deps: ConsoleDeps,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  page: ConsolePage,
): Promise<FastifyReply> {
  const caller = staffOf(request);
  const clinics = await listConsoleClinics(deps.db, [...caller.session.roles.keys()]);
  const clinicId = clinicOf(request);
  const clinic = clinics.find(({ id }) => id === clinicId);
  if (!clinic) throw new Error(`Clinic ${clinicId} is not stored`);
  const { basePath } = deps;
  const csrf = csrfOf(request);
  const mayDo = (permission: Permission) => isAllowed(caller, clinicId, permission);
  const context: ConsoleContext = { basePath, csrf, clinic, clinicId, zone: clinic.zone, mayDo };
  const frame: ConsoleFrame = {
    title: page.title,
    ...(page.heading !== undefined && { heading: page.heading }),
    ...(page.above && { above: page.above(context) }),
    room: page.room,
    basePath,
    clinic,
    otherClinics: clinics.filter(({ id }) => id !== clinicId),
    rooms: ROOMS.filter((room) => mayDo(ENTRY[room])),
    waiting: { alerts: clinic.alerts, replies: clinic.replies, tasks: clinic.tasks },
    person: { name: caller.session.name, role: caller.session.roles.get(clinicId) ?? "" },
    csrf,
    refreshSeconds: page.refreshSeconds ?? null,
    ...(page.actions && { actions: page.actions(context) }),
  };
  return sendPage(reply, page.status ?? 200, consoleFrame(frame, page.body(context)));
}
