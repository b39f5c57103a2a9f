/**
 * The front desk of the demo: early and late on each staffed day somebody makes the calls that wait and files the forms. Nothing else on the list is done, so that
 * a viewer sees what becomes of it.
 */
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { CoreDeps } from "../deps.ts";
import { HOUR, type Instant, instant, MINUTE } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { SessionId, TaskId } from "../domain/ids.ts";
import { staffedSpans } from "../domain/staffed-time.ts";
import type { Span } from "../domain/touchpoint.ts";
import { changeTask } from "../producers/change-task.ts";
import { fileForm } from "../producers/file-form.ts";
import type { ScriptedFact } from "../producers/step-through.ts";
import type { Tell } from "./demo-phrases.ts";
import { count } from "./show-faults.ts";

const ACTOR = "staff:demo";
/** After the day's opening, and before its end. */
const FIRST_ROUND = 90 * MINUTE;
const LAST_ROUND = HOUR / 4;

export type Desk = { readonly clinic: ClinicSettings; readonly tell: Tell };

/** The rounds that begin within the span. */
export function staffDesk(deps: CoreDeps, { clinic, tell }: Desk, within: Span): ScriptedFact[] {
  const staffed = { ...clinic, closures: new Set(clinic.closures) };
  const rounds = staffedSpans(staffed, within).flatMap(({ from, to }) => [from + FIRST_ROUND, to - LAST_ROUND]);
  return rounds.map((at) => ({ at: instant(at), happen: () => work(deps, { at: instant(at), tell }) }));
}

async function work(deps: CoreDeps, { at, tell }: { at: Instant; tell: Tell }): Promise<void> {
  const waiting = await findWaiting(deps.db);
  const calls = waiting.filter(({ kind }) => kind === "call");
  for (const { id } of calls)
    await changeTask(deps, id, { wish: { kind: "done", outcome: "reached", note: null }, actor: ACTOR, ifRevision: null });
  for (const { kind, sessionId } of waiting)
    if (kind === "file-form" && sessionId !== null)
      await fileForm(deps, sessionId, { form: { by: "demo", at }, actor: ACTOR, dryRun: false, ifRevision: null });
  if (calls.length > 0) tell({ label: "task", who: "front desk", says: `${count(calls.length, "call")} made` });
}

type Waiting = { readonly id: TaskId; readonly kind: string; readonly sessionId: SessionId | null };

async function findWaiting(db: Database): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select id, kind, session_id from tasks where state = 'open' and kind in ('call', 'file-form') order by due_by, id`.execute(db);
  return rows;
}
