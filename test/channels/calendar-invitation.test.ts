import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import type { SessionId } from "../../src/domain/ids.ts";
import { type CalendarInvitation, calendarUid, toCalendar } from "../../src/messages/calendar-invitation.ts";

const invitation: CalendarInvitation = {
  uid: "0192aaaa-0000-7000-8000-000000000001@harbor.test",
  sequence: 0,
  method: "REQUEST",
  startsAt: instant(Date.UTC(2027, 2, 14, 14)),
  endsAt: instant(Date.UTC(2027, 2, 14, 16, 30)),
  title: "Appointment - Harbor Clinic",
  place: "1 Main St, Suite 4; Boston",
  description: "See you there.\nhttps://harbor.test/s/abc",
  organizer: { name: "Harbor Clinic", address: "hello@harbor.test" },
  attendee: { name: "Ben", address: "ben@mail.test" },
  stampAt: instant(Date.UTC(2027, 0, 11, 14, 0, 5)),
};

const write = (changes: Partial<CalendarInvitation> = {}) => toCalendar({ ...invitation, ...changes });
/** The lines a calendar sees: RFC 5545 section 3.1 joins what was folded. */
const unfold = (text: string) => text.replace(/\r\n[ \t]/g, "").split("\r\n");

describe("an invitation", () => {
  test("says all there is to say", () => {
    expect(unfold(write())).toEqual([
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//Afterglow//Afterglow//EN",
      "METHOD:REQUEST",
      "BEGIN:VEVENT",
      "UID:0192aaaa-0000-7000-8000-000000000001@harbor.test",
      "SEQUENCE:0",
      "DTSTAMP:20270111T140005Z",
      "DTSTART:20270314T140000Z",
      "DTEND:20270314T163000Z",
      "SUMMARY:Appointment - Harbor Clinic",
      "TRANSP:OPAQUE",
      "LOCATION:1 Main St\\, Suite 4\\; Boston",
      "DESCRIPTION:See you there.\\nhttps://harbor.test/s/abc",
      'ORGANIZER;CN="Harbor Clinic":mailto:hello@harbor.test',
      'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE;CN="Ben":MAILTO:ben@mail.test',
      "STATUS:CONFIRMED",
      "END:VEVENT",
      "END:VCALENDAR",
    ]);
  });

  test("has a UID of its session alone, whatever address the clinic writes from", () => {
    expect(calendarUid("0192aaaa-0000-7000-8000-000000000001" as SessionId)).toBe("0192aaaa-0000-7000-8000-000000000001@afterglow.invalid");
  });

  test("that is cancelled keeps its UID, raises its sequence and says so twice", () => {
    const lines = unfold(write({ method: "CANCEL", sequence: 3 }));
    expect(lines).toEqual(expect.arrayContaining(["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3", `UID:${invitation.uid}`]));
  });

  test("is the same text for the same session", () => {
    expect(write()).toBe(write());
  });

  test("has no alarm and no zone of its own", () => {
    expect(write()).not.toMatch(/VALARM|VTIMEZONE|TZID|X-/);
  });

  test("without a place leaves it out", () => {
    expect(write({ place: null })).not.toContain("LOCATION");
  });

  test.each(["Clínica Ñandú ".repeat(20), "診療所".repeat(60), "👩‍👩‍👧‍👦".repeat(40), "a".repeat(300)])(
    "is folded within 75 octets and never inside a character: %#",
    (name) => {
      const text = write({ title: `Appointment - ${name}`, attendee: { name, address: "ben@mail.test" }, description: name });
      expect(text).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(Math.max(...text.split("\r\n").map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
      expect(text.isWellFormed()).toBe(true);
      expect(text.split("\r\n").every((line) => line.isWellFormed())).toBe(true);
      expect(unfold(text)).toContain(`SUMMARY:Appointment - ${name}`.trim());
    },
  );
});

describe("no value can add a line", () => {
  const evil = 'x\r\nATTENDEE:mailto:evil@x.test\nEND:VEVENT\r\0\u2028"';

  test.each([
    { title: evil },
    { place: evil },
    { description: evil },
    { organizer: { name: evil, address: "hello@harbor.test" } },
    { attendee: { name: evil, address: "ben@mail.test" } },
    { attendee: { name: "Ben", address: `ben@mail.test${evil}` } },
    { uid: `x${evil}` },
  ])("%o", (changes) => {
    const lines = unfold(write(changes));
    expect(lines.map((line) => line.split(/[:;]/)[0])).toEqual(unfold(write()).map((line) => line.split(/[:;]/)[0]));
    expect(lines.join("")).not.toMatch(/[\p{Cc}\u2028]/u);
  });
});
