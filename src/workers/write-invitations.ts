/** Which entries of the patient's calendar a mail makes, moves or takes out, and how they read. */
import type { EmailContent } from "../channels/channel.ts";
import type { SendRow } from "../db/send-rows.ts";
import type { ToldSession } from "../db/sessions-told.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { SessionId } from "../domain/ids.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import { calendarUid, toCalendar } from "../messages/calendar-invitation.ts";

type Entry = {
  readonly sessionId: SessionId;
  readonly sequence: number;
  readonly method: "REQUEST" | "CANCEL";
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly place: string | null;
};

/**
 * The calendars of a mail that speaks of `row`'s session and of `others`. A session has one UID for its whole life and a sequence that rises with each change
 * and with a cancellation, so that a later mail updates the entry (RFC 5546, section 3.2.2) or takes it out (3.2.5). One calendar a session: a CANCEL may
 * not name two UIDs. Empty for whom nobody invites: escorts, and patients in mails that tell no start.
 */
export function writeInvitations(
  row: SendRow,
  facts: MessageFacts,
  { to, others }: { to: string; others: readonly ToldSession[] },
): NonNullable<EmailContent["calendar"]>[] {
  if (row.recipient !== "patient" || !NAMES_START.has(row.purpose)) return [];
  const entries = [...toOwnEntry(row), ...others.flatMap((session) => toEntry(session, row.now))];
  return entries.map((entry) => ({ method: entry.method, ics: toIcs(entry, row, { facts, to }) }));
}

const NAMES_START: ReadonlySet<string> = new Set(["notice", "reminder", "preparation", "urgent-change"]);

function toOwnEntry(row: SendRow): Entry[] {
  const { sessionId, startsAt, endsAt, sequence, sessionStatus, place, toldStartsAt } = row;
  if (sessionId === null || startsAt === null || endsAt === null) return [];
  return toEntry(
    { id: sessionId, startsAt, endsAt, place, toldStartsAt, sequence: sequence ?? 0, sessionStatus: sessionStatus ?? "scheduled" },
    row.now,
  );
}

type Invited = Pick<ToldSession, "id" | "sequence" | "startsAt" | "endsAt" | "place" | "sessionStatus" | "toldStartsAt">;

/** What is taken out carries the times under which it was announced: some readers show them. What has begun is left as it is. */
function toEntry({ id, sequence, startsAt, endsAt, place, sessionStatus, toldStartsAt }: Invited, now: Instant): Entry[] {
  const entry = { sessionId: id, sequence, place };
  if (sessionStatus === "cancelled" || sessionStatus === "postponed") {
    const told = toldStartsAt ?? startsAt;
    return [{ ...entry, method: "CANCEL", startsAt: told, endsAt: instant(told + (endsAt - startsAt)) }];
  }
  return startsAt > now ? [{ ...entry, method: "REQUEST", startsAt, endsAt }] : [];
}

function toIcs({ sessionId, ...entry }: Entry, row: SendRow, { facts, to }: { facts: MessageFacts; to: string }): string {
  return toCalendar({
    ...entry,
    uid: calendarUid(sessionId),
    title: `Appointment - ${facts.clinic.name}`,
    place: entry.place ?? row.house.clinicAddress,
    description: facts.link,
    organizer: { name: row.house.name, address: row.house.address },
    attendee: { name: facts.recipient.name, address: to },
    stampAt: row.now,
  });
}
