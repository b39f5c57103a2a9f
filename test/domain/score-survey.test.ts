/** Each instrument against its published table: every band at its edges, missing answers, patterns, what pages staff. */
import { describe, expect, test } from "vitest";
import { type Answers, findUnanswered, readAnswers } from "../../src/domain/check-answers.ts";
import { asksAboutSelfHarm, findInstrument, getInstrument, INSTRUMENTS, speaks } from "../../src/domain/instruments/find-instrument.ts";
import { INSTRUMENT_IDS, type Instrument } from "../../src/domain/instruments/instrument.ts";
import { judgeWorsening } from "../../src/domain/judge-worsening.ts";
import { findGraver, judgeAnswers } from "../../src/domain/judge-answers.ts";
import { judgeOutcome } from "../../src/domain/outcome.ts";
import { scoreSurvey, scoreTotal } from "../../src/domain/score-survey.ts";
import { at } from "./aspen-ridge.ts";

/** Answers that add up to a total, the highest items first; what is not scored is left out. */
function adding(instrument: Instrument, total: number): Answers {
  let left = total;
  return Object.fromEntries(
    instrument.items.map((item) => {
      if (!item.scored) return [item.id, null];
      const most = Math.max(...item.choices.map(({ value }) => value));
      const value = Math.min(left, most);
      left -= value;
      return [item.id, value];
    }),
  );
}

const PHQ_9 = getInstrument("phq-9");
const PCL_5 = getInstrument("pcl-5");

describe.each([
  [
    "phq-9",
    27,
    [
      [0, "minimal"],
      [4, "minimal"],
      [5, "mild"],
      [9, "mild"],
      [10, "moderate"],
      [14, "moderate"],
      [15, "moderately severe"],
      [19, "moderately severe"],
      [20, "severe"],
      [27, "severe"],
    ],
  ],
  [
    "phq-2",
    6,
    [
      [0, "below the cut-off"],
      [2, "below the cut-off"],
      [3, "at or above the cut-off"],
      [6, "at or above the cut-off"],
    ],
  ],
  [
    "gad-7",
    21,
    [
      [0, "minimal"],
      [4, "minimal"],
      [5, "mild"],
      [9, "mild"],
      [10, "moderate"],
      [14, "moderate"],
      [15, "severe"],
      [21, "severe"],
    ],
  ],
  [
    "pcl-5",
    80,
    [
      [0, "below the usual cut-off"],
      [30, "below the usual cut-off"],
      [31, "within the range of cut-offs (31-33)"],
      [32, "within the range of cut-offs (31-33)"],
      [33, "at or above the usual cut-off"],
      [80, "at or above the usual cut-off"],
    ],
  ],
] as const)("%s", (id, most, bands) => {
  const instrument = getInstrument(id);

  test(`has totals from 0 to ${most}, each in its band, by its items and as a total alone`, () => {
    expect(instrument.scoring?.most).toBe(most);
    for (const [total, band] of bands) {
      expect(scoreSurvey(instrument, adding(instrument, total))).toMatchObject({ total, band });
      expect(scoreTotal(instrument, total)).toMatchObject({ total, band });
    }
  });

  test("adds up every combination of one item to the same sum", () => {
    for (let total = 0; total <= most; total++) expect(scoreSurvey(instrument, adding(instrument, total)).total).toBe(total);
    for (const wrong of [-1, most + 1, 1.5, Number.NaN]) expect(scoreTotal(instrument, wrong)).toBeUndefined();
  });

  test("has no total when a scored item is missing, and guesses none", () => {
    for (const { id: item } of instrument.items.filter(({ scored }) => scored)) {
      const { [item]: _, ...rest } = adding(instrument, 5);
      expect(scoreSurvey(instrument, rest)).toMatchObject({ total: null, band: null });
    }
  });
});

describe("item 9 of the PHQ-9", () => {
  test.each([
    [0, []],
    [1, [["self-harm-answer", "high"]]],
    [2, [["self-harm-answer", "critical"]]],
    [3, [["self-harm-answer", "critical"]]],
    [null, [["self-harm-answer", "high"]]],
  ] as const)("answered with %s raises %j, whatever the total", (value, raised) => {
    for (const total of [0, 24]) {
      const { alarms } = scoreSurvey(PHQ_9, { ...adding(PHQ_9, total), "9": value });
      expect(alarms.map(({ kind, level }) => [kind, level])).toEqual(raised);
    }
  });

  test("may be left out on purpose, which leaves no total; every other item must be answered", () => {
    expect(scoreSurvey(PHQ_9, { ...adding(PHQ_9, 3), "9": null })).toMatchObject({ total: null, missing: ["9", "difficulty"] });
    expect(PHQ_9.items.filter(({ answer }) => answer === "may").map(({ id }) => id)).toEqual(["9", "difficulty"]);
    expect(findUnanswered(PHQ_9, { ...adding(PHQ_9, 3), "9": null })).toEqual([]);
    const { "4": _, ...without } = adding(PHQ_9, 3);
    expect(findUnanswered(PHQ_9, without).map(({ path }) => path)).toEqual(["4"]);
  });

  test("counts towards the total, the difficulty never", () => {
    expect(scoreSurvey(PHQ_9, { ...adding(PHQ_9, 0), "9": 3, difficulty: 3 }).total).toBe(3);
  });
});

describe("the PCL-5", () => {
  const only = (...items: readonly number[]): Answers =>
    Object.fromEntries(PCL_5.items.map(({ id }) => [id, items.includes(Number(id)) ? 2 : 1]));

  test("adds its clusters up over items 1-5, 6-7, 8-14 and 15-20", () => {
    const { subscales } = scoreSurvey(PCL_5, Object.fromEntries(PCL_5.items.map(({ id }) => [id, 4])));
    expect(subscales.map(({ total }) => total)).toEqual([20, 8, 28, 24]);
  });

  test.each([
    [[1, 6, 8, 9, 15, 16], true],
    [[5, 7, 13, 14, 19, 20], true],
    [[6, 8, 9, 15, 16], false],
    [[1, 8, 9, 15, 16], false],
    [[1, 6, 8, 15, 16], false],
    [[1, 6, 8, 9, 15], false],
  ] as const)("with items %j at moderately or more has the provisional pattern: %s", (items, pattern) => {
    expect(scoreSurvey(PCL_5, only(...items)).pattern).toBe(pattern);
  });

  test("has no pattern when an item is missing", () => {
    expect(scoreSurvey(PCL_5, { ...only(1, 6, 8, 9, 15, 16), "20": null }).pattern).toBeNull();
  });

  test("is asked in English alone", () => {
    expect([speaks(PCL_5, "en"), speaks(PCL_5, "es")]).toEqual([true, false]);
  });
});

describe("what comes from outside", () => {
  test.each([["4"], ["-1"], ["1.0"], ["1e0"], [" 1"], [""], ["skip"], [true], [[1]], [{}], [undefined], [1.5], [Number.NaN], ["１"]])(
    "%j is no answer to the first item",
    (value) => {
      expect(readAnswers(PHQ_9, { "1": value }).ok).toBe(false);
    },
  );

  test.each([["total"], ["__proto__"], ["constructor"], ["10"]])("%s is no item", (item) => {
    expect(readAnswers(PHQ_9, JSON.parse(`{"${item}": 1}`)).ok).toBe(false);
  });
});

describe("every instrument", () => {
  test.each(INSTRUMENTS.map((instrument) => [instrument.id, instrument] as const))(
    "%s says its licence, its wording and its languages, and shows each item once",
    (_, instrument) => {
      expect(instrument.licence.length).toBeGreaterThan(20);
      expect(instrument.wording.length).toBeGreaterThan(20);
      const ids = instrument.items.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(instrument.screens.flatMap(({ items }) => items).toSorted()).toEqual(ids.toSorted());
      for (const { text, choices } of instrument.items)
        for (const wording of [text, ...choices.map(({ label }) => label)])
          if (instrument.locales.includes("es")) expect(wording.es === undefined).toBe(false);
    },
  );

  test("is known by its id and version, and no other is", () => {
    expect(INSTRUMENTS.map(({ id }) => id)).toEqual([...INSTRUMENT_IDS]);
    expect(findInstrument("phq-9", 2)).toBeUndefined();
    for (const id of ["c-ssrs", "cadss", "kset"]) expect(findInstrument(id)).toBeUndefined();
  });

  test("that asks about self-harm is the PHQ-9 alone", () => {
    expect(INSTRUMENTS.filter(asksAboutSelfHarm).map(({ id }) => id)).toEqual(["phq-9"]);
  });
});

describe("a worsening", () => {
  const rule = PHQ_9.scoring?.worsening ?? expect.fail("a rule");
  test.each([
    [3, 7, null],
    [3, 8, "points"],
    [5, 6, null],
    [9, 11, "percent"],
    [10, 11, null],
    [10, 12, "percent"],
    [15, 18, "percent"],
    [19, 20, "total"],
    [20, 21, null],
    [20, 20, null],
    [20, 12, null],
  ] as const)("from %i to %i is %s", (earlier, later, worse) => {
    expect(judgeWorsening(rule, earlier, later)).toBe(worse);
  });

  test("raises one alert of medium level, and none without an earlier answer", () => {
    const result = scoreSurvey(PHQ_9, { ...adding(PHQ_9, 20), "9": 0 });
    expect(judgeAnswers(result, { rule, earlier: [10] })).toEqual([{ kind: "worsening", level: "medium" }]);
    expect(judgeAnswers(result, { rule, earlier: [] })).toEqual([]);
    expect(judgeAnswers(result, { rule: null, earlier: [10] })).toEqual([]);
  });

  test("is told once a kind at its gravest, and again only when graver", () => {
    const high = { kind: "side-effect", level: "high" } as const;
    const critical = { kind: "side-effect", level: "critical" } as const;
    expect(findGraver([high, critical], [])).toEqual([critical]);
    expect(findGraver([critical], [high])).toEqual([critical]);
    expect(findGraver([high], [critical])).toEqual([]);
  });
});

describe("an outcome", () => {
  const on = (day: string, total: number) => ({ at: at(`${day}T12:00:00Z`), total });
  const first = at("2027-01-11T16:00:00Z");

  test.each([
    [20, 10, -10, -50, true, false],
    [20, 11, -9, -45, false, false],
    [9, 4, -5, -56, true, true],
    [9, 5, -4, -44, false, false],
    [10, 5, -5, -50, true, false],
    [8, 4, -4, -50, true, true],
    [10, 15, 5, 50, false, false],
  ] as const)(
    "from %i to %i is a change of %i, %i percent; response %s, remission %s",
    (before, after, change, percent, response, remission) => {
      expect(judgeOutcome(PHQ_9, [on("2027-01-08", before), on("2027-02-01", after)], first)).toMatchObject({
        change,
        percent,
        response,
        remission,
      });
    },
  );

  test("is measured from the last answer before the first dose, or the first one", () => {
    const measures = [on("2026-11-01", 25), on("2027-01-08", 20), on("2027-01-18", 12)];
    expect(judgeOutcome(PHQ_9, measures, first)?.baseline.total).toBe(20);
    expect(judgeOutcome(PHQ_9, measures, null)?.baseline.total).toBe(25);
  });

  test("of a baseline of zero has no percent and no response, and of one answer there is none", () => {
    expect(judgeOutcome(PHQ_9, [on("2027-01-08", 0), on("2027-01-18", 3)], first)).toMatchObject({ percent: null, response: null });
    expect(judgeOutcome(PHQ_9, [on("2027-01-08", 12)], first)).toBeUndefined();
  });

  test("of the GAD-7 knows no remission, of the PCL-5 a reliable change from five points", () => {
    expect(judgeOutcome(getInstrument("gad-7"), [on("2027-01-08", 12), on("2027-01-18", 3)], first)?.remission).toBeNull();
    expect(judgeOutcome(PCL_5, [on("2027-01-08", 40), on("2027-02-18", 35)], first)?.reliable).toBe(true);
    expect(judgeOutcome(PCL_5, [on("2027-01-08", 40), on("2027-02-18", 36)], first)?.reliable).toBe(false);
  });
});
