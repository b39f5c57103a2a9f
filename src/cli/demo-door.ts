/** The door between the demo's page, which is up from the start, and the play, which gives its clock away once somebody has come. */
import type { Instant } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import type { DemoHouse } from "./demo-house.ts";

export type DemoDoor = {
  /** Somebody has opened the page. */
  readonly knock: () => void;
  readonly hasCome: () => boolean;
  /** How far the weeks that go by themselves have come. */
  readonly passed: (now: Instant) => void;
  readonly now: () => Instant | null;
  /** The weeks are over, or stopped: from now on the page has the clock as soon as somebody is there. */
  readonly unlock: (open: () => Promise<DemoHouse>) => void;
  /** Undefined while the weeks go by themselves. */
  readonly house: () => DemoHouse | undefined;
};

export function makeDoor(log: Log): DemoDoor {
  let hasCome = false;
  let now: Instant | null = null;
  let house: DemoHouse | undefined;
  let open: (() => Promise<DemoHouse>) | undefined;
  const enter = () => {
    if (!open || !hasCome) return;
    const opening = open();
    open = undefined;
    opening.then(
      (opened) => (house = opened),
      (error: unknown) => log.error("demo.not-opened", { error }),
    );
  };
  return {
    knock: () => {
      hasCome = true;
      enter();
    },
    hasCome: () => hasCome,
    passed: (at) => void (now = at),
    now: () => now,
    unlock: (opens) => {
      open = opens;
      enter();
    },
    house: () => house,
  };
}
