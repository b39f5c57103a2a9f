/** What holds of every plan, whatever the facts. A failure prints its seed and the smallest facts that break the rule. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { impairedSpans, unfitSpans } from "../../src/domain/impaired-spans.ts";
import { findInstrument } from "../../src/domain/instruments/find-instrument.ts";
import type { PatientFacts, SeriesFacts } from "../../src/domain/patient-facts.ts";
import { planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { toLocal } from "../../src/domain/place-in-time.ts";
import { DAY, timeOf } from "../../src/domain/calendar.ts";
import { clipSpans, joinSpans, subtractSpans } from "../../src/domain/spans.ts";
import { staffedSpans } from "../../src/domain/staffed-time.ts";
import { weekOf } from "../../src/domain/texts-per-week.ts";
import type { PlannedTouchpoint, Span } from "../../src/domain/touchpoint.ts";
import { anySituation, type Situation } from "../support/random-facts.ts";

const HALF_HOUR = 30 * 60_000;

/** Checks a rule on each touchpoint of many random plans. */
function always(check: (touchpoint: PlannedTouchpoint, given: Situation & { series: SeriesFacts }) => void): void {
  everyPlan((planned, given) => {
    for (const touchpoint of planned) {
      const series = given.facts.series.find(({ id }) => id === touchpoint.seriesId) ?? expect.fail("a series of the patient");
      check(touchpoint, { ...given, series });
    }
  });
}

function everyPlan(check: (planned: PlannedTouchpoint[], given: Situation) => void): void {
  fc.assert(
    fc.property(anySituation, (given) => {
      check(planTouchpoints({ ...given, history: new Map() }), given);
    }),
    { numRuns: 250, seed: 20_270_111 },
  );
}

function personOf({ recipient }: PlannedTouchpoint, facts: PatientFacts) {
  return recipient === "escort" ? (facts.escort ?? expect.fail("an escort")) : facts.patient;
}

/** A few moments of each span: its first, its last millisecond, and every half hour between. */
function* momentsOf(spans: readonly Span[]): Generator<number> {
  for (const { from, to } of spans) {
    for (let at: number = from; at < to; at += HALF_HOUR) yield at;
    yield to - 1;
  }
}

describe("every plan", () => {
  test("is made, and is the same when made again", () => {
    everyPlan((planned, given) => {
      expect(planTouchpoints({ ...given, history: new Map() })).toEqual(planned);
    });
  });

  test("names each thing once", () => {
    everyPlan((planned) => {
      const keys = planned.map(({ seriesId, key }) => `${seriesId} ${key}`);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  test("has a reason for whatever is not sent, and none for what is", () => {
    always(({ state, reason, mergedInto }) => {
      expect(state !== "planned").toBe(reason !== null);
      expect(mergedInto !== null).toBe(reason === "merged");
    });
  });

  test("leaves one stage of a story at most that is due already", () => {
    everyPlan((planned, { facts, now }) => {
      const groups = new Map(facts.series.flatMap(({ id, protocol }) => protocol.rules.map((rule) => [`${id} ${rule.id}`, rule.group])));
      const due = planned.filter((each) => each.state === "planned" && each.dueAt <= now && groups.get(`${each.seriesId} ${each.rule}`));
      const stories = Map.groupBy(
        due,
        (each) => `${each.seriesId} ${each.sessionId} ${each.recipient} ${groups.get(`${each.seriesId} ${each.rule}`)}`,
      );
      for (const stages of stories.values()) expect(new Set(stages.map(({ rule }) => rule)).size).toBe(1);
    });
  });

  test("merges only into a touchpoint of the same session that is sent", () => {
    everyPlan((planned) => {
      for (const { sessionId, recipient, channel, mergedInto } of planned.filter(({ reason }) => reason === "merged")) {
        const survivor = planned.find((each) => each.seriesId === mergedInto?.seriesId && each.key === mergedInto.key);
        expect(survivor).toMatchObject({ sessionId, recipient, channel });
        expect(["planned", "held"]).toContain(survivor?.state);
      }
    });
  });
});

describe("every week", () => {
  test("has no more texts to the patient than the clinic allows, but those that nobody may go without", () => {
    everyPlan((planned, { facts }) => {
      const most = Math.min(...facts.series.map(({ clinic }) => clinic.textsPerWeek));
      const texts = planned.filter(
        ({ state, channel, recipient }) => state !== "suppressed" && channel === "sms" && recipient === "patient",
      );
      for (const week of Map.groupBy(texts, ({ dueAt }) => weekOf(facts.patient.zone, dueAt)).values()) {
        const others = week.filter(({ importance }) => importance !== "critical");
        expect(others.length).toBeLessThanOrEqual(Math.max(0, most - (week.length - others.length)));
      }
    });
  });

  test("drops a text only from a full one", () => {
    everyPlan((planned, { facts }) => {
      const most = Math.min(...facts.series.map(({ clinic }) => clinic.textsPerWeek));
      const weekFor = ({ dueAt }: PlannedTouchpoint) => weekOf(facts.patient.zone, dueAt);
      for (const dropped of planned.filter(({ reason }) => reason === "over-budget")) {
        const kept = planned.filter(
          (each) =>
            each.state !== "suppressed" && each.channel === "sms" && each.recipient === "patient" && weekFor(each) === weekFor(dropped),
        );
        expect(kept.length).toBeGreaterThanOrEqual(most);
      }
    });
  });
});

test("nothing goes after ninety quiet days, and staff are asked before", () => {
  everyPlan((planned, { facts }) => {
    const enqueued = Math.max(...facts.series.map(({ enqueuedAt }) => enqueuedAt));
    const contacts = [
      ...facts.series.flatMap(({ sessions }) => sessions.filter(cameOrWillCome).map(({ startsAt }) => startsAt)),
      ...planned.filter(({ state, recipient }) => state === "planned" && recipient === "patient").map(({ dueAt }) => dueAt),
    ];
    const isQuiet = ({ dueAt }: PlannedTouchpoint) =>
      dueAt - enqueued > 90 * DAY && !contacts.some((at) => at < dueAt && dueAt - at <= 90 * DAY);
    const held = planned.filter(({ reason }) => reason === "unverified");
    for (const each of planned.filter(({ channel, state }) => channel !== "task" && state === "planned")) expect(isQuiet(each)).toBe(false);
    for (const each of held) expect(isQuiet(each)).toBe(true);
    expect(planned.some(({ taskKind }) => taskKind === "verify")).toBe(held.length > 0);
  });
});

function cameOrWillCome({ status }: SeriesFacts["sessions"][number]): boolean {
  return !["no_show", "cancelled", "postponed"].includes(status);
}

describe("every touchpoint that is to go out", () => {
  test("is due, then legal, then over, in order and within its use", () => {
    always(({ state, dueAt, notBefore, sendBy, expiresAt, legal }) => {
      if (state !== "planned") return;
      expect(legal.length).toBeGreaterThan(0);
      expect([dueAt <= notBefore, notBefore < sendBy, sendBy <= expiresAt]).toEqual([true, true, true]);
      expect([legal[0]?.from, legal.at(-1)?.to]).toEqual([notBefore, sendBy]);
      for (const [index, { from, to }] of legal.entries()) {
        expect(to).toBeGreaterThan(from);
        expect(from).toBeGreaterThan(legal[index - 1]?.to ?? 0);
      }
    });
  });

  test("never leaves in the recipient's quiet hours by text", () => {
    always((touchpoint, { facts }) => {
      if (touchpoint.channel !== "sms") return;
      const { zone, quietHours } = personOf(touchpoint, facts);
      for (const at of momentsOf(touchpoint.legal)) {
        const clock = timeOf(toLocal(zone, at as PlannedTouchpoint["dueAt"]));
        const isQuiet =
          quietHours.from <= quietHours.to
            ? clock >= quietHours.from && clock < quietHours.to
            : clock >= quietHours.from || clock < quietHours.to;
        expect(isQuiet, `${touchpoint.key} at ${new Date(at).toISOString()}`).toBe(false);
      }
    });
  });

  test("never leaves before the time to undo is over, and is not over when it is planned", () => {
    always(({ state, legal, sendBy, channel, expiresAt }, { series, now }) => {
      for (const { from } of legal) expect(from).toBeGreaterThanOrEqual(series.quietUntil);
      if (state === "planned") expect(channel === "task" ? expiresAt : sendBy).toBeGreaterThan(now);
    });
  });

  test("reaches somebody who can be reached that way, and an escort only where there is one", () => {
    always((touchpoint, { facts }) => {
      if (touchpoint.state !== "planned" || touchpoint.channel === "task") return;
      expect(personOf(touchpoint, facts)[touchpoint.channel]).toBe("reachable");
    });
  });

  test("calls in staffed hours, never for a decision in a dose's nor about a week on the day after it, or at any hour when none is left", () => {
    always(({ state, rule, channel, recipient, legal, dueAt, expiresAt }, { facts, series }) => {
      if (state !== "planned" || channel !== "task" || recipient === "staff") return;
      const from = dueAt > series.quietUntil ? dueAt : series.quietUntil;
      const { asksDecision = false, survey = null } = series.protocol.rules.find(({ id }) => id === rule) ?? {};
      const instrument = survey === null ? undefined : findInstrument(survey);
      const unfit = [...(asksDecision ? impairedSpans(facts) : []), ...(instrument ? unfitSpans(instrument, facts) : [])];
      const taken = recipient === "patient" ? joinSpans(unfit.toSorted((a, b) => a.from - b.from)) : [];
      const free = subtractSpans(staffedSpans(series.clinic, { from, to: expiresAt }), taken);
      expect(legal).toEqual(free.length > 0 ? free : [{ from, to: expiresAt }]);
    });
  });

  test("asks the patient for no decision between a dose and the next morning", () => {
    always(({ state, rule, recipient, channel, legal }, { facts, series }) => {
      const asks = series.protocol.rules.find(({ id }) => id === rule)?.asksDecision;
      if (!asks || state !== "planned" || recipient !== "patient" || channel === "task") return;
      for (const impaired of impairedSpans(facts)) expect(clipSpans(legal, impaired)).toEqual([]);
    });
  });

  test("speaks of something that happened never before it, and of a session only while there is something to say", () => {
    always(({ state, rule, sessionId, dueAt }, { series }) => {
      const session = series.sessions.find(({ id }) => id === sessionId);
      const anchor = series.protocol.rules.find(({ id }) => id === rule)?.anchor ?? "";
      if (!session) return;
      expect(["scheduled", "arrived", "dosed", "discharged"]).toContain(session.status);
      if (state === "planned" && ["session.end", "session.discharge"].includes(anchor))
        expect(dueAt).toBeGreaterThanOrEqual(session.endsAt);
      if (state === "planned" && anchor === "session.dose") expect(dueAt).toBeGreaterThanOrEqual(session.startsAt);
    });
  });
});
