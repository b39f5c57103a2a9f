import { describe, expect, test } from "vitest";
import { HOUR, type Instant, instant, MINUTE } from "../../src/domain/calendar.ts";
import { type DueRequest, placeDue } from "../../src/domain/place-due.ts";
import { quietSpans } from "../../src/domain/quiet-hours.ts";
import type { Span } from "../../src/domain/touchpoint.ts";
import { DENVER, hours, local, wall } from "../support/planner-facts.ts";

const NIGHT = hours("20:00", "09:00");
const ALWAYS = (window: Span) => [window];

type Placing = { nominal: string; until: string; direction?: "earlier" | "later"; slack?: number; blocked?: DueRequest["blocked"] };

/** Where the due moment goes, and the hours in which the message may leave. */
function place({ nominal, until, direction = "earlier", slack = 90 * MINUTE, blocked }: Placing) {
  const quiet = (window: Span) => quietSpans({ zone: DENVER, quietHours: NIGHT }, window);
  const placed = placeDue({ nominal: local(nominal), usefulUntil: local(until), direction, slack, blocked: blocked ?? quiet });
  return placed && { due: wall(placed.dueAt), legal: placed.legal.map(({ from, to }) => `${wall(from).slice(4)} - ${wall(to).slice(4)}`) };
}

describe("before a session", () => {
  test("a message in free hours stays where it is", () => {
    expect(place({ nominal: "2027-01-10T16:00", until: "2027-01-11T03:00" })).toEqual({
      due: "Sun 2027-01-10 16:00",
      legal: ["2027-01-10 16:00 - 2027-01-10 20:00"],
    });
  });

  test("a message in quiet hours goes out the evening before, with time for a retry before they begin", () => {
    expect(place({ nominal: "2027-01-11T00:00", until: "2027-01-11T02:00" })).toEqual({
      due: "Sun 2027-01-10 18:30",
      legal: ["2027-01-10 18:30 - 2027-01-10 20:00"],
    });
  });

  test.each([
    ["18:30", "18:30"],
    ["18:31", "18:30"],
    ["19:50", "18:30"],
  ])("a message at %s, with quiet hours from 20:00, is due at %s", (nominal, due) => {
    expect(place({ nominal: `2027-01-10T${nominal}`, until: "2027-01-11T02:00" })?.due).toBe(`Sun 2027-01-10 ${due}`);
  });

  test("a message late in the evening stays, when enough of the next morning is left for a retry", () => {
    const placed = place({ nominal: "2027-01-10T19:50", until: "2027-01-11T10:20" });
    expect(placed).toEqual({
      due: "Sun 2027-01-10 19:50",
      legal: ["2027-01-10 19:50 - 2027-01-10 20:00", "2027-01-11 09:00 - 2027-01-11 10:20"],
    });
    expect(place({ nominal: "2027-01-10T19:50", until: "2027-01-11T10:19" })?.due).toBe("Sun 2027-01-10 18:30");
  });

  test("a message in quiet hours never waits for the morning, although it would still be of use", () => {
    expect(place({ nominal: "2027-01-11T05:00", until: "2027-01-11T12:00" })?.due).toBe("Sun 2027-01-10 18:30");
  });

  test("a message whose hour lies after its last moment of use moves before that", () => {
    expect(place({ nominal: "2027-01-11T16:00", until: "2027-01-11T15:00" })?.due).toBe("Mon 2027-01-11 13:30");
  });

  test("where no free span is long enough, the last one is taken from its beginning", () => {
    const blocked = () => [
      { from: local("2027-01-01T00:00"), to: local("2027-01-10T12:00") },
      { from: local("2027-01-10T13:00"), to: local("2027-01-12T00:00") },
    ];
    expect(place({ nominal: "2027-01-10T16:00", until: "2027-01-11T02:00", blocked })).toEqual({
      due: "Sun 2027-01-10 12:00",
      legal: ["2027-01-10 12:00 - 2027-01-10 13:00"],
    });
  });

  test("nothing is moved over more than six days", () => {
    const until = (text: string) => () =>
      [{ from: local("2027-01-01T00:00"), to: local("2027-02-01T00:00") }].map((each) => ({ ...each, from: local(text) }));
    expect(place({ nominal: "2027-01-11T00:00", until: "2027-01-11T02:00", blocked: until("2027-01-05T02:00") })?.due).toBe(
      "Tue 2027-01-05 00:30",
    );
    expect(place({ nominal: "2027-01-11T00:00", until: "2027-01-11T02:00", blocked: until("2027-01-05T00:00") })).toBeUndefined();
  });

  test("a message with nothing free before its hour waits for the first free one in which it is still of use", () => {
    const blocked = () => [{ from: local("2027-01-01T00:00"), to: local("2027-01-11T01:00") }];
    expect(place({ nominal: "2027-01-11T00:00", until: "2027-01-11T02:00", blocked })).toEqual({
      due: "Mon 2027-01-11 01:00",
      legal: ["2027-01-11 01:00 - 2027-01-11 02:00"],
    });
  });
});

describe("after a session", () => {
  test("a message in quiet hours waits for the morning", () => {
    expect(place({ nominal: "2027-01-11T21:30", until: "2027-01-12T17:30", direction: "later" })).toEqual({
      due: "Tue 2027-01-12 09:00",
      legal: ["2027-01-12 09:00 - 2027-01-12 17:30"],
    });
  });

  test("a message that would be of no more use in the morning has no legal moment", () => {
    expect(place({ nominal: "2027-01-11T21:30", until: "2027-01-12T09:00", direction: "later" })).toBeUndefined();
    expect(place({ nominal: "2027-01-11T12:00", until: "2027-01-11T12:00", direction: "later" })).toBeUndefined();
  });

  test("a message never asks for slack: a minute is enough", () => {
    expect(place({ nominal: "2027-01-11T19:59", until: "2027-01-12T09:00", direction: "later" })?.due).toBe("Mon 2027-01-11 19:59");
  });
});

test.each(["earlier", "later"] as const)("where every hour is blocked, a message that moves %s has no legal moment", (direction) => {
  expect(place({ nominal: "2027-01-11T12:00", until: "2027-01-11T15:00", direction, blocked: ALWAYS })).toBeUndefined();
});

test("a free hour that ends exactly with the slack is long enough", () => {
  const nominal: Instant = local("2027-01-11T12:00");
  const request = { nominal, direction: "earlier", usefulUntil: instant(nominal + 3 * HOUR), slack: 3 * HOUR, blocked: () => [] } as const;
  expect(placeDue(request)?.dueAt).toBe(nominal);
  expect(placeDue({ ...request, slack: 3 * HOUR + 1 })?.dueAt).toBe(nominal - 1);
});
