/** The card of one alert, where the pager's link leads: look, take it, decide about what it keeps back, close it with what came of it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { findHeld } from "../../db/alert-holds.ts";
import { appendEvents } from "../../db/events.ts";
import { transact } from "../../db/transact.ts";
import { findClinicById } from "../../db/view-access.ts";
import { findListedAlert } from "../../db/view-console-alerts.ts";
import { listAlerts } from "../../db/view-alert.ts";
import { ALERT_OUTCOMES } from "../../domain/alert.ts";
import type { Fault } from "../../domain/fault.ts";
import { type AlertId, parsePublicId, toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { acknowledgeAlert } from "../../producers/acknowledge-alert.ts";
import { closeAlert } from "../../producers/close-alert.ts";
import { readAlertCard } from "../../producers/read-alert-card.ts";
import { RELEASE_VERDICTS, releaseHeld } from "../../producers/release-held.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { isAllowed } from "../auth/caller.ts";
import { actorOf, clinicOf, requirePermission, staffOf } from "../auth/staff-access.ts";
import { alertCardBody } from "./alert-card-page.ts";
import { foreseePages } from "./alerts-paging.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";

const LOOK = requirePermission("alerts.read", { of: "alert" });
const ANSWER = requirePermission("alerts.answer", { of: "alert" });
const RELEASE = requirePermission("alerts.answer", { of: "touchpoint" });
const LONGEST_NOTE = 1_000;
const REFRESH_SECONDS = 15;

type Asked = { readonly request: FastifyRequest<{ Params: { alert: string } }>; readonly reply: FastifyReply };
type Tried = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly status: number };

const UNTRIED: Tried = { typed: typedAs({}), faults: [], status: 200 };

export function alertCardRoutes(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<{ Params: { alert: string } }>("/console/alerts/:alert", { config: LOOK }, (request, reply) =>
      showCard(deps, { request, reply }, UNTRIED),
    );
    for (const [path, wish] of [
      ["acknowledge", "acknowledge"],
      ["take-over", "over"],
    ] as const)
      app.post<{ Params: { alert: string } }>(`/console/alerts/:alert/${path}`, { config: ANSWER }, async (request, reply) => {
        const result = await acknowledgeAlert(deps, idOf(request), { actor: actorOf(request), wish });
        if (result.kind !== "refused") return reply.redirect(cardPath(deps, idOf(request)), 303);
        return showCard(deps, { request, reply }, { typed: typedAs({}), faults: result.faults, status: 409 });
      });
    app.post<{ Params: { alert: string } }>("/console/alerts/:alert/close", { config: ANSWER }, (request, reply) =>
      close(deps, { request, reply }),
    );
    app.post<{ Params: { touchpoint: string } }>("/console/touchpoints/:touchpoint/release", { config: RELEASE }, (request, reply) =>
      release(deps, request, reply),
    );
  };
}

function idOf({ params }: Asked["request"]): AlertId {
  const id = parsePublicId("alert", params.alert);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

function cardPath({ basePath }: ConsoleDeps, id: AlertId): string {
  return `${basePath}/console/alerts/${toPublicId("alert", id)}`;
}

async function showCard(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const id = idOf(request);
  const clinicId = clinicOf(request);
  const actor = actorOf(request);
  const card = await readAlertCard(deps, id, { actor, where: "console alert" });
  const listed = await findListedAlert(deps.db, id);
  if (!card || !listed) throw new AccessDenied("not-found");
  const mayReadOutcomes = isAllowed(staffOf(request), clinicId, "outcomes.read");
  const { patientId } = card.alert;
  if (mayReadOutcomes)
    await transact(deps.db, (tx) =>
      appendEvents(tx, [{ kind: "outcome.shown", clinicId, subjectId: patientId ?? id, actor, data: { where: "console alert" } }]),
    );
  const { zone } = await findClinicById(deps.db, clinicId);
  const turn = (await foreseePages(deps, clinicId, [listed])).get(id);
  const { now } = await readClinicTime(deps.db);
  const view = { card, listed, turn, zone, now, mayReadOutcomes, actor, ...tried };
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Alert",
      heading: card.patient.name,
      room: "alerts",
      status: tried.status,
      // What is being written must not be torn away, and nothing counts down once somebody has it.
      ...(card.alert.state === "open" && tried.status === 200 && { refreshSeconds: REFRESH_SECONDS }),
      body: (context) => alertCardBody(view, context),
    },
  );
}

async function close(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const typed = readForm(request.body);
  const outcome = ALERT_OUTCOMES.find((each) => each === typed.text("outcome"));
  const written = typed.text("note").replaceAll(/\s+/g, " ");
  const note = written === "" ? undefined : parseLine(written, { most: LONGEST_NOTE });
  const faults = [
    ...(outcome ? [] : [{ path: "outcome", expected: "what came of it" }]),
    ...(note && !note.ok ? [{ path: "note", expected: note.expected }] : []),
  ];
  if (!outcome || faults.length > 0) return showCard(deps, { request, reply }, { typed, faults, status: 400 });
  const options = { actor: actorOf(request), dryRun: false, ifRevision: null };
  const result = await closeAlert(deps, idOf(request), { ...options, outcome, note: note?.ok ? note.value : null });
  if (result.kind === "refused") return showCard(deps, { request, reply }, { typed, faults: result.faults, status: 409 });
  return reply.redirect(cardPath(deps, idOf(request)), 303);
}

/** Back to the alert that keeps it, where there is one, else to where they came from. */
async function release(
  deps: ConsoleDeps,
  request: FastifyRequest<{ Params: { touchpoint: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = parsePublicId("touchpoint", request.params.touchpoint);
  const typed = readForm(request.body);
  const verdict = RELEASE_VERDICTS.find((each) => each === typed.text("verdict"));
  const held = id && (await findHeld(deps.db, id));
  if (!id || !held || !verdict) throw new AccessDenied("not-found");
  const result = await releaseHeld(deps, id, { actor: actorOf(request), dryRun: false, ifRevision: null, verdict });
  const [alert] = await listAlerts(deps.db, { clinicId: clinicOf(request), states: ["open", "acknowledged"], patientId: held.patientId });
  const back = alert ? cardPath(deps, alert.id) : `${deps.basePath}/console`;
  return reply.redirect(result.kind === "refused" ? `${back}?kept=changed` : back, 303);
}
