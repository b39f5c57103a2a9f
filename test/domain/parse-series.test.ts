import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDay, formatInstant, formatLocal } from "../../src/domain/calendar.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { CONTEXT, faultsOf, oneSession, pathsOf, series, valueOf } from "./aspen-ridge.ts";

const read = (input: unknown) => parseSeries(input, CONTEXT);

test("a series is read as its file says, with nothing guessed", () => {
  const { patient: ana, ...request } = valueOf(read(series({ externalId: "order-1" })));
  expect(request).toMatchObject({
    externalId: "order-1",
    clinic: "aspen-ridge",
    protocol: { id: "iv-ketamine", version: 1 },
    condition: "depression",
    cadence: null,
  });
  expect(ana).toEqual({
    ref: "10482",
    name: "Ana Ortiz",
    phone: "+13035550111",
    email: "ana@example.org",
    locale: null,
    consents: [],
    birthDate: null,
    zone: null,
    quietHours: null,
    address: null,
    escort: null,
    emergencyContact: null,
  });
});

test("a session without more than its start is a dosing session of ours at the clinic", () => {
  const [session] = valueOf(read(oneSession({ startsAt: "2027-01-11T09:00" }))).sessions ?? [];
  expect(session && { ...session, local: formatLocal(session.local), startsAt: formatInstant(session.startsAt) }).toEqual({
    kind: "dosing",
    setting: "clinic",
    owner: "ours",
    local: "2027-01-11T09:00",
    zone: "America/Denver",
    startsAt: "2027-01-11T16:00:00.000Z",
    resolution: "exact",
    minutes: null,
    place: null,
    with: null,
    joinUrl: null,
    externalId: null,
    status: null,
  });
});

test("sessions stay in the order of the file, so that later faults find them there", () => {
  const input = series({ sessions: [{ startsAt: "2027-01-13T09:00" }, { startsAt: "2027-01-11T09:00" }] });
  expect(valueOf(read(input)).sessions?.map(({ local }) => formatLocal(local))).toEqual(["2027-01-13T09:00", "2027-01-11T09:00"]);
});

test("a cadence is read for the protocol to make its dates", () => {
  const { cadence } = valueOf(
    read(series({ sessions: undefined, cadence: { first: "2027-01-11", weekdays: ["mon", "wed", "fri"], at: "09:00" } })),
  );
  expect(cadence && { ...cadence, first: formatDay(cadence.first) }).toEqual({
    first: "2027-01-11",
    weekdays: ["mon", "wed", "fri"],
    at: 540,
  });
});

describe("the frame of a series is refused where it is wrong", () => {
  test.each<[string, { readonly [key: string]: unknown }, string, string]>([
    ["another clinic", { clinic: "birch-hill" }, "clinic", "aspen-ridge"],
    ["a protocol without a version", { protocol: "iv-ketamine" }, "protocol", "iv-ketamine@1"],
    ["a condition in prose", { condition: "Major depression" }, "condition", "depression"],
    ["neither sessions nor cadence", { sessions: undefined }, "sessions", "either sessions or cadence"],
    ["both sessions and cadence", { cadence: { first: "2027-01-11", weekdays: ["mon"], at: "09:00" } }, "cadence", "not both"],
    ["no session", { sessions: [] }, "sessions", "at least one session"],
    ["sessions that are no list", { sessions: "2027-01-11T09:00" }, "sessions", "a list of sessions"],
    ["ten thousand sessions", { sessions: Array.from({ length: 10_000 }, () => null) }, "sessions", "at most 500"],
    ["a key that was misspelt", { protocl: "x" }, "protocl", "did you mean protocol?"],
    ["a key that belongs to the patient", { escort: { name: "Marta" } }, "escort", "did you mean patient.escort?"],
    ["an external id over two lines", { externalId: "a\nb" }, "externalId", "line break"],
    ["a text without end", { externalId: "a".repeat(10_000) }, "externalId", "at most 2000"],
  ])("%s", (_, changes, path, expected) => {
    expect(faultsOf(read(series(changes)))).toMatchObject([{ path, expected: expect.stringContaining(expected) }]);
  });

  test.each(["__proto__", "constructor", "prototype"])("the key %s is refused wherever it stands", (key) => {
    const hostile = (inner: string) => JSON.parse(JSON.stringify(series()).replace('{"ref"', `{"${key}":${inner},"ref"`));
    expect(pathsOf(read(hostile('{"phone":"x"}')))).toEqual([`patient.${key}`]);
    expect({}).not.toHaveProperty("phone");
  });

  test("great depth is refused", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
    expect(faultsOf(read(series({ patient: deep }))).map(({ expected }) => expected)).toContain("at most 12 levels inside each other");
  });
});

test("all faults come at once, each with its path, what stood there and what would be right", () => {
  const parsed = read({
    clinic: "aspen-ridge",
    patient: {
      ref: "1",
      name: "\u202Eana",
      phone: "911",
      escort: { name: "Marta", email: "x" },
      consent: { sms: { source: "form", at: "2028-01-01" } },
    },
    protocol: "iv",
    condition: "ptsd",
    sessions: [{ startsAt: "2027-03-14T02:30", minutes: 5 }, { startsAt: "2026-01-01T10:00", minutes: 5 }, { startsAt: "noon" }],
  });
  expect(pathsOf(parsed).sort()).toEqual([
    "patient.consent.sms.at",
    "patient.escort.email",
    "patient.name",
    "patient.phone",
    "protocol",
    "sessions[0].minutes",
    "sessions[0].startsAt",
    "sessions[1].minutes",
    "sessions[1].startsAt",
    "sessions[2].startsAt",
  ]);
  expect(faultsOf(parsed).find(({ path }) => path === "patient.name")?.value).toBe("\\u{202e}ana");
});

test("what is shown back is short and cannot disturb a terminal", () => {
  const [fault] = faultsOf(read(series({ condition: `\u001B[31m${"x".repeat(500)}` })));
  expect(fault?.value).toHaveLength(80);
  expect(fault?.value).toMatch(/^\\u\{1b\}\[31mxxx.*…$/);
});

const written = fc.record(
  {
    externalId: fc.jsonValue(),
    clinic: fc.constantFrom("aspen-ridge", "other"),
    patient: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          ref: fc.string(),
          name: fc.string({ unit: "binary" }),
          phone: fc.string(),
          zone: fc.string(),
          consent: fc.jsonValue(),
          escort: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    ),
    protocol: fc.constant("iv-ketamine@1"),
    condition: fc.constant("ptsd"),
    sessions: fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.record(
          { startsAt: fc.oneof(fc.string(), fc.constant("2027-01-11T09:00")), minutes: fc.jsonValue(), zone: fc.jsonValue() },
          { requiredKeys: [] },
        ),
      ),
    ),
    cadence: fc.oneof(fc.jsonValue(), fc.record({ first: fc.constant("2027-01-11"), weekdays: fc.jsonValue(), at: fc.string() })),
  },
  { requiredKeys: [] },
);

test("whatever the input, reading ends with a request or with faults that have a path", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything(), written), (input) => {
      const parsed = read(input);
      expect(parsed.ok || (parsed.faults.length > 0 && parsed.faults.every(({ path, expected }) => path !== "" && expected !== ""))).toBe(
        true,
      );
    }),
    { numRuns: 500 },
  );
});
