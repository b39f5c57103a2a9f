/**
 * Records what a patient says about a visit.
 *
 * Trigger: a personal page, a text that answers one of ours, staff on the phone. Re-checks: that the visit is one of which this can still be said, and what was
 * said already, under the patient's lock. Effect: the answers, sealed where they carry words, and in the same transaction the plan that follows, the work for the
 * desk, an alert where words on a page call for one, and an end of the work that the answer settles. Nothing a patient says moves or cancels a visit. A repeat of what stands stores nothing.
 */
import { newId } from "../clock.ts";
import type { Tx } from "../db/database.ts";
import { insertAnswers, listDoneWork, loadAnswers, openAnswerTask, placeOfAnswer, type StoredAnswer } from "../db/session-answers.ts";
import type { StoredSession } from "../db/sessions.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import type { Vault } from "../db/vault.ts";
import type { AlertCause } from "../domain/alert.ts";
import { type AnsweringSession, deskPageAt, refuseAnswer } from "../domain/answerable.ts";
import { DAY, type Instant, MINUTE } from "../domain/calendar.ts";
import { classifyReply } from "../domain/classify-reply.ts";
import { type AlertId, type AnswerId, type InboundId, type SessionId, type TaskId, toPublicId } from "../domain/ids.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";
import type { TaskKind } from "../domain/protocol.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";
import { readCompanion } from "../domain/named-companion.ts";
import { standingAnswers } from "../domain/standing-answers.ts";
import type { Changed, ChangeDeps, ChangeOptions, Written } from "./change-facts.ts";
import { changeSession, type SessionAtHand } from "./change-session.ts";
import { nameCompanion } from "./name-companion.ts";
import { raiseAlerts } from "./raise-alerts.ts";

export type SessionAnswer = {
  readonly sessionId: SessionId;
  readonly answers: readonly SessionAnswerKind[];
  readonly via: "sms" | "page" | "staff";
  /** Words of the patient's own that came with it: another time that would suit, who drives, where help would find them. Kept sealed. */
  readonly detail?: string;
  /** The text that said it. */
  readonly inboundId?: InboundId;
};

export type AnsweredSession = {
  readonly session: string;
  /** Those that were new. */
  readonly answers: readonly SessionAnswerKind[];
  /** Work that is on the list because of it. */
  readonly tasks: readonly TaskId[];
  /** Raised by words that came with it; to be paged after the commit. */
  readonly alerts: readonly AlertId[];
};

/** Left out, `dryRun` is false and `ifRevision` any. */
export async function answerSession(
  deps: ChangeDeps,
  { sessionId, answers, via, detail, inboundId, ...options }: SessionAnswer & Pick<ChangeOptions, "actor"> & Partial<ChangeOptions>,
): Promise<Changed<AnsweredSession>> {
  const said = { answers, via, detail: detail ?? null, inboundId: inboundId ?? null };
  return changeSession<AnsweredSession>(deps, sessionId, {
    dryRun: false,
    ifRevision: null,
    ...options,
    write: (tx, atHand) => write(tx, atHand, { ...said, vault: deps.vault, tokens: deps.tokens }),
  });
}

type Said = Pick<SessionAnswer, "answers" | "via"> & {
  readonly detail: string | null;
  readonly inboundId: InboundId | null;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
};

async function write(tx: Tx, atHand: SessionAtHand, said: Said): Promise<Written<AnsweredSession>> {
  const { session, now, actor } = atHand;
  const faults = said.answers.flatMap((answer) => refuseAnswer(answer, { session, now }));
  if (faults.length > 0) return { kind: "refused", faults };
  const fresh = findFresh(said, { stored: await loadAnswers(tx, session.id), done: await listDoneWork(tx, session.id) });
  if (fresh.length === 0) return { kind: "same" };
  const rows = fresh.map((kind) => {
    const id = newId<"answer">();
    const words = CARRIES_WORDS.has(kind) ? said.detail : null;
    return { id, kind, detailSealed: words === null ? null : said.vault.seal(words, placeOfAnswer(id)) };
  });
  await insertAnswers(tx, session, { answers: rows, via: said.via, actor, at: now });
  if (fresh.includes("driver-named") || fresh.includes("driver-missing")) await noteCompanion(tx, atHand, { ...said, fresh });
  const tasks = await openTasks(tx, atHand, { fresh, inboundId: said.inboundId });
  const written = rows.find(({ detailSealed }) => detailSealed !== null);
  const alerts = written && said.via === "page" ? await raiseAlerts(tx, findCauses(session, said.detail, written.id), { actor }) : [];
  await closeSettledTasks(tx, [session.patientId]);
  return {
    kind: "written",
    value: { session: toPublicId("session", session.id), answers: fresh, tasks, alerts },
    events: fresh.map((answer) => ({
      kind: "session.answered",
      clinicId: session.clinicId,
      subjectId: session.id,
      actor,
      data: { answer, via: said.via },
    })),
    warnings: [],
  };
}

/** Words of staff or of a text name nobody in a form that could be stored by itself: they stay with the answer. */
async function noteCompanion(
  tx: Tx,
  { session, now }: SessionAtHand,
  { fresh, detail, vault, tokens }: Said & { readonly fresh: readonly SessionAnswerKind[] },
): Promise<void> {
  const named = fresh.includes("driver-named") && detail !== null ? (readCompanion(detail) ?? null) : null;
  await nameCompanion(tx, session, { named, now, vault, tokens });
}

const CARRIES_WORDS: ReadonlySet<SessionAnswerKind> = new Set(["asks-to-move", "driver-named", "location-confirmed", "home-trouble"]);

/** What does not stand already, with the same words where it carries any; and what stands, once the work that came of it is done. */
function findFresh(
  { answers, detail, vault }: Said,
  { stored, done }: { stored: readonly StoredAnswer[]; done: ReadonlySet<string> },
): SessionAnswerKind[] {
  const standing = standingAnswers(stored.map(({ kind }) => kind));
  const wordsOf = (kind: SessionAnswerKind): string | null => {
    const last = stored.findLast((answer) => answer.kind === kind);
    return last?.detailSealed ? vault.open(last.detailSealed, placeOfAnswer(last.id)) : null;
  };
  const isNew = (kind: SessionAnswerKind) =>
    !standing.has(kind) || done.has(WORK[kind]?.template ?? "") || (CARRIES_WORDS.has(kind) && detail !== null && detail !== wordsOf(kind));
  return [...new Set(answers)].filter(isNew);
}

/** Nobody has to fill in the right form to be heard. */
function findCauses(
  { clinicId, patientId, seriesId, id: sessionId }: StoredSession,
  words: string | null,
  sourceId: AnswerId,
): AlertCause[] {
  const { crisis } = classifyReply({ body: words ?? "", media: 0, carrierKeyword: null });
  if (crisis === null) return [];
  const kind = crisis === "self-harm" ? "self-harm-words" : "severe-side-effect";
  return [{ clinicId, patientId, seriesId, sessionId, kind, level: "critical", source: "session", sourceId }];
}

type Work = {
  readonly kind: TaskKind;
  readonly template: string;
  /** Milliseconds of staffed time. */
  readonly within: number;
  readonly importance: "high" | "critical";
};

/** What the desk does about an answer; nothing about the others. */
const WORK: { readonly [Answer in SessionAnswerKind]?: Work } = {
  "asks-to-move": { kind: "reply", template: "wants-to-move", within: 30 * MINUTE, importance: "high" },
  "driver-missing": { kind: "find-driver", template: "find-driver", within: 120 * MINUTE, importance: "high" },
  "home-trouble": { kind: "reply", template: "home-trouble", within: 15 * MINUTE, importance: "critical" },
};

async function openTasks(
  tx: Tx,
  { session, now }: SessionAtHand,
  { fresh, inboundId }: { fresh: readonly SessionAnswerKind[]; inboundId: InboundId | null },
): Promise<TaskId[]> {
  const clinic = (await loadStaffedClinics(tx, [session.clinicId])).get(session.clinicId);
  if (!clinic) throw new Error(`Clinic ${session.clinicId} is not stored`);
  const opened: TaskId[] = [];
  for (const { within, importance, ...work } of fresh.flatMap((answer) => WORK[answer] ?? [])) {
    const id = newId<"task">();
    const dueBy = staffedDeadline(clinic, { openedAt: now, within, usefulUntil: null });
    const pageAt = work.template === "wants-to-move" ? deskPageAt(session, now) : null;
    const task = { ...work, id, dueBy, inboundId, pageAt, importance: isNear(session, now) ? "critical" : importance } as const;
    const onList = await openAnswerTask(tx, session, { task, now });
    if (onList !== undefined) opened.push(onList);
  }
  return opened;
}

/** Whether the desk has no more than a day left. */
function isNear({ startsAt }: AnsweringSession, now: Instant): boolean {
  return startsAt - now < DAY;
}
