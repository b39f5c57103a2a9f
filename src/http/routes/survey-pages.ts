/**
 * The page of a survey: shown a screen at a time, kept with each answer, sent off with the last one. GET changes nothing. Whoever opens the link again goes on where
 * they were; whoever has answered sees thanks, however often. An answer that comes when the survey has closed meanwhile counts.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { openDraft } from "../../db/survey-drafts.ts";
import { findInvitation, type Invitation } from "../../db/survey-invitations.ts";
import { loadResponses } from "../../db/survey-responses.ts";
import { type Answers, readAnswers } from "../../domain/check-answers.ts";
import { getInstrument, INSTRUMENTS } from "../../domain/instruments/find-instrument.ts";
import type { Instrument } from "../../domain/instruments/instrument.ts";
import { scoreSurvey, type SurveyAlarm } from "../../domain/score-survey.ts";
import { firstOpenScreen } from "../../domain/survey-draft.ts";
import { answerSurvey } from "../../producers/answer-survey.ts";
import { keepDraft } from "../../producers/keep-draft.ts";
import type { PageVisit } from "../page-visit.ts";
import { failedPage, notFoundPage } from "../plain-pages.ts";
import { sendPage } from "../send-page.ts";
import { notSavedPage, surveyPage, thanksPage, unreachablePage } from "../survey-page.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

/** How long somebody who needs help waits for a database that is slow before they are shown whom to call. */
const HELP_WITHIN_MS = 3_000;

export function surveyPages(deps: PageRoutesDeps) {
  const missing = (reply: FastifyReply) => sendPage(reply, 404, notFoundPage(deps.basePath));
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      if ((error.statusCode ?? 500) < 500) return sendPage(reply, 400, notFoundPage(deps.basePath));
      deps.log.error("http.failed", { requestId: request.id, error });
      const page = mayNeedHelp(request.body) ? unreachablePage : failedPage;
      return sendPage(reply, 500, page(deps.basePath, request.id));
    });
    app.get("/p/survey/:handle", async (request, reply) => {
      const found = await openSurvey(deps, request, reply);
      if (found === undefined) return reply;
      if (found === "none") return missing(reply);
      if (found.invitation.answeredAt !== null) return sendPage(reply, 200, await showThanks(deps, found));
      const { answers } = openDraft(found.invitation, deps.vault);
      return sendPage(
        reply,
        200,
        showScreen(found, { number: firstOpenScreen(found.instrument, answers) ?? lastOf(found), answers, faults: [] }),
      );
    });
    app.get("/p/survey/:handle/q/:screen", async (request, reply) => {
      const found = await openSurvey(deps, request, reply);
      if (found === undefined) return reply;
      if (found === "none") return missing(reply);
      const number = readScreen(request, found.instrument);
      if (number === undefined || found.invitation.answeredAt !== null) return reply.redirect(found.visit.path, 303);
      const { answers } = openDraft(found.invitation, deps.vault);
      // Nobody jumps over a question by its address.
      const open = firstOpenScreen(found.instrument, answers) ?? lastOf(found);
      return sendPage(reply, 200, showScreen(found, { number: Math.min(number, open), answers, faults: [] }));
    });
    app.post("/p/survey/:handle/q/:screen", async (request, reply) => {
      const found = await openSurvey(deps, request, reply);
      if (found === undefined) return reply;
      const number = found === "none" ? undefined : readScreen(request, found.instrument);
      if (found === "none" || number === undefined) return missing(reply);
      return takeScreen(deps, { reply, body: request.body, number }, found);
    });
  };
}

type Found = { readonly visit: PageVisit; readonly invitation: Invitation; readonly instrument: Instrument };

async function openSurvey(deps: PageRoutesDeps, request: FastifyRequest, reply: FastifyReply): Promise<Found | "none" | undefined> {
  const visit = await deps.open(request, reply, ["survey"]);
  if (!visit) return undefined;
  const invitation = await findInvitation(deps.db, visit.link.subjectId);
  if (!invitation) return "none";
  return { visit, invitation, instrument: getInstrument(invitation.instrument, invitation.instrumentVersion) };
}

function lastOf({ instrument }: Found): number {
  return instrument.screens.length;
}

function readScreen({ params }: FastifyRequest, { screens }: Instrument): number | undefined {
  const text = typeof params === "object" && params !== null && "screen" in params ? params.screen : undefined;
  const number = typeof text === "string" && /^[1-9]\d?$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= screens.length ? number : undefined;
}

type Shown = { readonly number: number; readonly answers: Answers; readonly faults: readonly string[] };

function showScreen(found: Found, shown: Shown): string {
  return surveyPage({ ...found, ...shown, needsHelp: callsForHelp(scoreSurvey(found.instrument, shown.answers).alarms) });
}

/** Who thinks of harming themselves, or has what an ambulance is for, is shown at once whom to call. */
function callsForHelp(alarms: readonly Pick<SurveyAlarm, "kind">[]): boolean {
  return alarms.some(({ kind }) => kind === "self-harm-answer" || kind === "severe-side-effect");
}

/** Told from the form alone, when nothing else answers: whether it may be an answer that calls for help. */
function mayNeedHelp(body: unknown): boolean {
  const given = typeof body === "object" && body !== null ? { ...body } : {};
  return INSTRUMENTS.some((instrument) => {
    const read = readAnswers(instrument, given);
    return read.ok && callsForHelp(scoreSurvey(instrument, read.value).alarms);
  });
}

async function showThanks({ db, vault }: PageRoutesDeps, { visit, invitation }: Found): Promise<string> {
  const { patientId, instrument, id, answeredAt } = invitation;
  const stored = await loadResponses(db, { patientId, instrument }, vault);
  const own = stored.filter((each) => each.invitationId === id || (answeredAt !== null && each.answeredAt >= answeredAt));
  return thanksPage(visit, { needsHelp: callsForHelp(own.flatMap(({ result }) => result.alarms)) });
}

type Sent = { readonly reply: FastifyReply; readonly body: unknown; readonly number: number };

/** Takes the answers of one screen and leads to the next; the last one sends everything off. Each ends in a page of its own address, so a reload does no harm. */
async function takeScreen(deps: PageRoutesDeps, { reply, body, number }: Sent, found: Found): Promise<FastifyReply> {
  const { visit, instrument, invitation } = found;
  const before = openDraft(invitation, deps.vault);
  const read = readForm(found, body, number);
  if (!read.ok)
    return sendPage(reply, 422, showScreen(found, { number, answers: { ...before.answers, ...read.answers }, faults: read.faults }));
  const answers = { ...before.answers, ...read.answers };
  const needsHelp = callsForHelp(scoreSurvey(instrument, answers).alarms);
  const done = store(deps, found, { fresh: read.answers, answers });
  const inTime = await settleWithin(deps.log, done, needsHelp ? HELP_WITHIN_MS : null);
  if (inTime === "late" || inTime === "failed") return sendPage(reply, 503, notSavedPage(visit, { needsHelp, number }));
  // A link that has closed meanwhile shows no page by GET any more: whoever is still answering stays on the page of the form.
  if (visit.link.isClosed) return sendPage(reply, 200, await showClosed(deps, found, answers));
  return reply.redirect(inTime === null ? visit.path : `${visit.path}/q/${inTime}`, 303);
}

async function showClosed(deps: PageRoutesDeps, found: Found, answers: Answers): Promise<string> {
  const invitation = (await findInvitation(deps.db, found.invitation.id)) ?? found.invitation;
  if (invitation.answeredAt !== null) return showThanks(deps, { ...found, invitation });
  return showScreen(found, { number: firstOpenScreen(found.instrument, answers) ?? lastOf(found), answers, faults: [] });
}

/** Whole and of this screen alone; a second value, another field or a number that is no answer is refused. */
function readForm({ instrument }: Found, body: unknown, number: number) {
  const items = instrument.screens[number - 1]?.items ?? [];
  const given = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const strange = given.filter(([name]) => !items.includes(name));
  const fields = items.map((item) => {
    const value: unknown = given.find(([name]) => name === item)?.[1];
    const read = readAnswers(instrument, { [item]: value });
    return { item, answer: value !== undefined && read.ok ? read.value[item] : undefined };
  });
  const faults = fields.filter(({ answer }) => answer === undefined).map(({ item }) => item);
  const answers: Answers = Object.fromEntries(fields.flatMap(({ item, answer }) => (answer === undefined ? [] : [[item, answer]])));
  return strange.length > 0 ? { ok: false as const, faults: items, answers: {} } : { ok: faults.length === 0, faults, answers };
}

/** The next screen; null: it was sent off. What could not be stored is thrown. */
async function store(deps: PageRoutesDeps, found: Found, { fresh, answers }: { fresh: Answers; answers: Answers }): Promise<number | null> {
  const { invitation, instrument } = found;
  if (invitation.answeredAt !== null) return sendOff(deps, found, { ...(await findSent(deps, found)), ...fresh });
  if (firstOpenScreen(instrument, answers) === null) return sendOff(deps, found, answers);
  const kept = await keepDraft(deps, invitation, fresh);
  return firstOpenScreen(instrument, kept.answers) ?? lastOf(found);
}

async function sendOff(deps: PageRoutesDeps, { invitation, instrument, visit }: Found, answers: Answers): Promise<null> {
  if (firstOpenScreen(instrument, answers) !== null) return null;
  const options = { actor: "patient", dryRun: false, ifRevision: null };
  const changed = await answerSurvey(deps, invitation.id, { ...options, source: "patient", locale: visit.locale, answers });
  if (changed.kind === "refused") throw new Error("A whole survey was refused");
  return null;
}

/** A page that was still open in another tab knows only its own screen of what was sent off; the rest is what was said then. */
async function findSent({ db, vault }: PageRoutesDeps, { invitation: { id, patientId, instrument } }: Found): Promise<Answers> {
  const stored = await loadResponses(db, { patientId, instrument }, vault);
  return stored.find(({ invitationId }) => invitationId === id)?.answers ?? {};
}

/** What came of it; `late` after so many milliseconds, while it goes on. Where nobody waits for help, a failure is the page's own. */
async function settleWithin(
  log: PageRoutesDeps["log"],
  done: Promise<number | null>,
  ms: number | null,
): Promise<number | null | "late" | "failed"> {
  if (ms === null) return done;
  const settled = done.catch((error: unknown) => {
    log.error("survey.not-stored", { error });
    return "failed" as const;
  });
  return Promise.race([settled, wait(ms, "late" as const, { ref: false })]);
}
