import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { clipSpans, firstWithin, joinSpans, lengthOfSpans, span, subtractSpans } from "../../src/domain/spans.ts";
import type { Span } from "../../src/domain/touchpoint.ts";

const LAST = 40;
const anySpans = fc
  .array(fc.tuple(fc.nat(LAST - 1), fc.integer({ min: 1, max: 12 })), { maxLength: 8 })
  .map((pairs) => pairs.map(([from, length]) => span(from, Math.min(LAST, from + length))));

/** The moments that spans cover, one by one: the slow way, which cannot be wrong. */
function moments(spans: readonly Span[]): number[] {
  return Array.from({ length: LAST }, (_, at) => at).filter((at) => spans.some(({ from, to }) => from <= at && at < to));
}

function isTidy(spans: readonly Span[]): boolean {
  return spans.every(({ from, to }, index) => from < to && from > (spans[index - 1]?.to ?? -1));
}

describe("spans", () => {
  test("joined cover the same moments, in order, none touching the next", () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        expect(moments(joinSpans(spans))).toEqual(moments(spans));
        expect(isTidy(joinSpans(spans))).toBe(true);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test("less holes cover what the holes do not", () => {
    fc.assert(
      fc.property(anySpans, anySpans, (some, others) => {
        const [spans, holes] = [joinSpans(some), joinSpans(others)];
        const hidden = new Set(moments(holes));
        expect(moments(subtractSpans(spans, holes))).toEqual(moments(spans).filter((at) => !hidden.has(at)));
        expect(isTidy(subtractSpans(spans, holes))).toBe(true);
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });

  test("clipped cover what lies between the two ends, the second one excluded", () => {
    fc.assert(
      fc.property(anySpans, fc.nat(LAST), fc.nat(LAST), (some, from, to) => {
        const spans = joinSpans(some);
        expect(moments(clipSpans(spans, { from, to }))).toEqual(moments(spans).filter((at) => from <= at && at < to));
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test("are as long as the moments they cover", () => {
    fc.assert(
      fc.property(anySpans, (some) => {
        expect(lengthOfSpans(joinSpans(some))).toBe(moments(some).length);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test("give the first moment from a given one on, and none after their end", () => {
    const spans = [span(10, 20), span(30, 40)];
    expect([5, 10, 19, 20, 30, 39].map((at) => firstWithin(spans, instant(at)))).toEqual([10, 10, 19, 30, 30, 39]);
    expect(firstWithin(spans, instant(40))).toBeUndefined();
  });
});
