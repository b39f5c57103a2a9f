/** The calendar file of a visit's page: neutral words, and the UID of the mailed invitation. */
import { calendarUid } from "../messages/calendar-invitation.ts";
import { toCalendarFile } from "../messages/calendar-invitation.ts";
import type { PageVisit } from "./page-visit.ts";
import type { SessionOnPage } from "./session-on-page.ts";

type Entry = {
  readonly session: SessionOnPage;
  /** What the clinic's mails come from; undefined where it sends none. */
  readonly sender: { readonly name: string; readonly address: string } | undefined;
  readonly link: string;
};

export function writeCalendarFile({ link: { clinic, now } }: PageVisit, { session, sender, link }: Entry): string {
  const { id, sequence, startsAt, endsAt, place } = session;
  const organizer = sender ?? { name: clinic.name, address: "nobody@afterglow.invalid" };
  return toCalendarFile({
    uid: calendarUid(id),
    sequence,
    startsAt,
    endsAt,
    title: `Appointment - ${clinic.name}`,
    place: place.length > 0 ? place.join(", ") : null,
    description: link,
    organizer,
    stampAt: now,
  });
}
