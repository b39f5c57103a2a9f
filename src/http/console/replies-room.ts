/** Replies: what patients texted and a person has to read, with the conversation around it and an answer to it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { appendEvents } from "../../db/events.ts";
import { placeOfBody, placeOfFrom } from "../../db/inbound-messages.ts";
import { findNewestStaffMessage, placeOfMessage } from "../../db/staff-messages.ts";
import { transact } from "../../db/transact.ts";
import { findClinicById } from "../../db/view-access.ts";
import { type InboxShow, listInbox, listIncidents, listWaitingMessages } from "../../db/view-inbox.ts";
import { findReply, type ReplyView } from "../../db/view-replies.ts";
import type { Fault } from "../../domain/fault.ts";
import { type InboundId, parsePublicId, type TouchpointId, toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { closeReply } from "../../producers/close-reply.ts";
import { offerPhrases } from "../../producers/offer-phrases.ts";
import { openConversation } from "../../producers/open-conversation.ts";
import { sendMessage, type SentMessage } from "../../producers/send-message.ts";
import type { Wish } from "../../producers/write-staff-message.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { isAllowed } from "../auth/caller.ts";
import { actorOf, clinicOf, requirePermission, staffOf } from "../auth/staff-access.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { cutPage, readListKey } from "./list-page.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { inboxBody, incidentsBody } from "./replies-list.ts";
import { isClosedMeanwhile, replyBody } from "./replies-page.ts";
import { revealPeople } from "./reveal-people.ts";

const LOOK = requirePermission("replies.read", { of: "clinic" });
const READ = requirePermission("replies.read", { of: "inbound", param: "reply" });
const CLOSE = requirePermission("replies.answer", { of: "inbound", param: "reply" });
const ANSWER = requirePermission("messages.send", { of: "inbound", param: "reply" });
const SHOWN = 40;
const REFRESH_SECONDS = 30;
const LONGEST_TEXT = 2_000;

type Asked<Params = unknown> = { readonly request: FastifyRequest<{ Params: Params }>; readonly reply: FastifyReply };
type OfReply = { reply: string };

export function repliesRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/replies", { config: LOOK }, (request, reply) => showInbox(deps, { request, reply }));
    app.get("/console/clinics/:clinic/replies/incidents", { config: LOOK }, (request, reply) => showIncidents(deps, { request, reply }));
    app.get<{ Params: OfReply }>("/console/replies/:reply", { config: READ }, (request, reply) =>
      showReply(deps, { request, reply }, { typed: typedAs({}), faults: [], preview: null }),
    );
    app.post<{ Params: OfReply }>("/console/replies/:reply/answer", { config: ANSWER }, (request, reply) =>
      answer(deps, { request, reply }),
    );
    app.post<{ Params: OfReply }>("/console/replies/:reply/close", { config: CLOSE }, async (request, reply) => {
      await closeReply(deps.db, idOf(request), actorOf(request));
      return reply.redirect(await inboxPath(deps, request), 303);
    });
  };
}

function idOf({ params }: FastifyRequest<{ Params: OfReply }>): InboundId {
  const id = parsePublicId("inbound", params.reply);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

async function inboxPath({ db, basePath }: ConsoleDeps, request: FastifyRequest): Promise<string> {
  return basePath + roomPath((await findClinicById(db, clinicOf(request))).slug, "replies");
}

function readShow(text: string): InboxShow {
  return text === "closed" || text === "all" ? text : "open";
}

async function showInbox(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const { db, vault } = deps;
  const clinicId = clinicOf(request);
  const { zone } = await findClinicById(db, clinicId);
  const query = readForm(request.query);
  const show = readShow(query.text("show"));
  const after = readListKey(query.maybe("after"));
  const { shown, next } = cutPage(await listInbox(db, { clinicId, show }, { after, limit: SHOWN + 1 }), SHOWN, ({ order, id }) => [
    order,
    id,
  ]);
  const people = await revealPeople(deps, request, { rows: shown, where: "console replies" });
  const read = { kind: "replies.listed", clinicId, subjectId: clinicId, actor: actorOf(request) };
  await transact(db, (tx) => appendEvents(tx, [read]));
  const entries = shown.map((entry) => ({
    ...entry,
    who: entry.patientId === null ? undefined : people.get(entry.patientId),
    from: vault.open(entry.fromSealed, placeOfFrom(entry.id)),
    words: vault.open(entry.bodySealed, placeOfBody(entry.id)),
  }));
  const page = after === null ? "first" : "later";
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Replies",
      room: "replies",
      refreshSeconds: REFRESH_SECONDS,
      body: (context) => inboxBody({ show, page, zone, entries, next }, context),
    },
  );
}

async function showIncidents(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const clinicId = clinicOf(request);
  const { zone } = await findClinicById(deps.db, clinicId);
  const after = readListKey(readForm(request.query).maybe("after"));
  const { shown, next } = cutPage(await listIncidents(deps.db, clinicId, { after, limit: SHOWN + 1 }), SHOWN, ({ order, id }) => [
    order,
    id,
  ]);
  const people = await revealPeople(deps, request, { rows: shown, where: "console incidents" });
  const incidents = shown.map((each) => ({ ...each, who: each.patientId === null ? undefined : people.get(each.patientId) }));
  const page = after === null ? "first" : "later";
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Wrong numbers", room: "replies", body: (context) => incidentsBody({ page, zone, incidents, next }, context) },
  );
}

type Tried = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly preview: SentMessage | null };

async function showReply(deps: ConsoleDeps, { request, reply }: Asked<OfReply>, tried: Tried): Promise<FastifyReply> {
  const id = idOf(request);
  const found = await findReply(deps.db, id);
  if (!found) throw new AccessDenied("not-found");
  const view = await readReply(deps, request, found);
  const wasSent = readForm(request.query).text("sent") === "1";
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Reply",
      heading: view.who?.name ?? "A number that no chart has",
      room: "replies",
      ...(tried.faults.length > 0 && { status: tried.faults.some(({ path }) => path === "newest" || path === "closed") ? 409 : 400 }),
      body: (context) => replyBody({ ...view, ...tried, wasSent }, context),
    },
  );
}

async function readReply(deps: ConsoleDeps, request: FastifyRequest, reply: ReplyView) {
  const { db, vault } = deps;
  const { id, patientId, clinicId } = reply;
  await transact(db, (tx) => appendEvents(tx, [{ kind: "reply.read", clinicId, subjectId: id, actor: actorOf(request) }]));
  const people = await revealPeople(deps, request, { rows: [reply], where: "console reply" });
  const { fromSealed } = await db.selectFrom("inboundMessages").select("fromSealed").where("id", "=", id).executeTakeFirstOrThrow();
  const waiting = patientId === null ? [] : await listWaitingMessages(db, patientId);
  const maySend = isAllowed(staffOf(request), clinicOf(request), "messages.send");
  return {
    reply,
    who: patientId === null ? undefined : people.get(patientId),
    from: vault.open(fromSealed, placeOfFrom(id)),
    said: await openConversation(deps, id),
    waiting: waiting.map((each) => ({ ...each, words: vault.open(each.bodySealed, placeOfMessage(each.touchpointId)) })),
    offer: patientId === null || !maySend ? undefined : await offerPhrases(deps, patientId),
    newest: patientId === null ? null : await findNewestStaffMessage(db, patientId),
    zone: (await findClinicById(db, clinicId)).zone,
    now: (await readClinicTime(db)).now,
  };
}

async function answer(deps: ConsoleDeps, asked: Asked<OfReply>): Promise<FastifyReply> {
  const { request, reply } = asked;
  const typed = readForm(request.body);
  const step = typed.text("step");
  if (step === "edit") return showReply(deps, asked, { typed, faults: [], preview: null });
  const id = idOf(request);
  const found = await findReply(deps.db, id);
  const patientId = found?.patientId;
  const wish = readWish(typed);
  if (!patientId || "faults" in wish) return showReply(deps, asked, { typed, faults: "faults" in wish ? wish.faults : [], preview: null });
  const dryRun = step !== "send" && step !== "send-and-close";
  if (!dryRun && found && isClosedMeanwhile(typed, found))
    return showReply(deps, asked, { typed, faults: [{ path: "closed", expected: "a text that nobody else has closed" }], preview: null });
  const result = await sendMessage(deps, patientId, { wish, channel: null, actor: actorOf(request), dryRun, newest: readNewest(typed) });
  if (result.kind === "refused") return showReply(deps, asked, { typed, faults: result.faults, preview: null });
  if (dryRun) return showReply(deps, asked, { typed, faults: [], preview: result });
  if (step === "send-and-close" && isAllowed(staffOf(request), clinicOf(request), "replies.answer")) {
    await closeReply(deps.db, id, actorOf(request));
    return reply.redirect(await inboxPath(deps, request), 303);
  }
  return reply.redirect(`${deps.basePath}/console/replies/${toPublicId("inbound", id)}?sent=1`, 303);
}

function readNewest(typed: Typed): TouchpointId | null {
  return parsePublicId("touchpoint", typed.text("newest")) ?? null;
}

function readWish(typed: Typed): Wish | { readonly faults: readonly Fault[] } {
  const phrase = typed.text("phrase");
  if (phrase !== "") return { phrase };
  const text = parseLine(typed.text("text").replaceAll(/\s+/g, " "), { most: LONGEST_TEXT });
  return text.ok ? { text: text.value } : { faults: [{ path: "text", expected: text.expected }] };
}
