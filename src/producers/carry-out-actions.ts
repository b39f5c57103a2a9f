/**
 * Carries out what somebody at the console asked for, ten seconds later.
 *
 * Trigger: time, in the web process and in every worker. Re-checks: that it was not taken back, by a claim that only one can win; and whatever the verb's own
 * producer asks. Effect: the fact, as of the moment at which it was asked for; a refusal is kept for the person to see. A repeat after a crash finds the fact
 * recorded and changes nothing.
 */
import { type ClaimedAction, claimActions, finishAction, insertAction, placeOfAction, placeOfRefusal } from "../db/console-actions.ts";
import { transact } from "../db/transact.ts";
import type { Fault } from "../domain/fault.ts";
import type { ActionId, ClinicId, SessionId } from "../domain/ids.ts";
import { type SessionAction, type SessionActionInput, sessionActionSchema } from "../domain/session-action.ts";
import { unreachable } from "../domain/unreachable.ts";
import { cancelSession } from "./cancel-session.ts";
import type { ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { fileForm } from "./file-form.ts";
import { moveSession } from "./move-session.ts";
import { postponeSession } from "./postpone-session.ts";
import { readySession } from "./ready-session.ts";
import { recordOutcome } from "./record-outcome.ts";

export type Asking = {
  readonly clinicId: ClinicId;
  readonly sessionId: SessionId;
  readonly action: SessionActionInput;
  readonly actor: string;
  readonly ifRevision: number | null;
};

/** Keeps it until its time. Its shape is checked by whoever read it. */
export async function deferAction({ db, vault }: Pick<ChangeDeps, "db" | "vault">, { action, ...asking }: Asking): Promise<ActionId> {
  return transact(db, (tx) =>
    insertAction(tx, { ...asking, verb: action.verb }, (id) => vault.seal(JSON.stringify(action), placeOfAction(id))),
  );
}

/** Returns how many were taken up. One that throws keeps none of the others; it is tried again for some minutes, and then its person is told that it was not done. */
export async function carryOutActions(deps: ChangeDeps): Promise<number> {
  const claimed = await claimActions(deps.db);
  for (const each of claimed)
    try {
      await finish(deps, each, await carryOut(deps, each));
    } catch (error) {
      deps.log.error("console-action.failed", { kind: "carry-out", error });
      if (each.isLastTry) await finish(deps, each, GIVEN_UP);
    }
  return claimed.length;
}

const GIVEN_UP: readonly Fault[] = [{ path: "action", expected: "this to be recorded once more: it could not be carried out" }];

async function finish({ db, vault }: ChangeDeps, { id }: ClaimedAction, faults: readonly Fault[] | null): Promise<void> {
  await finishAction(db, id, faults && vault.seal(JSON.stringify(faults), placeOfRefusal(id)));
}

/** What stood in its way; null when nothing did. */
async function carryOut(deps: ChangeDeps, claimed: ClaimedAction): Promise<readonly Fault[] | null> {
  const action = sessionActionSchema.parse(JSON.parse(deps.vault.open(claimed.actionSealed, placeOfAction(claimed.id))));
  const result = await act(deps, claimed, action);
  return result.kind === "refused" ? result.faults : null;
}

function act(deps: ChangeDeps, { sessionId, actor, ifRevision, askedAt: at }: ClaimedAction, action: SessionAction) {
  const options: ChangeOptions = { actor, dryRun: false, ifRevision };
  switch (action.verb) {
    case "arrive":
      return recordOutcome(deps, sessionId, { outcome: { status: "arrived", at }, ...options });
    case "dose":
      return recordOutcome(deps, sessionId, { outcome: { status: "dosed", at }, ...options });
    case "no-show":
      return recordOutcome(deps, sessionId, { outcome: { status: "no_show", at }, ...options });
    case "not-dosed":
      return recordOutcome(deps, sessionId, { outcome: { status: "not_dosed", reason: action.reason, at }, ...options });
    case "discharge":
      return recordOutcome(deps, sessionId, { outcome: { status: "discharged", at, ...(action.why && { why: action.why }) }, ...options });
    case "ready":
      return readySession(deps, sessionId, { pickup: action.pickup, ...options });
    case "move":
      return moveSession(deps, sessionId, { move: { to: action.to, because: action.because }, ...options });
    case "cancel":
      return cancelSession(deps, sessionId, { because: action.because, ...options });
    case "postpone":
      return postponeSession(deps, sessionId, { because: action.because, ...options });
    case "form-filed":
      return fileForm(deps, sessionId, { form: { by: action.by, at }, ...options });
    default:
      return unreachable(action);
  }
}
