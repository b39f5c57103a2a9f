/** How many sends of one channel may be under way in this process: as many as it ends in half a second, so that nothing is claimed that must wait long for a connection. */
import { monotonicMs } from "../clock.ts";

export type Slots = {
  /** How many are held still. */
  readonly held: number;
  /** Gives so many back; more than are held gives back all, less than none nothing. */
  giveBack(count: number): void;
};

export type SendGate = {
  /**
   * Waits until as many slots are free as are wanted, or half of all, and takes as many as are wanted by then; first come, first served. With all its room in
   * use a gate waits for half in any case: what comes meanwhile goes together. A closed gate gives none.
   */
  take(wanted: () => number): Promise<Slots>;
  /** From now on nobody gets a slot, not even who is waiting. What is under way goes on. */
  close(): void;
  /** As closed, until {@link resume}: who asks or waits meanwhile gets none and leaves its rows to be hinted again. */
  pause(): void;
  resume(): void;
};

export type GateRoom = {
  /** Slots at first and at least: the channel's connections. */
  readonly least: number;
  /** Slots at most: what a kill may leave unknown. */
  readonly most: number;
};

const AHEAD_MS = 500;
/** Over how long a rate is counted at least. */
const COUNTED_MS = 100;

/** Claims are made in bites of half the slots: one slot alone, as each becomes free, would make every set-based statement carry one row. */
export function makeSendGate({ least, most }: GateRoom, now: () => number = monotonicMs): SendGate {
  let capacity = least;
  let held = 0;
  let closed = false;
  let paused = false;
  let counting = { since: now(), ended: 0 };
  const waiting: { readonly wanted: () => number; readonly admit: (held: Slots) => void }[] = [];
  const admit = () => {
    const shut = closed || paused;
    for (let [first] = waiting; first; [first] = waiting) {
      const free = Math.max(0, capacity - held);
      const half = Math.ceil(capacity / 2);
      if (!shut && free < (capacity < most ? Math.min(first.wanted(), half) : half)) return;
      waiting.shift();
      const taken = shut ? 0 : Math.min(free, first.wanted());
      held += taken;
      first.admit(holdSlots(taken, release));
    }
  };
  const release = (count: number) => {
    held -= count;
    counting.ended += count;
    const elapsed = now() - counting.since;
    if (elapsed >= COUNTED_MS) {
      capacity = Math.min(most, Math.max(least, Math.round((counting.ended / elapsed) * AHEAD_MS)));
      counting = { since: now(), ended: 0 };
    }
    admit();
  };
  return {
    take: (wanted) =>
      new Promise((resolve) => {
        if (held === 0) counting = { since: now(), ended: 0 };
        waiting.push({ wanted, admit: resolve });
        admit();
      }),
    close: () => {
      closed = true;
      admit();
    },
    pause: () => {
      paused = true;
      admit();
    },
    resume: () => {
      paused = false;
    },
  };
}

function holdSlots(taken: number, release: (count: number) => void): Slots {
  let held = taken;
  return {
    get held() {
      return held;
    },
    giveBack: (count) => {
      const back = Math.min(count, held);
      if (back <= 0) return;
      held -= back;
      release(back);
    },
  };
}
