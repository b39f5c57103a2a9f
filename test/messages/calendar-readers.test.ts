import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { type CalendarInvitation, toCalendar, toCalendarFile } from "../../src/messages/calendar-invitation.ts";
import { READERS } from "../support/calendar-readers.ts";

const invitation: CalendarInvitation = {
  uid: "0192aaaa-0000-7000-8000-000000000001@afterglow.invalid",
  sequence: 0,
  method: "REQUEST",
  startsAt: instant(Date.UTC(2027, 2, 14, 14)),
  endsAt: instant(Date.UTC(2027, 2, 14, 16, 30)),
  title: "Appointment - Harbor Clinic",
  place: "1 Main St, Suite 4; Boston",
  description: "https://harbor.test/v/abc?x=1&y=2",
  organizer: { name: "Harbor Clinic", address: "hello@harbor.test" },
  attendee: { name: "Ben", address: "ben@mail.test" },
  stampAt: instant(Date.UTC(2027, 0, 11, 14, 0, 5)),
};

const published = () => {
  const { method: _method, attendee: _attendee, ...entry } = invitation;
  return entry;
};

describe.each(READERS)("a calendar that reads with %s", (_name, read) => {
  test("takes an invitation as it was meant", () => {
    expect(read(toCalendar(invitation))).toEqual({
      method: "REQUEST",
      uid: invitation.uid,
      sequence: 0,
      status: "CONFIRMED",
      start: "2027-03-14T14:00:00.000Z",
      end: "2027-03-14T16:30:00.000Z",
      summary: invitation.title,
      location: invitation.place,
      description: invitation.description,
      organizer: "Harbor Clinic",
      attendee: "Ben",
    });
  });

  test("takes an update as the same entry, with a higher sequence and the new hour", () => {
    const [first, second] = [
      invitation,
      { ...invitation, sequence: 1, startsAt: instant(Date.UTC(2027, 2, 15, 13)), endsAt: instant(Date.UTC(2027, 2, 15, 15)) },
    ].map((each) => read(toCalendar(each)));
    expect(second?.uid).toBe(first?.uid);
    expect([first?.sequence, second?.sequence]).toEqual([0, 1]);
    expect([second?.start, second?.end]).toEqual(["2027-03-15T13:00:00.000Z", "2027-03-15T15:00:00.000Z"]);
  });

  test("takes a cancellation as one", () => {
    expect(read(toCalendar({ ...invitation, method: "CANCEL", sequence: 2 }))).toMatchObject({
      method: "CANCEL",
      status: "CANCELLED",
      uid: invitation.uid,
      sequence: 2,
    });
  });

  test("takes the file of the page as the same entry, to which nobody is invited", () => {
    expect(read(toCalendarFile(published()))).toEqual({ ...read(toCalendar(invitation)), method: "PUBLISH", attendee: null });
  });

  test.each([
    ["before the clock goes forward", Date.UTC(2027, 2, 14, 8, 59)],
    ["after the clock goes forward", Date.UTC(2027, 2, 14, 9)],
    ["in the hour that comes twice", Date.UTC(2027, 10, 7, 7, 30)],
    ["at the turn of the year", Date.UTC(2027, 11, 31, 23, 59)],
  ])("puts a start %s at that very instant", (_when, startsAt) => {
    const entry = { ...invitation, startsAt: instant(startsAt), endsAt: instant(startsAt + 3_600_000) };
    expect(read(toCalendar(entry)).start).toBe(new Date(startsAt).toISOString());
  });

  test.each(["Clínica Ñandú ".repeat(20).trim(), "診療所".repeat(60), "👩‍👩‍👧‍👦".repeat(40), 'Sí; "ya", 100% \\ n: ^', "a".repeat(300)])(
    "joins what was folded and reads every letter of a title, a place and a description: %#",
    (words) => {
      const entry = read(toCalendar({ ...invitation, title: words, place: words, description: `${words}\n${words}` }));
      expect(entry).toMatchObject({ summary: words, location: words, description: `${words}\n${words}` });
    },
  );

  test.each([
    ["Clínica Ñandú", "Clínica Ñandú"],
    ["診療所".repeat(30), "診療所".repeat(30)],
    ["O'Brien, José", "O'Brien, José"],
    ["Harbor: Downtown", "Harbor: Downtown"],
    ['José "Pepe"; the clinic \\ n ^', "José 'Pepe', the clinic / n"],
  ])("reads a name as %s is shown, whole", (name, shown) => {
    const entry = read(
      toCalendar({
        ...invitation,
        organizer: { name, address: "hello@harbor.test" },
        attendee: { name, address: "ben@mail.test" },
      }),
    );
    expect([entry.organizer, entry.attendee]).toEqual([shown, shown]);
  });

  test.each([
    ["a start that is none", (text: string) => text.replace(/DTSTART:\w+/, "DTSTART:tomorrow")],
    ["an event that does not end", (text: string) => text.replace("END:VEVENT\r\n", "")],
    ["no event", (text: string) => text.replace(/BEGIN:VEVENT[\s\S]*END:VEVENT\r\n/, "")],
  ])("does not take %s, so that these tests can fail", (_what, spoil) => {
    const before = read(toCalendar(invitation));
    let after: unknown;
    try {
      after = read(spoil(toCalendar(invitation)));
    } catch {
      after = "refused";
    }
    expect(after).not.toEqual(before);
  });
});
