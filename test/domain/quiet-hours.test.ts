import { describe, expect, test } from "vitest";
import { type Instant, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { WallClockSpan } from "../../src/domain/clinic.ts";
import type { Zone } from "../../src/domain/place-in-time.ts";
import { quietSpans } from "../../src/domain/quiet-hours.ts";
import { DENVER, hours, local, wall, zone } from "../support/planner-facts.ts";

type Window = { from: string; to: string; zone?: Zone };

/** Quiet spans of the window, on the same wall. */
function quiet(quietHours: WallClockSpan, { from, to, zone: where = DENVER }: Window): string[] {
  const spans = quietSpans({ zone: where, quietHours }, { from: local(from, where), to: local(to, where) });
  return spans.map((each) => `${wall(each.from, where)} - ${wall(each.to, where)}`);
}

function isQuiet(quietHours: WallClockSpan, at: Instant, where: Zone = DENVER): boolean {
  return quietSpans({ zone: where, quietHours }, { from: at, to: instant(at + 1) }).length > 0;
}

describe("quiet hours", () => {
  test("across midnight hold every night, also the one that began the evening before", () => {
    expect(quiet(hours("20:00", "09:00"), { from: "2027-01-11T03:00", to: "2027-01-12T21:00" })).toEqual([
      "Sun 2027-01-10 20:00 - Mon 2027-01-11 09:00",
      "Mon 2027-01-11 20:00 - Tue 2027-01-12 09:00",
      "Tue 2027-01-12 20:00 - Wed 2027-01-13 09:00",
    ]);
  });

  test("within a day hold at noon and leave the night free", () => {
    expect(quiet(hours("13:00", "15:00"), { from: "2027-01-11T00:00", to: "2027-01-12T00:00" })).toEqual([
      "Mon 2027-01-11 13:00 - Mon 2027-01-11 15:00",
    ]);
  });

  test("begin with their first minute and end before their last: 19:59 and 09:00 are free, 20:00 and 08:59 are not", () => {
    const night = hours("20:00", "09:00");
    const at = (text: string) => isQuiet(night, local(text));
    expect([at("2027-01-11T19:59"), at("2027-01-11T20:00"), at("2027-01-12T08:59"), at("2027-01-12T09:00")]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isQuiet(night, instant(local("2027-01-12T09:00") - 1))).toBe(true);
  });

  test("with equal ends mean that no hour is quiet", () => {
    expect(quiet(hours("09:00", "09:00"), { from: "2027-01-11T00:00", to: "2027-01-13T00:00" })).toEqual([]);
  });

  test("keep to the wall when the clocks go forward and back: the night is an hour shorter, then longer", () => {
    const night = hours("20:00", "09:00");
    const lengths = (from: string, to: string) =>
      quietSpans({ zone: DENVER, quietHours: night }, { from: local(from), to: local(to) }).map((each) => (each.to - each.from) / MINUTE);
    expect(lengths("2027-03-13T21:00", "2027-03-14T21:00")).toEqual([12 * 60, 13 * 60]);
    expect(lengths("2027-11-06T21:00", "2027-11-07T21:00")).toEqual([14 * 60, 13 * 60]);
  });

  test("that end in a gap end when the clocks have jumped over it", () => {
    expect(quiet(hours("20:00", "02:30"), { from: "2027-03-14T00:00", to: "2027-03-14T12:00" })).toEqual([
      "Sat 2027-03-13 20:00 - Sun 2027-03-14 03:30",
    ]);
  });

  test("stand on the recipient's wall, in zones of half an hour too", () => {
    const kolkata = zone("Asia/Kolkata");
    expect(quiet(hours("20:00", "09:00"), { from: "2027-01-11T10:00", to: "2027-01-11T22:00", zone: kolkata })).toEqual([
      "Mon 2027-01-11 20:00 - Tue 2027-01-12 09:00",
    ]);
    expect(isQuiet(hours("20:00", "09:00"), local("2027-01-11T14:29", zone("UTC")), kolkata)).toBe(false);
    expect(isQuiet(hours("20:00", "09:00"), local("2027-01-11T14:30", zone("UTC")), kolkata)).toBe(true);
  });
});
