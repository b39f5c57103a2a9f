import { describe, expect, test } from "vitest";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { CONTEXT, faultsOf, pathsOf, patient, series, valueOf } from "./aspen-ridge.ts";

const read = (input: unknown) => parseSeries(input, CONTEXT);

describe("patients who can be reached in one way only, or in none, are normal", () => {
  test.each([
    ["a phone only", { email: undefined }, { phone: "+13035550111", email: null }],
    ["an email only", { phone: undefined }, { phone: null, email: "ana@example.org" }],
    ["an empty key", { phone: null }, { phone: null }],
    ["no consent", { consent: [] }, { consents: [] }],
    ["a name in another script", { name: "李 娜" }, { name: "李 娜" }],
  ])("%s", (_, changes, expected) => {
    expect(valueOf(read(series({ patient: patient(changes) }))).patient).toMatchObject(expected);
  });
});

test("a patient with neither phone nor email is accepted with a warning", () => {
  const parsed = read(series({ patient: patient({ phone: undefined, email: undefined }) }));
  expect(parsed).toMatchObject({ ok: true, warnings: [expect.stringContaining("neither phone nor email")] });
});

describe("a patient is refused where it is wrong", () => {
  test.each<[string, { readonly [key: string]: unknown }, string, string]>([
    ["a phone of another country", { phone: "+44 7911 123456" }, "patient.phone", "+44"],
    ["a phone that YAML turned into a number", { phone: 3035550111 }, "patient.phone", "in quotes"],
    ["an empty phone", { phone: "" }, "patient.phone", "a US phone number"],
    ["a chart number that YAML turned into a number", { ref: 10482 }, "patient.ref", "in quotes"],
    ["a chart number of spaces", { ref: "  " }, "patient.ref", "some text"],
    ["a chart number with a zero-width space", { ref: "104\u200B82" }, "patient.ref", "zero-width space"],
    ["two addresses", { email: "ana@example.org, ben@example.org" }, "patient.email", "one address"],
    ["a name over two lines", { name: "Ana\r\nOrtiz" }, "patient.name", "line break"],
    ["a NUL in the address", { address: "12 Aspen\u0000 Road" }, "patient.address", "NUL"],
    ["a language without texts", { locale: "fr" }, "patient.locale", "en, es"],
    ["a birth date to come", { birthDate: "2027-01-05" }, "patient.birthDate", "a day that has been"],
    ["a birth date of another century", { birthDate: "1899-12-31" }, "patient.birthDate", "1900-01-01"],
    ["a birth date the American way", { birthDate: "05/17/1984" }, "patient.birthDate", "written as"],
    ["a birth date that YAML turned into a date", { birthDate: new Date(0) }, "patient.birthDate", "in quotes"],
    ["quiet hours of nothing", { quietHours: { from: "21:00", to: "21:00" } }, "patient.quietHours.to", "differs"],
    ["quiet hours without an end", { quietHours: { from: "21:00" } }, "patient.quietHours.to", "09:00"],
    ["a key that was misspelt", { emial: "ana@example.org" }, "patient.emial", "did you mean email?"],
    ["a key by another name", { mobile: "(303) 555-0111" }, "patient.mobile", "did you mean phone?"],
    ["an escort without a name", { escort: { phone: "(303) 555-0112" } }, "patient.escort.name", "a text"],
    ["an escort's phone", { escort: { name: "Marta", phone: "911" } }, "patient.escort.phone", "emergency"],
    ["an emergency contact without a phone", { emergencyContact: { name: "Marta" } }, "patient.emergencyContact.phone", "a text"],
  ])("%s", (_, changes, path, expected) => {
    expect(faultsOf(read(series({ patient: patient(changes) })))).toMatchObject([{ path, expected: expect.stringContaining(expected) }]);
  });

  test.each([
    "local",
    "system",
    "UTC+3",
    "PST",
    "EST",
    "MST",
    "Etc/GMT+5",
    "+05:30",
    "GMT-5",
    "america/denver",
    "America/New York",
    "null",
    "",
  ])("the zone %j is none", (zone) => {
    expect(pathsOf(read(series({ patient: patient({ zone }) })))).toEqual(["patient.zone"]);
  });

  test("a zone in the wrong case is refused with the right one", () => {
    expect(faultsOf(read(series({ patient: patient({ zone: "america/denver" }) })))[0]?.expected).toContain("did you mean America/Denver?");
  });
});

test("a zone in daily use under an older name is one", () => {
  expect(valueOf(read(series({ patient: patient({ zone: "US/Eastern" }) }))).patient.zone).toBe("US/Eastern");
});

test("a patient who lives more than three hours from the clinic's wall is accepted with a warning", () => {
  const parsed = (zone: string) => read(series({ patient: patient({ zone }) }));
  expect(parsed("Pacific/Honolulu")).toMatchObject({ warnings: [] });
  expect(parsed("America/Halifax")).toMatchObject({ warnings: [] });
  expect(parsed("America/St_Johns")).toMatchObject({
    ok: true,
    warnings: ["patient.zone: America/St_Johns is 3.5 hours from the clinic's America/Denver"],
  });
});
