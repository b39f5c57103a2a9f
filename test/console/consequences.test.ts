import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { readZone } from "../../src/db/clinics.ts";
import type { Instant } from "../../src/domain/calendar.ts";
import { consequences, countConsequences } from "../../src/http/console/consequences.ts";
import type { Standing, TouchpointChange } from "../../src/producers/touchpoint-change.ts";
import { at } from "../support/world.ts";

const NOW = at("2027-01-15T15:00:00Z");
const [patientId, seriesId, sessionId] = [newId<"patient">(), newId<"series">(), newId<"session">()];
const change = (before: Standing | null, after: Standing): TouchpointChange => ({
  id: newId<"touchpoint">(),
  patientId,
  seriesId,
  sessionId,
  rule: "what-to-expect",
  template: "what-to-expect",
  purpose: "preparation",
  recipient: "patient",
  channel: "email",
  zone: readZone("America/Denver"),
  before,
  after,
});
const planned = (dueAt: Instant): Standing => ({ state: "planned", reason: null, dueAt });
const gone = (dueAt: Instant): Standing => ({ state: "superseded", reason: null, dueAt });
/** A visit was moved: its message is another row. */
const armedAnew = (was: Instant, is: Instant) => [change(planned(was), gone(was)), change(null, planned(is))];

describe("what follows from a change", () => {
  test("calls a message at the same moment one with new words, and not one at another time", () => {
    const same = at("2027-01-19T17:00:00Z");
    expect(countConsequences(armedAnew(same, same))).toBe("1 with new words");
    const { markup } = consequences(armedAnew(same, same), { now: NOW });
    expect(markup).toContain("new words");
    expect(markup).not.toContain("<s>");
  });

  test("shows both moments of one that goes at another time", () => {
    const moved = armedAnew(at("2027-01-19T17:00:00Z"), at("2027-01-19T21:00:00Z"));
    expect(countConsequences(moved)).toBe("1 at another time");
    expect(consequences(moved, { now: NOW }).markup).toMatch(/<s>.*10:00.*<\/s>.*14:00/);
  });

  test("says of what is due already that it goes as soon as it may", () => {
    const { markup } = consequences([change(null, planned(at("2027-01-13T17:00:00Z")))], { now: NOW });
    expect(markup).toContain("as soon as it may");
    expect(markup).not.toContain("Jan 13");
  });
});
