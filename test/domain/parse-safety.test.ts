import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { parseClinic } from "../../src/domain/parse-clinic.ts";

const example: unknown = parse(readFileSync("examples/clinic.yaml", "utf8"));
const SAM = { name: "Sam Ortiz", role: "primary", phone: "(303) 555-0111" };

function clinicWith(safety: unknown) {
  return parseClinic({ ...z.looseObject({}).parse(example), safety });
}

function faultsOf(safety: unknown) {
  const parsed = clinicWith(safety);
  return parsed.ok ? [] : parsed.faults.map(({ path, expected }) => `${path}: ${expected}`);
}

describe("the safety section of a clinic's file", () => {
  test("of the example names somebody for every hour, and surveys are on", () => {
    const parsed = parseClinic(example);
    expect(parsed).toMatchObject({ ok: true, value: { surveysEnabled: true, safety: { roster: { length: 4 } } }, warnings: [] });
  });

  test("may name the desk, which covers no hour", () => {
    const desk = { ...SAM, role: "desk", when: "always" };
    expect(faultsOf({ surveys: true, roster: [desk] })).toEqual([
      "safety.roster: at least one person who is not the desk, while surveys are on",
    ]);
    expect(clinicWith({ roster: [desk, { ...SAM, name: "Ruth Gray", when: "always" }], surveys: true })).toMatchObject({
      ok: true,
      warnings: [],
    });
  });

  test("left out means that nobody is named and surveys are off", () => {
    expect(clinicWith(undefined)).toMatchObject({ ok: true, value: { surveysEnabled: false, safety: { roster: [], surveys: false } } });
  });

  test("is refused with the first hour that nobody covers while surveys are on", () => {
    expect(faultsOf({ surveys: true, roster: [{ ...SAM, when: "staffed" }] })).toEqual([
      "safety.surveys: false, or somebody on the roster for every hour (nobody is there on Monday from 00:00), or noAfterHoursCover signed by a clinician",
    ]);
    const nights = {
      mon: ["17:00-08:00"],
      tue: ["17:00-08:00"],
      wed: ["17:00-08:00"],
      thu: ["17:00-08:00"],
      fri: ["16:00-24:00"],
      sat: ["00:00-18:00"],
    };
    expect(
      faultsOf({
        surveys: true,
        roster: [
          { ...SAM, when: "always", until: "2027-03-01" },
          { ...SAM, when: "staffed" },
          { ...SAM, when: nights },
        ],
      })[0],
    ).toContain("Monday from 00:00");
  });

  test("counts a day on which the clinic is closed: whoever is there in staffed hours is not", () => {
    const week = {
      mon: ["17:00-08:00"],
      tue: ["17:00-08:00"],
      wed: ["17:00-08:00"],
      thu: ["17:00-08:00"],
      fri: ["16:00-24:00"],
      sat: ["00:00-24:00"],
      sun: ["00:00-24:00"],
    };
    const monday = { ...week, sun: ["00:00-08:00", "08:00-08:00"] };
    expect(
      faultsOf({
        surveys: true,
        roster: [
          { ...SAM, when: "staffed" },
          { ...SAM, when: { ...week, sun: ["00:00-24:00"], mon: ["00:00-08:00", "17:00-08:00"] } },
        ],
      })[0],
    ).toContain("Monday from 08:00 when the clinic is closed on that day");
    expect(faultsOf({ surveys: true, roster: [{ ...SAM, when: monday }] })[0]).toContain("a span such as");
  });

  test("may leave hours open when a clinician has signed that nobody looks then", () => {
    const noAfterHoursCover = { signedBy: "Dr. Ruth Gray, medical director", on: "2026-12-01" };
    expect(faultsOf({ surveys: true, roster: [{ ...SAM, when: "staffed" }], noAfterHoursCover })).toEqual([]);
    expect(faultsOf({ surveys: true, noAfterHoursCover })).toEqual([
      "safety.roster: at least one person who is not the desk, while surveys are on",
    ]);
  });

  test("says in each place what would be right, all at once", () => {
    const wrong = {
      surveys: "yes",
      acknowledge: { criticalMinutes: 90 },
      roster: [
        { name: "Sam", role: "chief", when: "nights" },
        { name: "Eve", role: "backup", when: "always" },
      ],
    };
    expect(faultsOf(wrong)).toEqual(["safety.surveys: true or false"]);
    expect(faultsOf({ ...wrong, surveys: false })).toEqual([
      "safety.roster[0].role: one of primary, backup, manager, desk",
      "safety.roster[1].phone: a phone or an email, better both: the page goes by mail where the text fails",
      "safety.acknowledge.criticalMinutes: a whole number of minutes from 2 to 60",
    ]);
    expect(faultsOf({ roster: [{ ...SAM, when: "nights" }] })[0]).toMatch(/^safety\.roster\[0\]\.when: always, staffed, after-hours/);
    expect(
      faultsOf({
        roster: [
          { ...SAM, when: "always" },
          { ...SAM, phone: "(303) 555-0112", when: "always" },
        ],
      }),
    ).toEqual(["safety.roster[1]: a name that no other person of the roster has"]);
  });
});
