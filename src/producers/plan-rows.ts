/** The new rows of decided plans, as they are stored: with their senders, links and first tries. */
import { newId } from "../clock.ts";
import type { Tx } from "../db/database.ts";
import { firstTry, loadSenders, type NewTouchpoint } from "../db/plans.ts";
import type { Instant } from "../domain/calendar.ts";
import type { LinkId, PatientId, SenderId } from "../domain/ids.ts";
import type { PlannedTouchpoint } from "../domain/touchpoint.ts";
import type { DecidedPlan } from "./decide-plan.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";
import { type Invitations, type Pages, pageSubject } from "./link-pages.ts";

/** A row for everything that the plans create; asks for senders only where there is any. */
export async function toPlanRows(
  tx: Tx,
  plans: readonly DecidedPlan[],
  common: Pick<RowContext, "links" | "invitations" | "now" | "horizon">,
): Promise<NewTouchpoint[]> {
  if (plans.every(({ create }) => create.length === 0)) return [];
  const senders = await loadSenders(tx, [...new Set(plans.flatMap(({ create }) => create.map(({ clinicId }) => clinicId)))]);
  return plans.flatMap(({ patient, create, idOf, pages }) =>
    create.map((plan) => toRow(plan, { ...common, patientId: patient.id, idOf, pages, senders })),
  );
}

type RowContext = {
  patientId: PatientId;
  idOf: DecidedPlan["idOf"];
  pages: Pages;
  links: ReadonlyMap<string, LinkId>;
  invitations: Invitations;
  senders: ReadonlyMap<string, SenderId>;
  now: Instant;
  horizon: Instant;
};

function toRow(plan: PlannedTouchpoint, { patientId, idOf, pages, links, invitations, senders, now, horizon }: RowContext): NewTouchpoint {
  const tryAt = firstTry(plan, now);
  const senderId = plan.channel === "task" ? null : (senders.get(`${plan.clinicId}/${plan.channel}`) ?? null);
  return {
    id: idOf(plan) ?? newId(),
    patientId,
    senderId,
    linkId: links.get(`${pageSubject(plan, pages, invitations)}/${plan.recipient}`) ?? null,
    mergedInto: idOf(plan.mergedInto),
    fallbackOf: plan.fallbackOf === null ? null : idOf({ seriesId: plan.seriesId, key: plan.fallbackOf }),
    tryAt,
    hinted: plan.state === "planned" && plan.awaits === null && senderId !== null && tryAt <= horizon,
    plan,
  };
}

/** As it is hinted; none for a task, or without a sender. */
export function toDue({ id, senderId, tryAt, plan }: NewTouchpoint): DueTouchpoint[] {
  return senderId && plan.channel !== "task" ? [{ id, channel: plan.channel, senderId, tryAt }] : [];
}
