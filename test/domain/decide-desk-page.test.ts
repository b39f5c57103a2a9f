import { expect, test } from "vitest";
import { parseDay, wallClock } from "../../src/domain/calendar.ts";
import { decideDeskPage } from "../../src/domain/decide-desk-page.ts";
import { parseZone } from "../../src/domain/place-in-time.ts";
import { findGap, findUncovered, inPagingOrder, listOnDuty } from "../../src/domain/roster.ts";
import type { RosterEntry } from "../../src/domain/safety-settings.ts";
import { at } from "../support/world.ts";

const day = { from: wallClock(8 * 60), to: wallClock(17 * 60) };
const clinic = {
  zone: parseZone("America/Denver") ?? expect.unreachable(),
  staffedHours: { mon: [day], tue: [day], wed: [day], thu: [day], fri: [day] },
  closures: new Set([parseDay("2027-01-18") ?? expect.unreachable()]),
};

function person(name: string, changes: Partial<RosterEntry> = {}): RosterEntry {
  return { name, role: "primary", phone: "+13035550110", email: null, when: "always", from: null, until: null, ...changes };
}

const RUTH = person("Ruth", { when: "staffed" });
const SAM = person("Sam", { when: "after-hours" });
const LEA = person("Lea", { role: "desk", when: "staffed" });
const EARL = person("Earl", { role: "desk" });

function decide(now: string, startsAt: string, roster: readonly RosterEntry[]) {
  const next = decideDeskPage({ roster, clinic, now: at(now), startsAt: at(startsAt) });
  return next.kind === "page" ? next.people.map(({ name }) => name) : new Date(next.until).toISOString().slice(0, 16);
}

test("in staffed hours the desk on duty is paged at once, then whoever is primary", () => {
  expect(decide("2027-01-11T17:00:00Z", "2027-01-12T16:00:00Z", [RUTH, SAM, LEA])).toEqual(["Lea", "Ruth"]);
});

test("in staffed hours of a clinic without a desk on its roster the primary on duty is paged", () => {
  expect(decide("2027-01-11T17:00:00Z", "2027-01-12T16:00:00Z", [RUTH, SAM])).toEqual(["Ruth"]);
});

test("in the evening before nobody is paged until seven in the morning of the visit's day", () => {
  expect(decide("2027-01-12T02:00:00Z", "2027-01-12T22:00:00Z", [RUTH, SAM, EARL])).toBe("2027-01-12T14:00");
  expect(decide("2027-01-12T13:59:00Z", "2027-01-12T22:00:00Z", [RUTH, SAM, EARL])).toBe("2027-01-12T14:00");
  expect(decide("2027-01-12T14:00:00Z", "2027-01-12T22:00:00Z", [RUTH, SAM, EARL])).toEqual(["Earl", "Sam"]);
});

test("at seven nobody who is on call for danger is paged while the clinic opens before the visit", () => {
  expect(decide("2027-01-12T14:00:00Z", "2027-01-12T22:00:00Z", [RUTH, SAM, LEA])).toBe("2027-01-12T15:00");
});

test("a visit before the clinic opens is told at seven to whoever is there", () => {
  expect(decide("2027-01-12T14:00:00Z", "2027-01-12T14:45:00Z", [RUTH, SAM, LEA])).toEqual(["Sam", "Lea"]);
});

test("a visit before seven is told at once, at whatever hour", () => {
  expect(decide("2027-01-12T09:00:00Z", "2027-01-12T13:30:00Z", [RUTH, SAM])).toEqual(["Sam"]);
});

test("on a closed day the morning of the visit is waited for, not the next working day", () => {
  expect(decide("2027-01-18T02:00:00Z", "2027-01-18T18:00:00Z", [RUTH, SAM, EARL])).toBe("2027-01-18T14:00");
});

test("the desk is never paged about an alert, and is no cover for one", () => {
  expect(inPagingOrder([LEA, RUTH, EARL])).toEqual([RUTH]);
  expect(listOnDuty([EARL], clinic, at("2027-01-11T17:00:00Z"))).toEqual([]);
  expect(findGap({ roster: [EARL] }, clinic, { from: at("2027-01-11T17:00:00Z"), days: 1 })).toBeDefined();
  expect(findUncovered([EARL], clinic.staffedHours)).toBeDefined();
});
