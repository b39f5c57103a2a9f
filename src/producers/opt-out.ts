/**
 * An address wants no more messages.
 *
 * Trigger: a text (STOP, in whatever words), the unsubscribing of a page or a mail. Re-checks: whether it has opted out already, and whose address it is, under the
 * locks of everybody who has it. Effect: one row for the whole group; the plans of all of them follow, in all series, so that what was waiting is held and what
 * matters goes another way; answers under way are called off; one call for each patient whose own address it is. Sessions stay. A repeat keeps the newer moment
 * and does nothing else.
 */
import { cancelAnswers } from "../db/answer-touchpoints.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { type Address, insertOptOut, listOwners, type Owner } from "../db/opt-outs.ts";
import { lockPatients, raisePlanRevision, takeBackHints } from "../db/plans.ts";
import { loadClinicLocales } from "../db/reply-tasks.ts";
import { openStaffTasks, type StaffTask } from "../db/staff-tasks.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { deskPageAt } from "../domain/answerable.ts";
import { HOUR, type Instant } from "../domain/calendar.ts";
import { MEANT_VISIT_WITHIN_MS } from "../domain/decide-visit-reply.ts";
import type { ClinicId, InboundId, PatientId } from "../domain/ids.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";
import { planPatients } from "./plan-patient.ts";

export type OptOut = Address & {
  /** In a word: `STOP`, `unsubscribe`, `wrong-number`, `staff`. */
  readonly source: string;
  /** Clinic time at which it was said. */
  readonly at: Instant;
};

export type OptOutContext = {
  readonly tokens: LinkTokens;
  readonly actor: string;
  /** The text that said it. */
  readonly inboundId: InboundId | null;
  /** The word may have meant a visit: then the call about a patient with a visit soon asks for that. */
  readonly mayMeanVisit?: true;
};

export type OptedOut = {
  readonly kind: "opted-out" | "same";
  readonly patientIds: readonly PatientId[];
  /** To be hinted after the commit. */
  readonly due: readonly DueTouchpoint[];
};

export async function optOut(tx: Tx, fact: OptOut, context: OptOutContext): Promise<OptedOut> {
  const patientIds = [...new Set((await listOwners(tx, fact)).map(({ patientId }) => patientId))];
  await lockPatients(tx, patientIds);
  await takeBackHints(tx, patientIds);
  if (!(await insertOptOut(tx, fact, fact))) return { kind: "same", patientIds, due: [] };
  const owners = await listOwners(tx, fact);
  await cancelAnswers(tx, fact);
  await openCalls(tx, fact, { ...context, owners });
  await appendEvents(
    tx,
    owners.map(({ patientId, clinicId, person }) => ({
      kind: "address.opted-out",
      clinicId,
      subjectId: patientId,
      actor: context.actor,
      data: { channel: fact.channel, person, source: fact.source },
    })),
  );
  await raisePlanRevision(tx, patientIds);
  const { due } = await planPatients(tx, patientIds, context.tokens);
  return { kind: "opted-out", patientIds, due };
}

/** A working day to find out what suits them now; half an hour where somebody may believe that a visit is off. */
const CALL_WITHIN_MS = 8 * HOUR;
const VISIT_WITHIN_MS = HOUR / 2;

async function openCalls(
  tx: Tx,
  { source, at }: OptOut,
  { owners, inboundId, mayMeanVisit }: OptOutContext & { owners: readonly Owner[] },
): Promise<void> {
  const own = owners.filter(({ person, clinicId }) => person === "patient" && clinicId !== null);
  const clinicIds = own.flatMap(({ clinicId }) => clinicId ?? []);
  const [clinics, locales] = [await loadStaffedClinics(tx, clinicIds), await loadClinicLocales(tx, clinicIds)];
  const toTask = ({ patientId, seriesId, nextSessionId, nextStartsAt }: Owner, clinicId: ClinicId): StaffTask => {
    const isVisit = mayMeanVisit === true && nextStartsAt !== null && nextStartsAt - at <= MEANT_VISIT_WITHIN_MS;
    const clinic = clinics.get(clinicId);
    if (!clinic) throw new Error(`Clinic ${clinicId} is not stored`);
    return {
      ...wordsOf({ source, isVisit }),
      clinicId,
      patientId,
      seriesId,
      sessionId: isVisit ? nextSessionId : null,
      inboundId,
      pageAt: isVisit ? deskPageAt({ startsAt: nextStartsAt }, at) : null,
      locale: locales.get(clinicId) ?? "en",
      dueBy: staffedDeadline(clinic, { openedAt: at, within: isVisit ? VISIT_WITHIN_MS : CALL_WITHIN_MS, usefulUntil: null }),
    };
  };
  await openStaffTasks(
    tx,
    own.flatMap((owner) => (owner.clinicId === null ? [] : [toTask(owner, owner.clinicId)])),
    at,
  );
}

function wordsOf({ source, isVisit }: { source: string; isVisit: boolean }): Pick<StaffTask, "kind" | "template" | "importance"> {
  if (source === "wrong-number") return { kind: "verify", template: "wrong-number", importance: "high" };
  return isVisit
    ? { kind: "call", template: "meant-visit", importance: "high" }
    : { kind: "call", template: "opted-out", importance: "normal" };
}
