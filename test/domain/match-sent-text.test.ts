import { describe, expect, test } from "vitest";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import { type ListedText, matchSentText } from "../../src/domain/match-sent-text.ts";

const CLAIMED = instant(1_000 * MINUTE);
const text = (sid: string, minutes: number, matches: boolean | null = true): ListedText => ({
  sid,
  createdAt: instant(CLAIMED + minutes * MINUTE),
  matches,
});
const match = (listed: readonly ListedText[], ...taken: string[]) => matchSentText(listed, { claimedAt: CLAIMED, taken: new Set(taken) });

describe("a text whose answer was lost", () => {
  test("is the one with its words from around its attempt", () => {
    expect(match([text("other", 0, false), text("ours", 1)])).toEqual({ kind: "found", sid: "ours" });
  });

  test("is absent when none has its words, none is from then, or another delivery has it", () => {
    expect(match([])).toEqual({ kind: "absent" });
    expect(match([text("other", 0, false)])).toEqual({ kind: "absent" });
    expect(match([text("late", 2.01), text("early", -2.01)])).toEqual({ kind: "absent" });
    expect(match([text("theirs", 0)], "theirs")).toEqual({ kind: "absent" });
  });

  test("is looked for two minutes to either side, the ends included", () => {
    expect(match([text("edge", 2)])).toEqual({ kind: "found", sid: "edge" });
    expect(match([text("edge", -2)])).toEqual({ kind: "found", sid: "edge" });
  });

  test("is the first of several equal ones", () => {
    expect(match([text("second", 1), text("first", 0.5)])).toEqual({ kind: "found", sid: "first" });
  });

  test("may be one whose words the provider no longer keeps, but not one that another delivery has", () => {
    expect(match([text("redacted", 0, null)])).toEqual({ kind: "unclear" });
    expect(match([text("redacted", 0, null)], "redacted")).toEqual({ kind: "absent" });
    expect(match([text("redacted", 0, null), text("ours", 1)])).toEqual({ kind: "found", sid: "ours" });
  });
});
