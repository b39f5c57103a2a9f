import { describe, expect, test } from "vitest";
import { instant, MINUTE, parseDay, wallClock } from "../../src/domain/calendar.ts";
import { decideNextPage, type PageSoFar, type Situation } from "../../src/domain/escalate-alert.ts";
import { parseZone } from "../../src/domain/place-in-time.ts";
import { findGap, listOnDuty } from "../../src/domain/roster.ts";
import type { RosterEntry } from "../../src/domain/safety-settings.ts";
import { at } from "../support/world.ts";

const zone = parseZone("America/Denver") ?? expect.unreachable();
const day = { from: wallClock(8 * 60), to: wallClock(17 * 60) };
const clinic = {
  zone,
  staffedHours: { mon: [day], tue: [day], wed: [day], thu: [day], fri: [day] },
  closures: new Set([parseDay("2027-01-18") ?? expect.unreachable()]),
};

function person(name: string, changes: Partial<RosterEntry> = {}): RosterEntry {
  return { name, role: "primary", phone: "+13035550110", email: null, when: "always", from: null, until: null, ...changes };
}

const RUTH = person("Ruth", { when: "staffed" });
const SAM = person("Sam", { when: "after-hours" });
const MARIA = person("Maria", { role: "backup" });
const ROBIN = person("Robin", { role: "manager" });
const CLINIC = person("Clinic", { role: "manager" });
const ROSTER = [ROBIN, RUTH, MARIA, SAM];

const MONDAY_10 = at("2027-01-11T17:00:00Z");
const SATURDAY_23 = at("2027-01-10T06:00:00Z");

function situation(changes: Partial<Situation> = {}): Situation {
  const safety = { roster: ROSTER, acknowledge: { criticalMinutes: 10, highMinutes: 60 } };
  return { level: "critical", owner: null, now: MONDAY_10, clinic, safety, lastResort: CLINIC, pages: [], ...changes };
}

function paged(changes: Partial<Situation> = {}): string[] {
  const next = decideNextPage(situation(changes));
  return next.kind === "page" ? next.people.map(({ name }) => name) : [];
}

const page = (step: number, name: string, outcome: PageSoFar["outcome"] = "sent"): PageSoFar => ({ step, person: name, outcome });

describe("who is on duty", () => {
  test("is the clinic's own in staffed hours and the one on call at night, at weekends and on closed days", () => {
    const names = (now: number) => listOnDuty(ROSTER, clinic, instant(now)).map(({ name }) => name);
    expect(names(MONDAY_10)).toEqual(["Ruth", "Maria", "Robin"]);
    expect(names(SATURDAY_23)).toEqual(["Sam", "Maria", "Robin"]);
    expect(names(at("2027-01-18T17:00:00Z"))).toEqual(["Sam", "Maria", "Robin"]);
    expect(names(at("2027-01-12T00:00:00Z") - 1)).toEqual(["Ruth", "Maria", "Robin"]);
    expect(names(at("2027-01-12T00:00:00Z"))).toEqual(["Sam", "Maria", "Robin"]);
  });

  test("follows spans that cross midnight and end at the minute they say, and days on call with both ends", () => {
    const night = person("Nora", { when: { sat: [{ from: wallClock(22 * 60), to: wallClock(6 * 60) }] } });
    const onDuty = (text: string) => listOnDuty([night], clinic, at(text)).length === 1;
    expect([
      onDuty("2027-01-10T04:59:00Z"),
      onDuty("2027-01-10T05:00:00Z"),
      onDuty("2027-01-10T12:59:00Z"),
      onDuty("2027-01-10T13:00:00Z"),
    ]).toEqual([false, true, true, false]);
    const week = person("Wim", { from: parseDay("2027-01-09") ?? null, until: parseDay("2027-01-09") ?? null });
    expect(listOnDuty([week], clinic, SATURDAY_23)).toHaveLength(1);
    expect(listOnDuty([week], clinic, at("2027-01-10T07:00:00Z"))).toHaveLength(0);
  });

  test("has a gap where the only one on call is away", () => {
    const roster = [RUTH, { ...SAM, until: parseDay("2027-01-16") ?? null }];
    expect(findGap({ roster }, clinic, { from: MONDAY_10, days: 5 })).toBeUndefined();
    expect(findGap({ roster }, clinic, { from: MONDAY_10, days: 14 })).toBe(at("2027-01-17T07:00:00Z"));
  });
});

describe("the next page", () => {
  test("goes to primary, backup and manager, then round again, with everybody else behind them should all fail", () => {
    expect(paged()).toEqual(["Ruth", "Maria", "Robin", "Sam", "Clinic"]);
    expect(paged({ pages: [page(1, "Ruth")] })[0]).toBe("Maria");
    expect(paged({ pages: [page(1, "Ruth"), page(2, "Maria")] })[0]).toBe("Robin");
    expect(paged({ pages: [page(3, "Robin")] })[0]).toBe("Ruth");
  });

  test("goes to the same person when nobody knows whether the last one was handed over, and on when it was", () => {
    expect(paged({ pages: [page(1, "Ruth", "sending")] })[0]).toBe("Ruth");
    expect(paged({ pages: [page(1, "Ruth", "refused"), page(1, "Ruth", "unknown")] })[0]).toBe("Maria");
  });

  test("follows the change of shift", () => {
    expect(paged({ now: SATURDAY_23, pages: [page(1, "Ruth")] })[0]).toBe("Sam");
  });

  test("is ten elapsed minutes away for what is critical, at any hour", () => {
    expect(decideNextPage(situation({ now: SATURDAY_23 }))).toMatchObject({ kind: "page", again: SATURDAY_23 + 10 * MINUTE });
  });

  test("waits for staffed hours when it is not critical, and is a staffed hour away then", () => {
    expect(decideNextPage(situation({ level: "high", now: SATURDAY_23 }))).toEqual({ kind: "wait", until: at("2027-01-11T15:00:00.001Z") });
    const lateFriday = at("2027-01-08T23:30:00Z");
    expect(decideNextPage(situation({ level: "high", now: lateFriday }))).toMatchObject({
      kind: "page",
      again: at("2027-01-11T15:30:00Z"),
    });
  });

  test("asks everybody in turn when nobody is named for the hour, and the clinic's own phone when nobody is named at all", () => {
    const nobody = { roster: [RUTH], acknowledge: { criticalMinutes: 10, highMinutes: 60 } };
    expect(decideNextPage(situation({ now: SATURDAY_23, safety: nobody }))).toMatchObject({ isOnDuty: false });
    expect(paged({ now: SATURDAY_23, safety: nobody })).toEqual(["Ruth", "Clinic"]);
    expect(paged({ safety: { ...nobody, roster: [] } })).toEqual(["Clinic"]);
  });

  test("asks whoever has the alert first when it is asked again", () => {
    expect(paged({ owner: "staff:Sam" })[0]).toBe("Sam");
  });
});
