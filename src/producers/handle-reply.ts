/**
 * Makes of a text that came in what follows from it.
 *
 * Trigger: a job of `handle-reply`, the webhook itself where somebody may be in danger or the queue does not answer, and the repair of what both lost. Re-checks:
 * that nobody has handled it, in the order in which the number wrote, under a lock of the number. Effect, in one transaction: alert, opt-out, work for the desk, one
 * automatic answer, and a line in the inbox for whatever a person has to read; an answer about a visit is recorded right before, by its own producer. A repeat does
 * nothing. What cannot be handled at all goes to the inbox after some minutes.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { type InboundRow, listWaiting, lockNumber, markHandled, placeOfBody } from "../db/inbound-messages.ts";
import { raisePlanRevision } from "../db/plans.ts";
import { findWaitingFor, loadClinicLocales } from "../db/reply-tasks.ts";
import { openStaffTasks, type StaffTask } from "../db/staff-tasks.ts";
import { findAnsweredSession } from "../db/reply-context.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { transact } from "../db/transact.ts";
import type { PageStaff } from "../domain/alert.ts";
import { deskPageAt } from "../domain/answerable.ts";
import { HOUR, type Instant } from "../domain/calendar.ts";
import { classifyReply, type ReplyReading } from "../domain/classify-reply.ts";
import { decideReply } from "../domain/decide-reply.ts";
import type { ReplyDecision, ReplyTask } from "../domain/reply-case.ts";
import { endOfStaffedDay } from "../domain/end-of-staffed-day.ts";
import type { AlertId, ClinicId, InboundId, PatientId } from "../domain/ids.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";
import { alertByText, alertUnread, BY_TEXT } from "./alert-by-text.ts";
import { answerSession } from "./answer-session.ts";
import { answerText } from "./answer-text.ts";
import type { ChangeDeps } from "./change-facts.ts";
import { type DueTouchpoint, hintAfterCommit } from "./hint-touchpoints.ts";
import { optIn } from "./opt-in.ts";
import { optOut } from "./opt-out.ts";
import { pageAfterCommit } from "./page-after-commit.ts";
import { planPatients } from "./plan-patient.ts";
import { type GatheredReply, gatherReply } from "./gather-reply.ts";
import { wrongNumber } from "./wrong-number.ts";

export type ReplyDeps = ChangeDeps & { readonly pageStaff: PageStaff };

/** Handles the text and whatever waits before it of the same number; one that fails never keeps the others. Returns how many it handled. */
export async function handleReply(deps: ReplyDeps, id: InboundId): Promise<number> {
  let handled = 0;
  const failures: unknown[] = [];
  for (const row of await listWaiting(deps.db, id))
    try {
      if (await handleOne(deps, row)) handled++;
    } catch (error) {
      failures.push(error);
      const crisis = findCrisis(deps, row);
      if (row.ageSeconds >= GIVEN_UP_AFTER_SECONDS[crisis === null ? "other" : "crisis"]) await giveUp(deps, row, { crisis, error });
    }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} texts of a number could not be handled`);
  return handled;
}

/** A database that was away is back by then; what still fails would fail for ever. Whoever may be in danger waits for no database to come to itself. */
const GIVEN_UP_AFTER_SECONDS = { other: 300, crisis: 15 };

type Crisis = ReplyReading["crisis"];

/** What the words alone say of danger; a text that does not open says nothing. */
function findCrisis({ vault }: ReplyDeps, { id, bodySealed, media, carrierKeyword }: InboundRow): Crisis {
  try {
    return classifyReply({ body: vault.open(bodySealed, placeOfBody(id)), media, carrierKeyword }).crisis;
  } catch {
    return null;
  }
}

/** Into the inbox as it is; words of danger page and are answered all the same, with nobody's name. */
async function giveUp(deps: ReplyDeps, row: InboundRow, { crisis, error }: { crisis: Crisis; error: unknown }): Promise<void> {
  const { id } = row;
  deps.log.error("reply.unhandled", { inboundId: id, error });
  const nobody = { patientId: null, touchpointId: null, sessionId: null, answer: null, offered: [] };
  const alerts = await transact(deps.db, async (tx) => {
    await lockNumber(tx, row);
    if (!(await markHandled(tx, id, { ...nobody, kind: "free-text", inbox: "open" })) || crisis === null) return [];
    return alertUnread(tx, row, crisis);
  });
  await pageAfterCommit(deps, alerts);
}

async function handleOne(deps: ReplyDeps, row: InboundRow): Promise<boolean> {
  const first = await gatherReply(deps.db, row, { vault: deps.vault, answered: null });
  const answered = await say(deps, row, { gathered: first, decision: decideReply(first.reply) });
  const done = await transact(deps.db, async (tx) => {
    await lockNumber(tx, row);
    const gathered = await gatherReply(tx, row, { vault: deps.vault, answered });
    return apply(tx, row, { gathered, decision: decideReply(gathered.reply), deps });
  });
  if (!done) return false;
  // The page first: whoever may be in danger waits for nobody's confirmation.
  await pageAfterCommit(deps, done.alerts);
  await hintAfterCommit(deps, done.due);
  return true;
}

type Decided = { readonly gathered: GatheredReply; readonly decision: ReplyDecision };

/** Records what is said about a visit, in that producer's own transaction. Before the rest: repeated, it is there already, and the rest still follows. */
async function say(deps: ReplyDeps, { id }: InboundRow, { gathered, decision }: Decided): Promise<"new" | "same" | "refused" | null> {
  if (!decision.says) return null;
  const { sessionId, alsoConfirms, answer } = decision.says;
  const detail = gathered.reply.isWordy ? { detail: gathered.body } : {};
  const kinds = new Set<"changed" | "same" | "refused">();
  for (const each of [sessionId, ...alsoConfirms]) {
    const said = { sessionId: each, answers: [answer], via: "sms", inboundId: id, actor: BY_TEXT, ...detail } as const;
    kinds.add((await answerSession(deps, said)).kind);
  }
  if (kinds.has("changed")) return "new";
  return kinds.has("same") ? "same" : "refused";
}

type Done = { readonly alerts: readonly AlertId[]; readonly due: readonly DueTouchpoint[] };

/** Undefined when somebody else has handled it meanwhile. */
async function apply(tx: Tx, row: InboundRow, { gathered, decision, deps }: Decided & { deps: ReplyDeps }): Promise<Done | undefined> {
  const { now } = await readClinicTime(tx);
  const { kind, patientId, touchpointId, sessionId, answer, offered, inbox } = decision;
  const made = { kind, patientId, touchpointId, sessionId, offered, inbox, answer: answer?.template ?? null };
  if (!(await markHandled(tx, row.id, made))) return undefined;
  const alerts = await alertByText(tx, row, { gathered, decision });
  const silenced = await changeReach(tx, row, { gathered, decision, deps });
  await openTasks(tx, row, { gathered, decision, now });
  const answers = answer ? await writeAnswer(tx, row, { gathered, decision, now, deps }) : [];
  const clinicId = gathered.people.find((person) => person.patientId === patientId)?.clinicId ?? row.clinicId;
  // Of a cry for help the event says no more than that a text came: the alert has its own.
  const data = { kind: decision.alert === null ? kind : "alert", inbox: inbox !== null };
  await appendEvents(tx, [{ kind: "reply.received", clinicId, subjectId: patientId ?? row.id, actor: BY_TEXT, data }]);
  const replanned = alerts.length > 0 && patientId !== null ? await replan(tx, patientId, deps) : [];
  return { alerts, due: [...silenced, ...answers, ...replanned] };
}

async function replan(tx: Tx, patientId: PatientId, { tokens }: ReplyDeps): Promise<readonly DueTouchpoint[]> {
  await raisePlanRevision(tx, [patientId]);
  return (await planPatients(tx, [patientId], tokens)).due;
}

/** Opt-out, opt-in, wrong number: facts about the number. */
async function changeReach(
  tx: Tx,
  { id, groupId, fromIndex, receivedAt }: InboundRow,
  { gathered, decision, deps }: Decided & { deps: ReplyDeps },
): Promise<readonly DueTouchpoint[]> {
  const address = { groupId, channel: "sms", addressIndex: fromIndex } as const;
  const context = { tokens: deps.tokens, actor: BY_TEXT, inboundId: id };
  if (decision.optOut === "wrong-number") return (await wrongNumber(tx, { ...address, at: receivedAt }, context)).due;
  if (decision.optOut === "stop") {
    const meant = gathered.reply.reading.mayMeanVisit ? ({ mayMeanVisit: true } as const) : {};
    return (await optOut(tx, { ...address, source: "STOP", at: receivedAt }, { ...context, ...meant })).due;
  }
  return decision.optIn ? optIn(tx, { ...address, at: receivedAt }, context) : [];
}

const SOON_MS = HOUR / 2;

async function openTasks(tx: Tx, row: InboundRow, { gathered, decision, now }: Decided & { now: Instant }): Promise<void> {
  const tasks = await keepNew(tx, decision.tasks);
  if (tasks.length === 0) return;
  const clinicOf = (patientId: PatientId): ClinicId =>
    gathered.people.find((each) => each.patientId === patientId)?.clinicId ?? row.clinicId;
  const clinicIds = tasks.map(({ patientId }) => clinicOf(patientId));
  const [clinics, locales] = [await loadStaffedClinics(tx, clinicIds), await loadClinicLocales(tx, clinicIds)];
  const dueOf = ({ patientId, due }: ReplyTask): Instant => {
    const clinic = clinics.get(clinicOf(patientId));
    if (!clinic) throw new Error(`Clinic ${clinicOf(patientId)} is not stored`);
    return due === "today" ? endOfStaffedDay(clinic, now) : staffedDeadline(clinic, { openedAt: now, within: SOON_MS, usefulUntil: null });
  };
  const pageAtOf = ({ template, sessionId }: ReplyTask): Instant | null => {
    const startsAt = gathered.people.find(({ nextSessionId }) => nextSessionId === sessionId)?.nextStartsAt;
    return template === "meant-visit" && startsAt ? deskPageAt({ startsAt }, now) : null;
  };
  const toTask = (task: ReplyTask): StaffTask => ({
    kind: task.template === "review-replies" ? "review" : task.template === "meant-visit" ? "call" : "reply",
    template: task.template,
    clinicId: clinicOf(task.patientId),
    patientId: task.patientId,
    seriesId: gathered.people.find(({ patientId }) => patientId === task.patientId)?.seriesId ?? null,
    sessionId: task.sessionId,
    inboundId: row.id,
    locale: locales.get(clinicOf(task.patientId)) ?? "en",
    importance: task.importance,
    dueBy: dueOf(task),
    pageAt: pageAtOf(task),
  });
  await openStaffTasks(tx, tasks.map(toTask), now);
}

/** One task a conversation: what waits to be read already will be read with the rest. A critical one stands for itself. */
async function keepNew(tx: Tx, tasks: readonly ReplyTask[]): Promise<ReplyTask[]> {
  const kept: ReplyTask[] = [];
  for (const task of tasks) {
    const isShared = task.template !== "meant-visit" && task.importance !== "critical";
    if (!isShared || !(await findWaitingFor(tx, task.template, [task.patientId])).has(task.patientId)) kept.push(task);
  }
  return kept;
}

async function writeAnswer(
  tx: Tx,
  inbound: InboundRow,
  { gathered, decision: { answer }, now, deps }: Decided & { now: Instant; deps: ReplyDeps },
): Promise<readonly DueTouchpoint[]> {
  const to = answer && gathered.people.find(({ patientId, person }) => patientId === answer.to.patientId && person === answer.to.person);
  if (!answer || !to) return [];
  const session = answer.sessionId === null ? null : ((await findAnsweredSession(tx, answer.sessionId)) ?? null);
  const seriesId = session?.seriesId ?? answer.seriesId;
  return answerText(tx, { inbound, template: answer.template, to, seriesId, session, now }, deps.tokens);
}
