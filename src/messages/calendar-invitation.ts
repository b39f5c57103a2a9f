import ical, { ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from "ical-generator";
import type { Instant } from "../domain/calendar.ts";
import type { SessionId } from "../domain/ids.ts";

export type CalendarInvitation = {
  /** Of the session, see {@link calendarUid}. */
  readonly uid: string;
  /** The session's; rises with every change and with a cancellation, or calendars ignore it. */
  readonly sequence: number;
  readonly method: "REQUEST" | "CANCEL";
  readonly startsAt: Instant;
  /** With observation, so that whoever drives home sees the right end. */
  readonly endsAt: Instant;
  /** Neutral: a calendar is shared with employers and families. */
  readonly title: string;
  readonly place: string | null;
  readonly description: string;
  readonly organizer: { readonly name: string; readonly address: string };
  readonly attendee: { readonly name: string; readonly address: string };
  readonly stampAt: Instant;
};

/**
 * What a session is called in calendars for its whole life. The domain is the program's own and belongs to nobody (RFC 2606): with the sender's, an entry that was
 * made before a clinic changed its address could never be moved or taken out.
 */
export function calendarUid(sessionId: SessionId): string {
  return `${sessionId}@afterglow.invalid`;
}

/**
 * The invitation to one session, or its cancellation, as iCalendar (RFC 5545, RFC 5546): UTC times, no alarm, no answer asked for. The same input gives the
 * same text. Control characters are dropped, line breaks only stay in the description.
 */
export function toCalendar(invitation: CalendarInvitation): string {
  const { uid, sequence, method, startsAt, endsAt, title, place, description, organizer, attendee, stampAt } = invitation;
  const calendar = ical({ prodId: "//Afterglow//Afterglow//EN", method: ICalCalendarMethod[method] });
  calendar.createEvent({
    id: toLine(uid),
    sequence,
    stamp: new Date(stampAt),
    start: new Date(startsAt),
    end: new Date(endsAt),
    summary: toLine(title),
    location: place === null ? null : toLine(place),
    description: toLines(description),
    organizer: { name: toLine(organizer.name), email: toLine(organizer.address) },
    attendees: [{ name: toLine(attendee.name), email: toLine(attendee.address), status: ICalAttendeeStatus.NEEDSACTION, rsvp: false }],
    status: method === "CANCEL" ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    transparency: ICalEventTransparency.OPAQUE,
  });
  return calendar.toString();
}

function toLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

function toLines(text: string): string {
  return text.split(/\r?\n/).map(toLine).join("\n").trim();
}
