/** Queues: what operations ask, on one screen that renews itself, and what they may do about it, each shown before it is done. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Coverage, listSwitches, type Switch } from "../../db/switches.ts";
import { parsePublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { listStemsInUse } from "../../producers/list-stems-in-use.ts";
import { requeueDue } from "../../producers/requeue-due.ts";
import { QUEUE_VERBS, type QueueVerb, steerQueue } from "../../producers/steer-queue.ts";
import { switchOff, switchOn } from "../../producers/switch-sending.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { isAllowed } from "../auth/caller.ts";
import { mayEverywhere } from "../auth/may-everywhere.ts";
import { actorOf, callerOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, type ConsolePage, sendConsolePage } from "./console-page.ts";
import { opsBody, type OpsPowers, type OpsShown } from "./ops-page.ts";
import { beforeRequeue, beforeResume, beforeSteering, beforeStop, goneBody, readRequeue } from "./ops-previews.ts";
import { makeOpsReader } from "./ops-view.ts";
import { readForm } from "./read-form.ts";

const LOOK = requirePermission("ops.read", { of: "clinic" });
const STOP = requirePermission("sending.stop", { of: "clinic" });
const RESUME = requirePermission("sending.resume", { of: "clinic" });
const ACT = requirePermission("ops.act", { of: "clinic" });
const REFRESH_SECONDS = 15;
const LONGEST_REASON = 200;

type Params = { readonly Params: { readonly clinic: string } };
type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

export function opsRoom(deps: ConsoleDeps) {
  const read = makeOpsReader(deps);
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Params>("/console/clinics/:clinic/ops", { config: LOOK }, async (request, reply) => {
      const clinicId = clinicOf(request);
      const powers = await findPowers(deps, request);
      const stems = powers.stop ? await listStemsInUse(deps.db, [clinicId]) : [];
      const shown: OpsShown = { page: await read(clinicId), powers, stems, done: sayDone(readForm(request.query).text("done")) };
      return sendConsolePage(
        deps,
        { request, reply },
        { title: "Queues", room: "ops", body: (context) => opsBody(shown, context), refreshSeconds: REFRESH_SECONDS },
      );
    });
    app.get<Params>("/console/clinics/:clinic/ops/stop", { config: STOP }, (request, reply) =>
      showStop(deps, { request, reply }, { text: readForm(request.query).text("what") }),
    );
    app.post<Params>("/console/clinics/:clinic/ops/stop", { config: STOP }, async (request, reply) => {
      const form = readForm(request.body);
      const reason = parseLine(form.text("reason"), { most: LONGEST_REASON });
      if (!reason.ok)
        return showStop(deps, { request, reply }, { text: form.text("what"), fault: reason.expected, typed: form.text("reason") });
      const coverage = await readCoverage(deps, request, form.text("what"));
      if (!coverage) return sendGone(deps, { request, reply });
      await switchOff(deps, { ...coverage, reason: reason.value }, { actor: actorOf(request), dryRun: false });
      return reply.redirect(back(deps, request, "stopped"), 303);
    });
    app.get<Params>("/console/clinics/:clinic/ops/resume", { config: RESUME }, async (request, reply) => {
      const found = await findSwitch(deps, request, readForm(request.query).text("switch"));
      if (!found) return sendGone(deps, { request, reply });
      const result = await switchOn(deps, found, { actor: actorOf(request), dryRun: true });
      return result.kind === "same"
        ? sendGone(deps, { request, reply })
        : sendPreview(deps, { request, reply }, { title: "Go on sending", body: beforeResume(found, result.covered) });
    });
    app.post<Params>("/console/clinics/:clinic/ops/resume", { config: RESUME }, async (request, reply) => {
      const found = await findSwitch(deps, request, readForm(request.body).text("switch"));
      if (!found) return sendGone(deps, { request, reply });
      await switchOn(deps, found, { actor: actorOf(request), dryRun: false });
      return reply.redirect(back(deps, request, "resumed"), 303);
    });
    app.get<Params>("/console/clinics/:clinic/ops/queue", { config: ACT }, async (request, reply) => {
      await demandEverywhere(deps, request);
      const asked = readForm(request.query);
      if (asked.text("verb") === "requeue") {
        const wanted = readRequeue(asked);
        const result = await requeueDue(deps, wanted, { actor: actorOf(request), dryRun: true });
        return sendPreview(deps, { request, reply }, { title: "Hint again", body: beforeRequeue(wanted, result) });
      }
      const verb = readVerb(asked.text("verb"));
      const result = verb && (await steerQueue(deps, { name: asked.text("name"), verb }, { actor: actorOf(request), dryRun: true }));
      if (!verb || result?.kind !== "steered") return sendGone(deps, { request, reply });
      return sendPreview(deps, { request, reply }, { title: `Queue ${result.standing.name}`, body: beforeSteering(verb, result) });
    });
    app.post<Params>("/console/clinics/:clinic/ops/queue", { config: ACT }, async (request, reply) => {
      await demandEverywhere(deps, request);
      const form = readForm(request.body);
      const by = { actor: actorOf(request), dryRun: false };
      if (form.text("verb") === "requeue") {
        await requeueDue(deps, readRequeue(form), by);
        return reply.redirect(back(deps, request, "requeued"), 303);
      }
      const verb = readVerb(form.text("verb"));
      const result = verb && (await steerQueue(deps, { name: form.text("name"), verb }, by));
      if (!verb || !result || result.kind === "refused") return sendGone(deps, { request, reply });
      return reply.redirect(back(deps, request, verb), 303);
    });
  };
}

async function findPowers(deps: ConsoleDeps, request: FastifyRequest): Promise<OpsPowers> {
  const caller = callerOf(request);
  const clinicId = clinicOf(request);
  return {
    stop: isAllowed(caller, clinicId, "sending.stop"),
    stopAll: await mayEverywhere(deps, caller, "sending.stop"),
    resume: isAllowed(caller, clinicId, "sending.resume"),
    resumeAll: await mayEverywhere(deps, caller, "sending.resume"),
    steer: await mayEverywhere(deps, caller, "ops.act"),
  };
}

/** Queues belong to every clinic at once. */
async function demandEverywhere(deps: ConsoleDeps, request: FastifyRequest): Promise<void> {
  if (!(await mayEverywhere(deps, callerOf(request), "ops.act"))) throw new AccessDenied("forbidden");
}

type Asked = { readonly text: string; readonly fault?: string; readonly typed?: string };

async function showStop(deps: ConsoleDeps, { request, reply }: Exchange, { text, ...again }: Asked): Promise<FastifyReply> {
  const coverage = await readCoverage(deps, request, text);
  if (!coverage) return sendGone(deps, { request, reply });
  const result = await switchOff(deps, { ...coverage, reason: "rehearsal" }, { actor: actorOf(request), dryRun: true });
  const covered = result.kind === "same" ? null : result.covered;
  const page = { title: "Stop sending", body: beforeStop({ what: text, coverage, covered }, again), status: again.fault ? 422 : 200 };
  return sendPreview(deps, { request, reply }, page);
}

/** What the choice means at this clinic; undefined when it means nothing. Throws where it concerns clinics at which they may not. */
async function readCoverage(deps: ConsoleDeps, request: FastifyRequest, text: string): Promise<Coverage | undefined> {
  const clinicId = clinicOf(request);
  const [scope, subject = null] = text.split(/:(.*)/s);
  if (scope === "everything") {
    if (!(await mayEverywhere(deps, callerOf(request), "sending.stop"))) throw new AccessDenied("forbidden");
    return { scope, clinicId: null, subject: null };
  }
  if (scope === "clinic") return { scope, clinicId, subject: null };
  if (scope === "channel" && (subject === "sms" || subject === "email")) return { scope, clinicId, subject };
  const isStem = scope === "template" && subject !== null && (await listStemsInUse(deps.db, [clinicId])).includes(subject);
  return isStem ? { scope: "template", clinicId, subject } : undefined;
}

/** One that is off and may be put on by whoever asks: what is off for every clinic needs somebody of all of them. */
async function findSwitch(deps: ConsoleDeps, request: FastifyRequest, text: string): Promise<Switch | undefined> {
  const id = parsePublicId("switch", text);
  const found = (await listSwitches(deps.db)).find((each) => each.id === id);
  if (found?.clinicId === null && !(await mayEverywhere(deps, callerOf(request), "sending.resume"))) throw new AccessDenied("forbidden");
  return found?.clinicId === null || found?.clinicId === clinicOf(request) ? found : undefined;
}

function readVerb(text: string): QueueVerb | undefined {
  return QUEUE_VERBS.find((verb) => verb === text);
}

type Preview = { readonly title: string; readonly body: ConsolePage["body"]; readonly status?: number };

function sendPreview(deps: ConsoleDeps, exchange: Exchange, { title, body, status = 200 }: Preview): Promise<FastifyReply> {
  return sendConsolePage(deps, exchange, { title, room: "ops", body, status });
}

function sendGone(deps: ConsoleDeps, exchange: Exchange): Promise<FastifyReply> {
  return sendPreview(deps, exchange, { title: "Nothing to do", body: goneBody, status: 409 });
}

function back({ basePath }: ConsoleDeps, { params }: { params: unknown }, done: string): string {
  const slug = readForm(params).text("clinic");
  return `${basePath}${roomPath(slug, "ops")}?done=${done}`;
}

const DONE: { readonly [done: string]: string } = {
  stopped: "Sending is stopped as you asked. What was in the hands of a provider is not called back.",
  resumed: "Sending goes on. What is still of use goes now; what was over meanwhile has expired.",
  requeued: "Everything due is hinted again within a second.",
  pause: "The queue is paused. Rows wait; what reaches its last moment meanwhile expires.",
  resume: "The queue is open again.",
  retry: "The failed jobs are in line again.",
};

function sayDone(done: string): string | null {
  return DONE[done] ?? null;
}
