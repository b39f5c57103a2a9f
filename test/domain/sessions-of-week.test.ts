import { expect, test } from "vitest";
import { sessionsOfWeek } from "../../src/domain/sessions-of-week.ts";
import { DENVER, local, shipped } from "../support/planner-facts.ts";

const iv = shipped("iv-ketamine");
const ruleOf = (id: string) => iv.rules.find((rule) => rule.id === id) ?? expect.unreachable();
const first = { zone: DENVER, startsAt: local("2027-01-11T20:00") };
const visit = (starts: string, kind = "dosing", setting = "clinic") => ({ kind, setting, startsAt: local(starts) });

test("a week has seven days from the day of its first visit, on the clinic's wall", () => {
  const [last, next] = [visit("2027-01-17T23:30"), visit("2027-01-18T00:30")];
  expect(sessionsOfWeek([last, next], ruleOf("week-plan"), first)).toEqual([last]);
});

test("the plan has visits of every kind and place, and the question who drives those to which somebody is driven", () => {
  const visits = [
    visit("2027-01-11T20:00"),
    visit("2027-01-12T10:00", "integration", "telehealth"),
    visit("2027-01-13T10:00", "dosing", "home"),
    visit("2027-01-14T10:00", "booster"),
  ];
  expect(sessionsOfWeek(visits, ruleOf("week-plan"), first)).toEqual(visits);
  expect(sessionsOfWeek(visits, ruleOf("driver-question-week"), first)).toEqual([visits[0], visits[3]]);
});
