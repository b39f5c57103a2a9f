/**
 * Sends a message once more because somebody asked for it.
 *
 * Trigger: staff (`touchpoint resend`). Re-checks: under the patient's lock, that it was sent or failed, that it is still of use and still true, and that its
 * recipient can be reached. Effect: a copy of it that is written anew from the facts of the moment, in the recipient's hours and until the original's last moment of
 * use; with a new link where the old one opens nothing any more. Who asked stands in the audit. A repeat is another copy.
 */
import { newId } from "../clock.ts";
import { insertAnswerTouchpoints } from "../db/answer-touchpoints.ts";
import { readLocale, readZone } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { ensureLinks } from "../db/links.ts";
import { lockPatients } from "../db/plans.ts";
import { copyStaffMessage, findPatientOf, findResendable, type Resendable } from "../db/resendable.ts";
import { placeOfMessage } from "../db/staff-messages.ts";
import { transact } from "../db/transact.ts";
import { DAY, type Instant, instant, wallClock } from "../domain/calendar.ts";
import type { LinkId, TouchpointId } from "../domain/ids.ts";
import { quietSpans } from "../domain/quiet-hours.ts";
import { firstWithin, span, subtractSpans } from "../domain/spans.ts";
import { type ChangeDeps, refuse, type Refused } from "./change-facts.ts";
import { hintAfterCommit } from "./hint-touchpoints.ts";

export type Resent = {
  readonly kind: "resent";
  readonly id: TouchpointId;
  readonly channel: "email" | "sms";
  readonly template: string;
  readonly goesAt: Instant;
  readonly zone: string;
  readonly dryRun: boolean;
};

export type Resending = { readonly actor: string; readonly dryRun: boolean };

export async function resendTouchpoint(deps: ChangeDeps, id: TouchpointId, { actor, dryRun }: Resending): Promise<Resent | Refused> {
  const done = await transact(deps.db, async (tx) => {
    const patientId = await findPatientOf(tx, id);
    if (patientId !== undefined) await lockPatients(tx, [patientId]);
    const original = await findResendable(tx, id);
    return original
      ? resend(tx, original, { actor, dryRun, deps })
      : refuse("touchpoint", undefined, "the id of a touchpoint that is stored");
  });
  if (done.kind === "refused") return done;
  const { senderId, now, ...resent } = done;
  if (!dryRun && resent.goesAt <= now)
    await hintAfterCommit(deps, [{ id: resent.id, channel: resent.channel, senderId, tryAt: resent.goesAt }]);
  return resent;
}

type Copied = Resent & { readonly senderId: NonNullable<Resendable["senderId"]>; readonly now: Instant };

async function resend(tx: Tx, original: Resendable, { actor, dryRun, deps }: Resending & { deps: ChangeDeps }): Promise<Copied | Refused> {
  const { channel, recipient, senderId, now } = original;
  if (channel === "task" || recipient === "staff" || senderId === null)
    return refuse("touchpoint", undefined, "a message: tasks are on the list (afterglow task list)");
  const refused = refuseResend(original);
  if (refused) return refused;
  const until = original.expiresAt;
  const reader = { zone: readZone(original.zone), quietHours: { from: wallClock(original.quietFrom), to: wallClock(original.quietTo) } };
  const whole = [span(now, until)];
  const legal = channel === "email" ? whole : subtractSpans(whole, quietSpans(reader, { from: now, to: until }));
  const goesAt = firstWithin(legal, now);
  if (goesAt === undefined) return refuse("touchpoint", undefined, "a message that is of use until the recipient's quiet hours end");
  const id = newId<"touchpoint">();
  const resent = { kind: "resent", id, channel, template: original.template, goesAt, zone: original.zone, dryRun, senderId, now } as const;
  if (dryRun) return resent;
  const linkId = await findLink(tx, original, { recipient, deps });
  const { clinicId, patientId, seriesId, sessionId, rule, template, zone, arming } = original;
  const about = { id, clinicId, patientId, seriesId, sessionId, senderId, linkId, rule, template, channel, recipient, zone, arming, legal };
  const key = `resend/${original.id}/${original.resent + 1}`;
  await insertAnswerTouchpoints(tx, [{ ...about, key, importance: "high", locale: readLocale(original.locale), expiresAt: until }], now);
  const reseal = (sealed: Buffer) => deps.vault.seal(deps.vault.open(sealed, placeOfMessage(original.id)), placeOfMessage(id));
  await copyStaffMessage(tx, { from: original.id, to: id, reseal, actor });
  await appendEvents(tx, [
    { kind: "touchpoint.asked-again", clinicId, subjectId: original.id, actor, data: { copy: id } },
    { kind: "touchpoint.copied", clinicId, subjectId: id, actor, data: { of: original.id } },
  ]);
  return resent;
}

function refuseResend({ state, expiresAt, now, stillTrue, reach, holdCode, channel, template }: Resendable): Refused | undefined {
  if (state !== "sent" && state !== "failed")
    return refuse(
      "touchpoint",
      state,
      "one that was sent or that failed: what is planned or held goes by itself, and an unknown one is settled (afterglow touchpoint settle)",
    );
  if (template.startsWith("answer-")) return refuse("touchpoint", template, "a message of the plan or of staff, not an automatic answer");
  if (expiresAt <= now) return refuse("touchpoint", undefined, "a message that is still of use: this one's last moment is over");
  if (!stillTrue) return refuse("touchpoint", undefined, "a message that is still true: its session has been moved or called off since");
  if (holdCode !== null) return refuse("patient", undefined, "a patient who is not on hold (afterglow patient release)");
  return reach === "reachable" ? undefined : refuse("channel", channel, `a recipient who can be reached on it (${reach})`);
}

/** The one it had; another where that was revoked or its time is over. */
async function findLink(
  tx: Tx,
  { linkId, linkKind, linkSubjectId, linkIsOver, clinicId, patientId, expiresAt, now }: Resendable,
  { recipient, deps }: { recipient: "patient" | "escort"; deps: ChangeDeps },
): Promise<LinkId> {
  if (linkId !== null && !linkIsOver) return linkId;
  if (linkKind === null || linkSubjectId === null) throw new Error("A message without a link");
  const until = instant(Math.max(expiresAt, now) + DAY);
  const links = await ensureLinks(
    tx,
    [{ clinicId, patientId, kind: linkKind, subjectId: linkSubjectId, recipient, expiresAt: until }],
    deps.tokens,
  );
  const fresh = links.get(`${linkSubjectId}/${recipient}`);
  if (fresh === undefined) throw new Error(`No link was made for ${linkSubjectId}`);
  return fresh;
}
