import ical, { ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus, ICalEventTransparency, type ICalEventData } from "ical-generator";
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
export function toCalendar({ method, attendee, ...entry }: CalendarInvitation): string {
  const { name, address } = attendee;
  return writeEntry(entry, {
    method: ICalCalendarMethod[method],
    status: method === "CANCEL" ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    attendees: [{ name: toName(name), email: toLine(address), status: ICalAttendeeStatus.NEEDSACTION, rsvp: false }],
  });
}

export type CalendarFile = Omit<CalendarInvitation, "method" | "attendee">;

/**
 * The file behind "Add to calendar": the same entry as the mailed invitation, so that a calendar that has one does not get a second; only published (RFC 5546,
 * section 3.2.1: an organizer and no attendee).
 */
export function toCalendarFile(entry: CalendarFile): string {
  return writeEntry(entry, { method: ICalCalendarMethod.PUBLISH, status: ICalEventStatus.CONFIRMED });
}

type Said = Pick<ICalEventData, "attendees"> & { readonly method: ICalCalendarMethod; readonly status: ICalEventStatus };

function writeEntry(
  { uid, sequence, startsAt, endsAt, title, place, description, organizer, stampAt }: CalendarFile,
  { method, ...said }: Said,
): string {
  const calendar = ical({ prodId: "//Afterglow//Afterglow//EN", method });
  calendar.createEvent({
    id: toLine(uid),
    sequence,
    stamp: new Date(stampAt),
    start: new Date(startsAt),
    end: new Date(endsAt),
    summary: toLine(title),
    location: place === null ? null : toLine(place),
    description: toLines(description),
    organizer: { name: toName(organizer.name), email: toLine(organizer.address) },
    transparency: ICalEventTransparency.OPAQUE,
    ...said,
  });
  return calendar.toString();
}

function toLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

const READ_DIFFERENTLY: { readonly [mark: string]: string } = { '"': "'", ";": ",", "\\": "/", "^": " " };

/** A name is a parameter: how these marks are written there came late (RFC 6868), and of the readers in use some cut the name off at them. */
function toName(text: string): string {
  return toLine(text.replace(/[";\\^]/g, (mark) => READ_DIFFERENTLY[mark] ?? mark)).replace(/ {2,}/g, " ");
}

function toLines(text: string): string {
  return text.split(/\r?\n/).map(toLine).join("\n").trim();
}
