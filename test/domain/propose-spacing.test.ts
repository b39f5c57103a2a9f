import { describe, expect, test } from "vitest";
import { instant, MINUTE, parseCalendarOffset } from "../../src/domain/calendar.ts";
import { type ProposalContext, proposeSpacing, type SpacedSession } from "../../src/domain/propose-spacing.ts";
import { checkSpacing } from "../../src/domain/spacing.ts";
import { daysClosed, DENVER, idOf, local, wall } from "../support/planner-facts.ts";

const offset = (text: string) => parseCalendarOffset(text) ?? expect.unreachable();
const protocol = { id: "iv-ketamine", version: 1, spacing: { least: offset("P2D"), most: offset("P5D"), source: "a source" } };
const NOW = local("2027-01-04T08:00");

function dose(startsAt: string, more: Partial<SpacedSession> = {}): SpacedSession {
  const start = local(startsAt);
  const times = { zone: DENVER, startsAt: start, endsAt: instant(start + 105 * MINUTE) };
  return { id: idOf.session(startsAt), seriesId: "course", kind: "dosing", status: "scheduled", ...times, ...more };
}

function propose(sessions: readonly SpacedSession[], more: Partial<ProposalContext> = {}): string[] {
  const proposed = proposeSpacing(sessions, { protocol, closures: new Set(), now: NOW, from: NOW, fixed: new Set(), busy: [], ...more });
  return proposed.map(({ session, to }) => `${wall(session.startsAt)} -> ${wall(to)}`);
}

describe("a proposal", () => {
  test("moves nothing where the spacing holds", () => {
    expect(propose([dose("2027-01-11T09:00"), dose("2027-01-13T09:00"), dose("2027-01-18T09:00")])).toEqual([]);
  });

  test("moves a dose that follows too soon to the nearest day that is far enough, at its own time of day", () => {
    expect(propose([dose("2027-01-11T15:00"), dose("2027-01-12T09:00")])).toEqual(["Tue 2027-01-12 09:00 -> Wed 2027-01-13 09:00"]);
  });

  test("moves a dose that follows too late to the nearest day that is close enough", () => {
    expect(propose([dose("2027-01-11T09:00"), dose("2027-01-20T09:00")])).toEqual(["Wed 2027-01-20 09:00 -> Fri 2027-01-15 09:00"]);
  });

  test("carries on: what follows a moved dose keeps its distance from where that one goes", () => {
    expect(propose([dose("2027-01-12T09:00"), dose("2027-01-13T09:00"), dose("2027-01-15T09:00"), dose("2027-01-18T09:00")])).toEqual([
      "Wed 2027-01-13 09:00 -> Thu 2027-01-14 09:00",
      "Fri 2027-01-15 09:00 -> Mon 2027-01-18 09:00",
      "Mon 2027-01-18 09:00 -> Wed 2027-01-20 09:00",
    ]);
  });

  test("keeps off closures, and off weekends unless the series has doses on them", () => {
    const sessions = [dose("2027-01-14T09:00"), dose("2027-01-15T09:00")];
    expect(propose(sessions)).toEqual(["Fri 2027-01-15 09:00 -> Mon 2027-01-18 09:00"]);
    expect(propose(sessions, { closures: daysClosed("2027-01-18") })).toEqual(["Fri 2027-01-15 09:00 -> Tue 2027-01-19 09:00"]);
    const weekend = [dose("2027-01-09T09:00"), ...sessions];
    expect(propose(weekend)).toEqual(["Fri 2027-01-15 09:00 -> Sat 2027-01-16 09:00"]);
  });

  test("keeps off what else the patient has", () => {
    const start = local("2027-01-18T10:00");
    const busy = [{ startsAt: start, endsAt: instant(start + 60 * MINUTE) }];
    expect(propose([dose("2027-01-14T09:00"), dose("2027-01-15T09:00")], { busy })).toEqual([
      "Fri 2027-01-15 09:00 -> Tue 2027-01-19 09:00",
    ]);
  });

  test("leaves alone what has happened, what lies before the change, and what was called off", () => {
    const given = [dose("2027-01-05T09:00", { status: "discharged" }), dose("2027-01-06T09:00", { status: "dosed" })];
    expect(propose(given, { now: local("2027-01-07T09:00") })).toEqual([]);
    const close = [dose("2027-01-11T09:00"), dose("2027-01-12T09:00"), dose("2027-01-15T09:00")];
    expect(propose(close, { from: local("2027-01-15T09:00") })).toEqual([]);
    expect(propose([dose("2027-01-11T09:00"), dose("2027-01-12T09:00", { status: "cancelled" })])).toEqual([]);
  });

  test("never moves what somebody has just moved, only what follows it", () => {
    const moved = dose("2027-01-19T09:00");
    const sessions = [dose("2027-01-13T09:00"), moved, dose("2027-01-20T09:00")];
    expect(propose(sessions, { fixed: new Set([moved.id]) })).toEqual(["Wed 2027-01-20 09:00 -> Thu 2027-01-21 09:00"]);
  });

  test("asks of a booster only that it is late enough", () => {
    expect(propose([dose("2027-01-11T09:00"), dose("2027-03-01T09:00", { kind: "booster" })])).toEqual([]);
  });

  test("if followed leaves no warning", () => {
    const sessions = [
      dose("2027-01-11T09:00"),
      dose("2027-01-19T09:00"),
      dose("2027-01-20T09:00"),
      dose("2027-01-22T09:00"),
      dose("2027-01-25T09:00"),
    ];
    const proposed = new Map(
      proposeSpacing(sessions, { protocol, closures: new Set(), now: NOW, from: NOW, fixed: new Set(), busy: [] }).map(
        ({ session, to }) => [session.id, to],
      ),
    );
    const followed = sessions.map((session) => ({ ...session, startsAt: proposed.get(session.id) ?? session.startsAt }));
    expect(checkSpacing(protocol, sessions).length).toBeGreaterThan(0);
    expect(checkSpacing(protocol, followed)).toEqual([]);
  });

  test("is missing where no day can be found", () => {
    const closures = new Set(
      Array.from({ length: 200 }, (_, index) => [...daysClosed("2027-01-11")].map((day) => (day + index - 20) as typeof day)).flat(),
    );
    expect(propose([dose("2027-01-11T09:00"), dose("2027-01-12T09:00")], { closures })).toEqual([]);
  });
});
