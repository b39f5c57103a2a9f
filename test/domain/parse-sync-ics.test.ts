import { describe, expect, test } from "vitest";
import { formatLocal } from "../../src/domain/calendar.ts";
import { parseSyncIcs } from "../../src/domain/parse-sync-ics.ts";
import { faultsOf, valueOf } from "./aspen-ridge.ts";

const calendar = (...events: string[][]) =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Some EHR//EN",
    ...events.flatMap((lines) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"]),
    "END:VCALENDAR",
    "",
  ].join("\r\n");
const START = "DTSTART;TZID=America/Denver:20270113T090000";
const readOne = (...lines: string[]) => parseSyncIcs(calendar(lines))[0] ?? expect.unreachable();
const rowOf = (...lines: string[]) => valueOf(readOne(...lines).result);

describe("an export as iCalendar", () => {
  test("is read event by event, each with the line it begins on", () => {
    const entries = parseSyncIcs(calendar(["UID:visit-1", START], ["UID:visit-2", START]));
    expect(entries.map(({ line, externalId }) => [line, externalId])).toEqual([
      [4, "visit-1"],
      [8, "visit-2"],
    ]);
  });

  test.each([
    [START, "2027-01-13T09:00", "America/Denver"],
    ['DTSTART;TZID="America/Denver":20270113T090000', "2027-01-13T09:00", "America/Denver"],
    ["DTSTART:20270113T160000Z", "2027-01-13T16:00", "UTC"],
    ["DTSTART:20270113T090000", "2027-01-13T09:00", null],
  ])("reads %s", (start, wall, zone) => {
    const { start: read } = rowOf("UID:visit-1", start);
    expect(read && formatLocal(read.local)).toBe(wall);
    expect(read?.zone).toBe(zone);
  });

  test("reads what is cancelled, and what names a series and a kind", () => {
    expect(rowOf("UID:visit-1", START, "STATUS:CANCELLED")).toMatchObject({ status: "cancelled" });
    expect(rowOf("UID:visit-1", START, "STATUS:CONFIRMED")).toMatchObject({ status: "scheduled" });
    const more = [
      "X-AFTERGLOW-SERIES:order-1",
      "X-AFTERGLOW-KIND:BOOSTER",
      "X-AFTERGLOW-MINUTES:60",
      "X-AFTERGLOW-SETTING:clinic",
      "LOCATION:Room 2\\, upstairs",
    ];
    expect(rowOf("UID:visit-1", START, ...more)).toMatchObject({
      series: "order-1",
      kind: "booster",
      minutes: 60,
      setting: "clinic",
      place: "Room 2, upstairs",
    });
  });

  test("prefers an id of its own, and takes no length from the end", () => {
    expect(rowOf("UID:other@ehr", "X-AFTERGLOW-ID:visit-1", START, "DTEND;TZID=America/Denver:20270113T120000")).toMatchObject({
      externalId: "visit-1",
      minutes: null,
    });
  });

  test("joins folded lines, and does not take an alarm's property for the event's", () => {
    expect(rowOf("UID:visit-", " 1", START, "BEGIN:VALARM", "STATUS:CANCELLED", "UID:alarm", "END:VALARM")).toMatchObject({
      externalId: "visit-1",
      status: "scheduled",
    });
  });

  test.each([
    ["DTSTART;VALUE=DATE:20270113", "startsAt"],
    ["DTSTART;TZID=Mountain Standard Time:20270113T090000", "zone"],
    ["DTSTART;TZID=America/Denver:20270113T090030", "startsAt"],
    ["DTSTART;TZID=America/Denver:20270230T090000", "startsAt"],
  ])("refuses %s, and keeps the id", (start, path) => {
    const entry = readOne("UID:visit-1", start);
    expect(entry.externalId).toBe("visit-1");
    expect(faultsOf(entry.result)).toMatchObject([{ path }]);
  });

  test("refuses an event without an id, without a start, or that repeats, and reads the others", () => {
    const entries = parseSyncIcs(calendar([START], ["UID:visit-2"], ["UID:visit-3", START, "RRULE:FREQ=WEEKLY"], ["UID:visit-4", START]));
    expect(entries.map(({ result }) => faultsOf(result).map(({ path }) => path))).toEqual([["externalId"], ["startsAt"], ["RRULE"], []]);
  });

  test("refuses an event that does not end, and one that stands there twice", () => {
    const [open] = parseSyncIcs("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:visit-1\nDTSTART:20270113T090000\n");
    expect(faultsOf(open?.result ?? expect.unreachable())).toMatchObject([{ path: "(whole input)" }]);
    const twice = parseSyncIcs(calendar(["UID:visit-1", START], ["UID:visit-1", START]));
    expect(twice.map(({ result }) => result.ok)).toEqual([false, false]);
  });

  test("that is no calendar is refused as a whole", () => {
    expect(parseSyncIcs("externalId,startsAt\n").map(({ result }) => result.ok)).toEqual([false]);
  });
});
