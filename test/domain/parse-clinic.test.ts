import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDay, formatWallClock } from "../../src/domain/calendar.ts";
import { parseClinic } from "../../src/domain/parse-clinic.ts";
import { faultsOf, pathsOf, valueOf } from "./aspen-ridge.ts";

type Keys = { readonly [key: string]: unknown };

function clinic(changes: Keys = {}): Keys {
  return {
    slug: "aspen-ridge",
    name: "Aspen Ridge Clinic",
    phone: "(303) 555-0100",
    zone: "America/Denver",
    hours: { mon: ["13:00-17:00", "08:00-12:00"] },
    senders: { email: { address: "care@example.org" }, sms: { number: "(303) 555-0101" } },
    ...changes,
  };
}

test("what is left out has a default", () => {
  const settings = valueOf(parseClinic(clinic()));
  expect(settings).toMatchObject({
    group: "aspen-ridge",
    country: "US",
    locale: "en",
    address: null,
    undoMinutes: 10,
    textsPerWeek: 6,
    closures: [],
  });
  expect([settings.quietHours.from, settings.quietHours.to].map(formatWallClock)).toEqual(["20:00", "09:00"]);
  expect(settings.email).toEqual({ address: "care@example.org", name: "Aspen Ridge Clinic", perSecond: 10 });
  expect(settings.sms).toEqual({ address: "+13035550101", name: "Aspen Ridge Clinic", perSecond: 3.75 });
});

test("staffed spans come back in order of the day", () => {
  const { staffedHours } = valueOf(parseClinic(clinic()));
  expect(staffedHours.mon?.map(({ from, to }) => `${formatWallClock(from)}-${formatWallClock(to)}`)).toEqual([
    "08:00-12:00",
    "13:00-17:00",
  ]);
  expect(staffedHours.tue).toBeUndefined();
});

test("closures are days and ranges with both ends closed, each day once, in order", () => {
  const { closures } = valueOf(parseClinic(clinic({ closures: ["2027-01-18", "2026-12-30..2027-01-01", "2026-12-31"] })));
  expect(closures.map(formatDay)).toEqual(["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-18"]);
});

describe("settings that are wrong are refused where they stand", () => {
  test.each<[string, Keys, string, string]>([
    ["a slug with capitals", { slug: "Aspen Ridge" }, "slug", "lower-case words"],
    ["a number of another country", { phone: "+44 7911 123456" }, "phone", "+44"],
    [
      "a short code as sender",
      { senders: { email: { address: "a@example.org" }, sms: { number: "72727" } } },
      "senders.sms.number",
      "short number",
    ],
    ["a country that is none", { country: "usa" }, "country", "two capital letters"],
    ["a zone by its abbreviation", { zone: "MST" }, "zone", "did you mean America/Denver?"],
    ["a language without texts", { locale: "fr" }, "locale", "en, es"],
    ["no hours", { hours: {} }, "hours", "at least one weekday"],
    ["a weekday without spans as the only one", { hours: { mon: [] } }, "hours", "at least one weekday"],
    ["a weekday that is spelled out", { hours: { mon: ["08:00-17:00"], tues: ["08:00-17:00"] } }, "hours.tues", "did you mean tue?"],
    ["a span that ends before it starts", { hours: { mon: ["17:00-08:00"] } }, "hours.mon[0]", "after it starts"],
    ["spans that overlap", { hours: { mon: ["08:00-12:00", "11:00-17:00"] } }, "hours.mon", "do not overlap"],
    ["a span that is no text", { hours: { mon: [8] } }, "hours.mon[0]", "08:00-17:00"],
    ["a day that does not exist", { closures: ["2027-02-29"] }, "closures[0]", "a day that exists"],
    ["a range backwards", { closures: ["2027-01-02..2027-01-01"] }, "closures[0]", "ends after it starts"],
    ["a range of a lifetime", { closures: ["2027-01-02..2097-01-01"] }, "closures[0]", "at most 366 days"],
    ["quiet hours without length", { quietHours: { from: "20:00", to: "20:00" } }, "quietHours.to", "differs"],
    ["an undo time of days", { undoMinutes: 1440 }, "undoMinutes", "0 to 120"],
    ["a week without texts", { textsPerWeek: 0 }, "textsPerWeek", "1 to 50"],
    [
      "a rate of nothing",
      { senders: { email: { address: "a@example.org", perSecond: 0 }, sms: { number: "(303) 555-0101" } } },
      "senders.email.perSecond",
      "above 0",
    ],
    ["no senders", { senders: undefined }, "senders", "the senders"],
    ["a name with a line break", { name: "Aspen\nRidge" }, "name", "control characters"],
  ])("%s", (_, changes, path, expected) => {
    expect(faultsOf(parseClinic(clinic(changes)))).toMatchObject([{ path, expected: expect.stringContaining(expected) }]);
  });
});

test.each([
  ["Denver Ketamine Center"],
  ["KÉTAMINE Wellness"],
  ["K e t a m i n e"],
  ["Front Range Psychiatry"],
  ["Mental Health Partners"],
  ["Clínica Psiquiátrica"],
])("%s would tell on a lock screen what is treated, and is refused with a hint", (name) => {
  expect(faultsOf(parseClinic(clinic({ name })))).toMatchObject([{ path: "name", expected: expect.stringContaining("a neutral name") }]);
});

test("the name of a sender is held to the same rule", () => {
  const senders = { email: { address: "care@example.org", name: "Ketamine Clinic" }, sms: { number: "(303) 555-0101" } };
  expect(pathsOf(parseClinic(clinic({ senders })))).toEqual(["senders.email.name"]);
});

test("all faults come at once", () => {
  const input = clinic({ slug: 1, phone: "911", hours: null, closures: [1], senders: { email: { address: "x" }, sms: {} } });
  expect(pathsOf(parseClinic(input))).toEqual(["slug", "phone", "hours", "closures[0]", "senders.email.address", "senders.sms.number"]);
});

test("whatever the input, reading ends with a value or with faults that have a path", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ senders: fc.jsonValue(), hours: fc.jsonValue(), closures: fc.jsonValue() }).map(clinic)),
      (input) => {
        const parsed = parseClinic(input);
        expect(parsed.ok || (parsed.faults.length > 0 && parsed.faults.every(({ path, expected }) => path !== "" && expected !== ""))).toBe(
          true,
        );
      },
    ),
  );
});
