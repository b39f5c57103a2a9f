import { describe, expect, test, vi } from "vitest";
import { type ClinicTime, hintHorizon, machineNow, monotonicMs, newId, toQueueDelay } from "../src/clock.ts";
import { instant } from "../src/domain/calendar.ts";
import { byText } from "./support/by-text.ts";

const NOW = instant(Date.parse("2027-01-11T16:00:00Z"));
const REAL: ClinicTime = { now: NOW, mode: "real", scale: 1 };
const STEPPED: ClinicTime = { now: NOW, mode: "stepped", scale: 1 };
const SCALED: ClinicTime = { now: NOW, mode: "scaled", scale: 60 };

describe("new ids", () => {
  test("are UUIDs of version 7 that sort as they were made, many in a millisecond too", () => {
    const ids = Array.from({ length: 20_000 }, () => newId());
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(ids).toEqual(ids.toSorted(byText));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("go on rising when the machine's clock jumps back", () => {
    const before = newId();
    const clock = vi.spyOn(Date, "now").mockReturnValue(machineNow() - 3_600_000);
    const after = newId();
    clock.mockRestore();
    expect(after > before).toBe(true);
  });

  test("carry the machine's time", async () => {
    // A clock of its own, and none for whoever comes next: ids only rise, so this one would go on making ids of the year 2100.
    vi.resetModules();
    const own = await import("../src/clock.ts");
    vi.resetModules();
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.parse("2100-01-01T00:00:00Z"));
    const id = own.newId();
    clock.mockRestore();
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.parse("2100-01-01T00:00:00Z"));
  });
});

describe("the machine's clocks", () => {
  test("tell an instant in whole milliseconds, and a length that only grows", () => {
    expect(Number.isInteger(machineNow())).toBe(true);
    const first = monotonicMs();
    expect(monotonicMs()).toBeGreaterThanOrEqual(first);
  });
});

describe("a clinic instant", () => {
  test.each([
    ["a real clock", REAL, 30_000],
    ["a clock of scale 60", SCALED, 500],
    ["a stepped clock, which stands still", STEPPED, 0],
  ])("half a minute from now becomes this queue delay on %s", (_, time, delay) => {
    expect(toQueueDelay(instant(NOW + 30_000), time)).toBe(delay);
  });

  test("that has passed becomes no delay at all", () => {
    for (const time of [REAL, SCALED, STEPPED]) expect(toQueueDelay(instant(NOW - 5_000), time)).toBe(0);
  });

  test("becomes whole milliseconds", () => {
    expect(toQueueDelay(instant(NOW + 100), { ...SCALED, scale: 7 })).toBe(14);
  });
});

describe("the horizon of hints", () => {
  test("is a minute of machine time ahead, and on a stepped clock the present moment", () => {
    expect([REAL, SCALED, STEPPED].map((time) => hintHorizon(time) - NOW)).toEqual([60_000, 3_600_000, 0]);
  });
});
