import { expect, test } from "vitest";
import type { PastStatus } from "../../src/domain/enqueue-request.ts";
import { quietUntil } from "../../src/domain/quiet-until.ts";
import { local, wall } from "../support/planner-facts.ts";

const NOW = local("2027-01-04T08:00");

function until(...starts: [start: string, status?: PastStatus][]): string {
  const sessions = starts.map(([start, status]) => ({ startsAt: local(start), status: status ?? null }));
  return wall(quietUntil({ sessions }, { now: NOW, undoMinutes: 10 }));
}

test.each([
  ["2027-01-05T07:59", "Mon 2027-01-04 08:00"],
  ["2027-01-05T08:01", "Mon 2027-01-04 08:10"],
])("with the next session at %s, a mistake can be undone until %s: a day before, every minute counts", (start, expected) => {
  expect(until([start])).toBe(expected);
});

test("the next session counts, not one that has begun, nor one of the past, nor a later one", () => {
  expect(until(["2027-01-04T07:00"], ["2027-01-11T09:00"])).toBe("Mon 2027-01-04 08:10");
  expect(until(["2027-01-01T09:00", "completed"], ["2027-01-04T18:00"], ["2027-01-11T09:00"])).toBe("Mon 2027-01-04 08:00");
  expect(until(["2027-01-01T09:00", "completed"])).toBe("Mon 2027-01-04 08:10");
});
