import { expect, test } from "vitest";
import { addDays, type CalendarDay, DAY, parseDay, wallClock } from "../../src/domain/calendar.ts";
import type { StaffedHours } from "../../src/domain/clinic.ts";
import { sayHours } from "../../src/messages/say-hours.ts";
import { sayDay, sayShortDay, sayTime, sayWhen } from "../../src/messages/say-time.ts";

const day = (text: string): CalendarDay => parseDay(text) ?? expect.fail(text);
const span = (from: number, to: number) => ({ from: wallClock(from * 60), to: wallClock(to * 60) });

test("English days and times read as Intl writes them, every day of a leap year", () => {
  const long = new Intl.DateTimeFormat("en-US", { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" });
  const short = new Intl.DateTimeFormat("en-US", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  for (let one = day("2028-01-01"); one < day("2029-01-01"); one = addDays(one, 1)) {
    expect(sayDay("en", one)).toBe(long.format(one * DAY));
    expect(sayShortDay("en", one)).toBe(short.format(one * DAY));
  }
  const clock = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
  for (let minute = 0; minute < 1440; minute++)
    expect(sayTime("en", wallClock(minute))).toBe(clock.format(minute * 60_000).replace(/\s/g, " "));
});

test("Spanish names are Intl's, in the order people say them", () => {
  expect(sayDay("es", day("2027-02-27"))).toBe("sábado 27 de febrero");
  expect(sayShortDay("es", day("2027-02-27"))).toBe("sáb 27 feb");
});

test("noon, midnight and one o'clock", () => {
  expect([0, 60, 720, 780].map((minute) => sayTime("en", wallClock(minute)))).toEqual(["12:00 AM", "1:00 AM", "12:00 PM", "1:00 PM"]);
  expect([0, 60, 720, 780].map((minute) => sayTime("es", wallClock(minute)))).toEqual([
    "las 12:00 a. m.",
    "la 1:00 a. m.",
    "las 12:00 p. m.",
    "la 1:00 p. m.",
  ]);
});

test("no space in a time is anything but a space", () => {
  expect(sayTime("en", wallClock(540)) + sayTime("es", wallClock(540))).not.toMatch(/[^\u0020-\u007e]/);
});

test("the word for a day turns into its date a week away", () => {
  const today = day("2027-01-04");
  expect([6, 7, 1, 0, -1].map((away) => sayWhen("es", addDays(today, away), today))).toEqual([
    "el domingo",
    "el lunes 11 de enero",
    "mañana",
    "hoy",
    "ayer",
  ]);
});

test("neighbouring days with the same hours are joined, others stand for themselves", () => {
  const office = [span(8, 17)];
  const hours: StaffedHours = { mon: office, tue: office, wed: office, fri: [span(8, 12), span(13, 17)] };
  expect(sayHours("en", hours)).toBe("Monday to Wednesday, 8:00 AM to 5:00 PM; Friday, 8:00 AM to 12:00 PM and 1:00 PM to 5:00 PM");
  expect(sayHours("es", { sat: [span(9, 13)] })).toBe("sábado, de las 9:00 a. m. a la 1:00 p. m.");
  expect(sayHours("en", {})).toBe("");
});
