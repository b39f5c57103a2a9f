import { describe, expect, test } from "vitest";
import { readZone } from "../../src/db/clinics.ts";
import type { Measure } from "../../src/domain/outcome.ts";
import { outcomeChart } from "../../src/http/console/outcome-chart.ts";
import { at } from "../support/world.ts";

const answered = (total: number, day: string): Measure => ({ at: at(`${day}T17:00:00Z`), total });

function chartOf(baseline: number): string {
  const first = answered(baseline, "2027-01-04");
  const measures = [first, answered(6, "2027-01-18")];
  const zone = readZone("America/Denver");
  return outcomeChart({ id: "c", title: "PHQ-9", measures, baseline: first, doses: [], most: 27, remissionBelow: 5, zone }).markup;
}

const yOf = (markup: string, word: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${word}`).exec(markup)?.[1] ?? expect.unreachable());

describe("a curve of scores", () => {
  test("names the lines of response and remission, however near they are, on the sides turned away from each other", () => {
    const near = chartOf(14);
    expect(near).toContain("response: 7 or less");
    expect(near).toContain("remission: below 5");
    expect(near).toMatch(/dominant-baseline="hanging"[^>]*>remission/);
    expect(yOf(near, "remission") - yOf(near, "response")).toBeGreaterThan(14);
  });

  test("names them also where response lies below remission", () => {
    const low = chartOf(6);
    expect(low).toMatch(/dominant-baseline="hanging"[^>]*>response/);
    expect(low).not.toMatch(/dominant-baseline="hanging"[^>]*>remission/);
  });
});
