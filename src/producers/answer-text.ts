/**
 * An automatic answer to a text.
 *
 * Trigger: a reply that was understood, or was not. Re-checks: nothing; consent and opt-out are the claim's. Effect: one touchpoint that is due now, in the
 * sender's hours (the crisis text at any hour), from the number that was written to. A repeat for the same text adds nothing.
 */
import { newId } from "../clock.ts";
import { insertAnswerTouchpoints } from "../db/answer-touchpoints.ts";
import { readLocale, readZone } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import type { InboundRow } from "../db/inbound-messages.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { ensureLinks } from "../db/links.ts";
import type { PersonAtNumber } from "../db/reply-context.ts";
import { DAY, HOUR, type Instant, instant, MINUTE, wallClock } from "../domain/calendar.ts";
import type { SeriesId, SessionId } from "../domain/ids.ts";
import { quietSpans } from "../domain/quiet-hours.ts";
import { firstWithin, span, subtractSpans } from "../domain/spans.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";

export type Answer = {
  readonly inbound: InboundRow;
  readonly template: string;
  readonly to: PersonAtNumber;
  readonly seriesId: SeriesId;
  readonly session: { readonly id: SessionId; readonly startsAt: Instant; readonly arming: number } | null;
  readonly now: Instant;
};

/** How long an answer is of use. Whoever ended texts is told within minutes, or not at all (47 CFR 64.1200(a)(12)). */
const OF_USE_MS: { readonly [template: string]: number } = { "answer-stopped": 5 * MINUTE, "answer-crisis": HOUR };
const OTHERWISE_MS = DAY;
const ANY_HOUR: ReadonlySet<string> = new Set(["answer-crisis"]);

/** What is to be hinted after the commit. */
export async function answerText(tx: Tx, answer: Answer, tokens: LinkTokens): Promise<DueTouchpoint[]> {
  const { inbound, template, to, seriesId, session, now } = answer;
  if (to.clinicId === null) return [];
  const until = instant(Math.min(now + (OF_USE_MS[template] ?? OTHERWISE_MS), session?.startsAt ?? Infinity));
  const subjectId = session?.id ?? seriesId;
  const subject = { clinicId: to.clinicId, patientId: to.patientId, recipient: to.person, kind: "session", subjectId } as const;
  const links = await ensureLinks(tx, [{ ...subject, expiresAt: instant((session?.startsAt ?? now) + 2 * DAY) }], tokens);
  const linkId = links.get(`${subjectId}/${to.person}`);
  if (linkId === undefined) throw new Error(`No link was made for ${subjectId}`);
  const id = newId<"touchpoint">();
  const legal = legalSpans(answer, until);
  const stored = await insertAnswerTouchpoints(
    tx,
    [
      {
        id,
        clinicId: to.clinicId,
        patientId: to.patientId,
        seriesId,
        sessionId: session?.id ?? null,
        senderId: inbound.senderId,
        linkId,
        key: `answer/${inbound.id}/${template}`,
        rule: template,
        template,
        channel: "sms",
        recipient: to.person,
        importance: "high",
        locale: readLocale(to.locale),
        zone: to.zone,
        arming: session?.arming ?? 0,
        legal,
        expiresAt: until,
      },
    ],
    now,
  );
  const tryAt = firstWithin(legal, now);
  return stored.length > 0 && tryAt === now ? [{ id, channel: "sms", senderId: inbound.senderId, tryAt }] : [];
}

function legalSpans({ template, to, now }: Answer, until: Instant) {
  const whole = now < until ? [span(now, until)] : [];
  if (ANY_HOUR.has(template)) return whole;
  const reader = { zone: readZone(to.zone), quietHours: { from: wallClock(to.quietFrom), to: wallClock(to.quietTo) } };
  return subtractSpans(whole, quietSpans(reader, { from: now, to: until }));
}
