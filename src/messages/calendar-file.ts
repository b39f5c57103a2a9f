/** The file behind "Add to calendar": the same entry as the mailed invitation, so that a calendar that has one does not get a second. */
import ical, { ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from "ical-generator";
import type { CalendarInvitation } from "./calendar-invitation.ts";

export type CalendarFile = Omit<CalendarInvitation, "method" | "attendee">;

/** As iCalendar that is only published (RFC 5546, section 3.2.1: an organizer and no attendee): UTC times, no alarm, no answer asked for. The same input gives the same text. */
export function toCalendarFile({ uid, sequence, startsAt, endsAt, title, place, description, organizer, stampAt }: CalendarFile): string {
  const calendar = ical({ prodId: "//Afterglow//Afterglow//EN", method: ICalCalendarMethod.PUBLISH });
  calendar.createEvent({
    id: toLine(uid),
    sequence,
    stamp: new Date(stampAt),
    start: new Date(startsAt),
    end: new Date(endsAt),
    summary: toLine(title),
    location: place === null ? null : toLine(place),
    description: toLine(description),
    organizer: { name: toLine(organizer.name), email: toLine(organizer.address) },
    status: ICalEventStatus.CONFIRMED,
    transparency: ICalEventTransparency.OPAQUE,
  });
  return calendar.toString();
}

function toLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
