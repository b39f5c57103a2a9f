/** Touchpoints: what was sent and what was not, why, and what staff do about one. */
import { z } from "zod";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { toTimestamp } from "../../../db/database.ts";
import { listTasksOfTouchpoint } from "../../../db/tasks.ts";
import { findExplained } from "../../../db/view-explain.ts";
import { listOutlook, listTouchpoints } from "../../../db/view-series.ts";
import { listDeliveries, listFacts, listSwitched } from "../../../db/view-story.ts";
import { DAY, instant } from "../../../domain/calendar.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { conditionsOf, findBlock, sayState } from "../../../producers/explain-conditions.ts";
import { RELEASE_VERDICTS, releaseHeld } from "../../../producers/release-held.ts";
import { resendTouchpoint } from "../../../producers/resend-touchpoint.ts";
import { SETTLE_VERDICTS, settleTouchpoint } from "../../../producers/settle-touchpoint.ts";
import { tellStory } from "../../../producers/tell-story.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toWall } from "../../../domain/touchpoint-fields.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy } from "../cursor.ts";
import { clinicParam, idText, momentText, seriesParam, toMaybeId, toMaybeMoment, toMoment, touchpointParam } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";
import { touchpointFields, toTouchpointPage } from "../touchpoint-fields.ts";

const condition = z.strictObject({ name: z.string(), holds: z.boolean(), says: z.string() });
const moment = z.strictObject({ utc: momentText, local: z.string() });

const explanation = z.strictObject({
  touchpoint: idText,
  series: idText,
  session: idText.nullable(),
  clinic: z.string(),
  protocol: z.string(),
  approval: idText,
  rule: z.string(),
  template: z.string(),
  purpose: z.string(),
  recipient: z.string(),
  channel: z.string(),
  importance: z.string(),
  onUnknown: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  says: z.string().meta({ description: "Where it stands, in words." }),
  awaits: z.string().nullable(),
  attempts: z.int(),
  claimableNow: z.boolean(),
  waitsFor: condition.nullable(),
  conditions: z.array(condition),
  now: momentText,
  zone: z.string(),
  due: moment,
  tryAt: moment,
  sendBy: moment,
  expires: moment,
  mergedInto: idText.nullable(),
  fallbackOf: idText.nullable(),
  deliveries: z.array(
    z.strictObject({
      attempt: z.int(),
      state: z.string(),
      code: z.string().nullable(),
      claimedAt: momentText,
      answeredAt: momentText.nullable(),
      latenessMs: z.int().nullable(),
      providerMessageId: z.string().nullable(),
      providerState: z.string().nullable(),
      providerCode: z.string().nullable(),
      providerAt: momentText.nullable(),
    }),
  ),
  story: z.array(z.strictObject({ at: momentText, says: z.string() })).meta({ description: "What happened to it, first to last." }),
});

const explain = operation({
  ...bare,
  id: "touchpoints.explain",
  method: "GET",
  path: "/touchpoints/{touchpoint}",
  summary: "Say where a touchpoint stands, why, and what it waits for; no name and no address",
  command: "touchpoint explain",
  access: requirePermission("plans.read", { of: "touchpoint", reads: "touchpoint.read" }).access,
  params: touchpointParam,
  answer: explanation,
})(async ({ db }, { params: { touchpoint: id } }) => {
  const row = await findExplained(db, id);
  if (!row) throw new ApiProblem(404);
  const [deliveries, facts, switched, tasks] = await Promise.all([
    listDeliveries(db, id),
    listFacts(db, row),
    listSwitched(db, id),
    listTasksOfTouchpoint(db, row.patientId, id),
  ]);
  const conditions = row.state === "planned" || row.state === "held" ? conditionsOf(row) : [];
  const { rule, template, purpose, recipient, channel, importance, onUnknown, state, reason, awaits, attempts, clinic, protocol, zone } =
    row;
  const at = (when: typeof row.now) => ({ utc: toMoment(when), local: toWall(zone, when) });
  const told = {
    rule,
    template,
    purpose,
    recipient,
    channel,
    importance,
    onUnknown,
    state,
    reason,
    awaits,
    attempts,
    clinic,
    protocol,
    zone,
  };
  return {
    body: {
      ...told,
      touchpoint: toPublicId("touchpoint", id),
      series: toPublicId("series", row.seriesId),
      session: toMaybeId("session", row.sessionId),
      approval: toPublicId("approval", row.approvalId),
      says: sayState(row),
      claimableNow: row.isClaimable && conditions.every(({ holds }) => holds),
      waitsFor: findBlock(conditions) ?? null,
      conditions,
      now: toMoment(row.now),
      due: at(row.dueAt),
      tryAt: at(row.tryAt),
      sendBy: at(row.sendBy),
      expires: at(row.expiresAt),
      mergedInto: toMaybeId("touchpoint", row.mergedInto),
      fallbackOf: toMaybeId("touchpoint", row.fallbackOf),
      deliveries: deliveries.map(({ claimedAt, answeredAt, providerAt, worker: _worker, calledAt: _called, ...delivery }) => ({
        ...delivery,
        claimedAt: toMoment(claimedAt),
        answeredAt: toMaybeMoment(answeredAt),
        providerAt: toMaybeMoment(providerAt),
      })),
      story: tellStory(row, { deliveries, facts, switched, tasks }).map(({ order, says }) => ({ at: toMoment(order), says })),
    },
  };
});

const CHANGE = requirePermission("messages.send", { of: "touchpoint" });

export const touchpoints: readonly Operation[] = [
  operation({
    ...bare,
    id: "touchpoints.list",
    method: "GET",
    path: "/series/{series}/touchpoints",
    summary: "The touchpoints of a series, in order of time",
    command: null,
    access: requirePermission("plans.read", { of: "series", reads: "series.read" }).access,
    params: seriesParam,
    query: z.strictObject(pagedBy("moment")),
    answer: pageOf(touchpointFields),
  })(async ({ db }, { params, query: { limit, after } }) => ({
    body: toTouchpointPage(await listTouchpoints(db, params.series, { after: after ?? null, limit: limit + 1 }), limit),
  })),
  operation({
    ...bare,
    id: "clinics.outlook",
    method: "GET",
    path: "/clinics/{clinic}/outlook",
    summary: "What is to come for a clinic",
    command: "outlook",
    access: requirePermission("plans.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({ ...pagedBy("moment"), days: z.coerce.number().int().min(1).max(31).default(1) }),
    answer: pageOf(touchpointFields),
  })(async ({ db }, { query: { days, limit, after }, request }) => {
    const { now } = await readClinicTime(db);
    const wish = { patientId: null, clinicId: clinicOf(request), until: toTimestamp(instant(now + days * DAY)) };
    return { body: toTouchpointPage(await listOutlook(db, wish, { after: after ?? null, limit: limit + 1 }), limit) };
  }),
  explain,
  operation({
    ...bare,
    id: "touchpoints.settle",
    method: "POST",
    path: "/touchpoints/{touchpoint}/settle",
    summary: "Say what became of a message of which nobody knows whether it was sent",
    command: "touchpoint settle",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: touchpointParam,
    body: z.strictObject({ as: z.enum(SETTLE_VERDICTS) }),
    answer: changed(z.strictObject({ verdict: z.string() })),
  })(async (deps, { params, body, options }) =>
    replyChanged(await settleTouchpoint(deps, params.touchpoint, { ...options, verdict: body.as }), (value) => ({ ...value })),
  ),
  operation({
    ...bare,
    id: "touchpoints.resend",
    method: "POST",
    path: "/touchpoints/{touchpoint}/resend",
    summary: "Send a message once more, written anew; a repeat is another copy, so send an Idempotency-Key",
    command: "touchpoint resend",
    access: CHANGE.access,
    dryRun: true,
    params: touchpointParam,
    answer: z.strictObject({
      touchpoint: idText,
      channel: z.string(),
      template: z.string(),
      goesAt: momentText,
      zone: z.string(),
      dryRun: z.boolean(),
    }),
  })(async (deps, { params, options }) => {
    const result = await resendTouchpoint(deps, params.touchpoint, options);
    if (result.kind === "refused") throw toProblem(result.faults);
    const { id, channel, template, goesAt, zone, dryRun } = result;
    return { body: { touchpoint: toPublicId("touchpoint", id), channel, template, goesAt: toMoment(goesAt), zone, dryRun } };
  }),
  operation({
    ...bare,
    id: "touchpoints.release",
    method: "POST",
    path: "/touchpoints/{touchpoint}/release",
    summary: "Decide about a message that an open alert keeps back: let it go, or somebody has said it",
    command: "alert release",
    access: requirePermission("alerts.answer", { of: "touchpoint" }).access,
    dryRun: true,
    ifMatch: true,
    params: touchpointParam,
    body: z.strictObject({ as: z.enum(RELEASE_VERDICTS) }),
    answer: changed(z.strictObject({ verdict: z.string() })),
  })(async (deps, { params, body, options }) =>
    replyChanged(await releaseHeld(deps, params.touchpoint, { ...options, verdict: body.as }), (value) => ({ ...value })),
  ),
];
