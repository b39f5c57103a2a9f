/**
 * Staff write to a patient.
 *
 * Trigger: staff (`message send`). Re-checks: that the patient can be reached on that channel and is on no hold, under the patient's lock, and the words. Effect: one
 * touchpoint that goes in the patient's hours, at the latest a day from now, with what was written sealed beside it. Shown first with `dryRun`, which stores
 * nothing. A repeat is another message.
 */
import { newId } from "../clock.ts";
import { insertAnswerTouchpoints } from "../db/answer-touchpoints.ts";
import { readLocale, readZone } from "../db/clinics.ts";
import { appendEvents } from "../db/events.ts";
import { ensureLinks } from "../db/links.ts";
import { findMessageRecipient, type MessageRecipient } from "../db/message-recipients.ts";
import { lockPatients } from "../db/plans.ts";
import { findNewestStaffMessage, insertStaffMessage, placeOfMessage, STAFF_MESSAGE } from "../db/staff-messages.ts";
import { transact } from "../db/transact.ts";
import type { Tx } from "../db/database.ts";
import { DAY, type Instant, instant, wallClock } from "../domain/calendar.ts";
import { type PatientId, type TouchpointId, toPublicId } from "../domain/ids.ts";
import type { Reach } from "../domain/patient-facts.ts";
import { quietSpans } from "../domain/quiet-hours.ts";
import { firstWithin, span, subtractSpans } from "../domain/spans.ts";
import { type ChangeDeps, refuse, type Refused } from "./change-facts.ts";
import { type DueTouchpoint, hintAfterCommit } from "./hint-touchpoints.ts";
import { type StaffMessage, type Wish, writeStaffMessage } from "./write-staff-message.ts";

export type MessageWish = {
  readonly wish: Wish;
  /** Null: a text where one may be sent, else a mail. */
  readonly channel: "email" | "sms" | null;
  readonly actor: string;
  readonly dryRun: boolean;
  /** What staff had written last when the person looked; another one since then is refused. Left out: whatever it is. */
  readonly newest?: TouchpointId | null;
};

export type SentMessage = {
  readonly kind: "written";
  readonly touchpoint: string | null;
  readonly channel: "email" | "sms";
  readonly message: StaffMessage;
  /** When it goes: now, or when the patient's quiet hours end. */
  readonly goesAt: Instant;
  readonly zone: string;
  readonly dryRun: boolean;
};

const OF_USE_MS = DAY;

export async function sendMessage(deps: ChangeDeps, id: PatientId, wanted: MessageWish): Promise<SentMessage | Refused> {
  const done = await transact(deps.db, async (tx) => {
    await lockPatients(tx, [id]);
    if (wanted.newest !== undefined && (await findNewestStaffMessage(tx, id)) !== wanted.newest)
      return refuse("newest", undefined, "the conversation as it was looked at: somebody has written since");
    const recipient = await findMessageRecipient(tx, id);
    if (!recipient) return refuse("patient", undefined, "a patient who has, or had, a series");
    return send(tx, recipient, { ...wanted, deps });
  });
  if (done.kind === "refused") return done;
  await hintAfterCommit(deps, done.due);
  return done.sent;
}

type Sent = { readonly kind: "sent"; readonly sent: SentMessage; readonly due: readonly DueTouchpoint[] };

async function send(
  tx: Tx,
  recipient: MessageRecipient,
  { wish, channel: wanted, actor, dryRun, deps }: MessageWish & { deps: ChangeDeps },
): Promise<Sent | Refused> {
  if (recipient.holdCode !== null) return refuse("patient", undefined, "a patient who is not on hold (afterglow patient release)");
  const channel = wanted ?? (recipient.sms === "reachable" ? "sms" : "email");
  const reach = recipient[channel];
  const senderId = channel === "sms" ? recipient.smsSenderId : recipient.emailSenderId;
  if (reach !== "reachable" || senderId === null) return refuse("channel", channel, `a channel that reaches them: ${UNREACHED[reach]}`);
  const written = await writeStaffMessage({ db: tx, vault: deps.vault }, recipient, { wish, channel });
  if (written.kind === "refused") return written;
  const legal = legalSpans(recipient, channel);
  const goesAt = firstWithin(legal, recipient.now) ?? recipient.now;
  const { message } = written;
  const shown = { kind: "written", channel, message, goesAt, zone: recipient.zone } as const;
  if (dryRun) return { kind: "sent", sent: { ...shown, touchpoint: null, dryRun }, due: [] };
  const id = await store(tx, recipient, { channel, senderId, legal, words: message.words, actor, deps });
  const due = goesAt <= recipient.now ? [{ id, channel, senderId, tryAt: goesAt }] : [];
  return { kind: "sent", sent: { ...shown, touchpoint: toPublicId("touchpoint", id), dryRun }, due };
}

const UNREACHED: { readonly [Why in Reach]: string } = {
  reachable: "the clinic has no sender for this one",
  "no-address": "there is no address for this one",
  "no-consent": "they did not agree to this one, or no longer do",
  "opted-out": "the address has opted out of this one, whoever uses it",
  "dead-address": "nobody is reached at the address for this one",
};

function legalSpans({ now, zone, quietFrom, quietTo }: MessageRecipient, channel: "email" | "sms") {
  const until = instant(now + OF_USE_MS);
  const whole = [span(now, until)];
  if (channel === "email") return whole;
  const reader = { zone: readZone(zone), quietHours: { from: wallClock(quietFrom), to: wallClock(quietTo) } };
  return subtractSpans(whole, quietSpans(reader, { from: now, to: until }));
}

type Storing = {
  readonly channel: "email" | "sms";
  readonly senderId: NonNullable<MessageRecipient["smsSenderId"]>;
  readonly legal: ReturnType<typeof legalSpans>;
  readonly words: string;
  readonly actor: string;
  readonly deps: ChangeDeps;
};

async function store(
  tx: Tx,
  recipient: MessageRecipient,
  { channel, senderId, legal, words, actor, deps }: Storing,
): Promise<TouchpointId> {
  const { patientId, clinicId, seriesId, now, locale, zone } = recipient;
  const subject = { clinicId, patientId, kind: "session", subjectId: seriesId, recipient: "patient" } as const;
  const links = await ensureLinks(tx, [{ ...subject, expiresAt: instant(now + 2 * OF_USE_MS) }], deps.tokens);
  const linkId = links.get(`${seriesId}/patient`);
  if (linkId === undefined) throw new Error(`No link was made for ${seriesId}`);
  const id = newId<"touchpoint">();
  const about = { id, clinicId, patientId, seriesId, sessionId: null, senderId, linkId, channel, zone, legal } as const;
  const row = {
    ...about,
    key: `staff/${id}`,
    rule: STAFF_MESSAGE,
    template: STAFF_MESSAGE,
    recipient: "patient",
    importance: "high",
    arming: 0,
  } as const;
  await insertAnswerTouchpoints(tx, [{ ...row, locale: readLocale(locale), expiresAt: instant(now + OF_USE_MS) }], now);
  await insertStaffMessage(tx, { touchpointId: id, bodySealed: deps.vault.seal(words, placeOfMessage(id)), actor });
  await appendEvents(tx, [{ kind: "message.written", clinicId, subjectId: patientId, actor, data: { channel } }]);
  return id;
}
