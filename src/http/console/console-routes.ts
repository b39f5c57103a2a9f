/** The console: its stylesheet, the way in, and its rooms. Each room is a plugin of its own and one line here. */
import formbody from "@fastify/formbody";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AccessDenied } from "../auth/access-denied.ts";
import { guardStaffRoutes, staffOf } from "../auth/staff-access.ts";
import { listConsoleClinics } from "../../db/view-console.ts";
import { html } from "../html.ts";
import { sendPage } from "../send-page.ts";
import { actLater } from "./act-later.ts";
import { notice } from "./console-parts.ts";
import { alertsRoom } from "./alerts-room.ts";
import { bareFrame, roomPath } from "./console-frame.ts";
import type { ConsoleDeps } from "./console-page.ts";
import { CONSOLE_SCRIPT, CONSOLE_SCRIPT_PATH } from "./console-script.ts";
import { CONSOLE_STYLESHEET, CONSOLE_STYLESHEET_PATH } from "./console-stylesheet.ts";
import { signInPages } from "./sign-in-pages.ts";
import { opsRoom } from "./ops-room.ts";
import { patientsRoom } from "./patients-room.ts";
import { addVisitRoom } from "./add-visit-room.ts";
import { daysRoom } from "./days-room.ts";
import { seriesRoom } from "./series-room.ts";
import { incidentRoom } from "./incident-room.ts";
import { repliesRoom } from "./replies-room.ts";
import { touchpointRoom } from "./touchpoint-room.ts";
import { outcomesRoom } from "./outcomes-room.ts";
import { tasksRoom } from "./tasks-room.ts";
import { settingsRoom } from "./settings-room.ts";
import { wordingRoom } from "./wording-room.ts";
import { todayRoom } from "./today-room.ts";

/** One script of our own, that may ask this server and nobody else. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export const PUBLIC = { access: { to: "public" } } as const;

type Plugin = (app: FastifyInstance) => Promise<void>;

/** Plugins of the rooms; each registers its routes on the guarded instance. */
const ROOM_PLUGINS: readonly ((deps: ConsoleDeps) => Plugin)[] = [
  todayRoom,
  addVisitRoom,
  alertsRoom,
  repliesRoom,
  incidentRoom,
  tasksRoom,
  outcomesRoom,
  wordingRoom,
  settingsRoom,
  patientsRoom,
  opsRoom,
  seriesRoom,
  daysRoom,
  touchpointRoom,
];

export function consoleRoutes(deps: ConsoleDeps): Plugin {
  const { basePath } = deps;
  return async (app) => {
    await app.register(formbody, { bodyLimit: 256 * 1024 });
    guardStaffRoutes(app, deps);
    app.setErrorHandler((error: FastifyError, request, reply) => turnAway(error, { request, reply, basePath }));
    const asset = (path: string, type: string, content: string) =>
      app.get(path, { config: PUBLIC }, (_request, reply) =>
        reply.type(type).header("cache-control", "public, max-age=31536000, immutable").send(content),
      );
    asset(CONSOLE_STYLESHEET_PATH, "text/css; charset=utf-8", CONSOLE_STYLESHEET);
    asset(CONSOLE_SCRIPT_PATH, "text/javascript; charset=utf-8", CONSOLE_SCRIPT);
    app.addHook("onRequest", async (_request, reply) => void reply.header("content-security-policy", CONTENT_POLICY));
    await app.register(signInPages(deps));
    app.get("/console", { config: { access: { to: "caller" } } }, async (request, reply) => {
      const [first] = await listConsoleClinics(deps.db, [...staffOf(request).session.roles.keys()]);
      return first ? reply.redirect(basePath + roomPath(first.slug, "today"), 303) : sendPage(reply, 403, nowhere(basePath));
    });
    const later = actLater(deps);
    app.addHook("onClose", later.stop);
    for (const room of ROOM_PLUGINS) await app.register(room(deps));
  };
}

type Turned = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly basePath: string };

/** What cannot be shown becomes a page that says what to do about it. */
function turnAway(error: FastifyError, { request, reply, basePath }: Turned): FastifyReply {
  if (!(error instanceof AccessDenied))
    return sendPage(reply, statusOf(error), failedPage({ basePath, id: request.id, status: statusOf(error) }));
  const next = request.method === "GET" ? `?next=${encodeURIComponent(request.url)}` : "";
  switch (error.denial) {
    case "sign-in":
    case "second-step":
      return reply.redirect(`${basePath}/console/sign-in${next}`, 303);
    case "confirm-again":
      return reply.redirect(`${basePath}/console/confirm${next}`, 303);
    case "not-our-page":
      return sendPage(
        reply,
        403,
        bareFrame(
          { title: "Please try again", basePath },
          html`<p>The page was open for too long, or did not come from here. Nothing was changed.</p><p><a class="button first" href="${basePath}/console">Open the console</a></p>`,
        ),
      );
    case "forbidden":
      return sendPage(
        reply,
        403,
        bareFrame(
          { title: "Not for your role", basePath },
          html`<p>Your role at this clinic does not allow this. Somebody with another role can do it, or change yours.</p><p><a href="${basePath}/console">Back to the console</a></p>`,
        ),
      );
    case "not-found":
      return sendPage(
        reply,
        404,
        bareFrame(
          { title: "Not found", basePath },
          html`<p>There is nothing here, or it belongs to another clinic.</p><p><a href="${basePath}/console">Back to the console</a></p>`,
        ),
      );
  }
}

function statusOf({ statusCode = 500 }: FastifyError): number {
  return statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

function failedPage({ basePath, id, status }: { basePath: string; id: string; status: number }): string {
  const words =
    status < 500 ? "This request could not be read." : "Something went wrong on our side. Nothing that you see as done is lost.";
  return bareFrame(
    { title: "That did not work", basePath },
    html`${notice("bad", html`<p>${words}</p><p class="small">Reference: <code>${id}</code></p>`)}<p><a href="${basePath}/console">Back to the console</a></p>`,
  );
}

function nowhere(basePath: string): string {
  return bareFrame(
    { title: "No clinic yet", basePath },
    html`<p>You are signed in, and no clinic has given you a place. Ask an administrator.</p>`,
  );
}
