/** How many sends of one channel may be under way in this process, so that no more is claimed than soon finds a connection. */
export type Slots = {
  /** How many are held still. */
  readonly held: number;
  /** Gives so many back; more than are held gives back all. */
  giveBack(count: number): void;
};

export type SendGate = {
  /** Waits until `most` slots are free, or half of all, and takes up to `most`; first come, first served. A closed gate gives none. */
  take(most: number): Promise<Slots>;
  /** From now on nobody gets a slot, not even who is waiting. What is under way goes on. */
  close(): void;
};

/** Claims are made in bites of half the slots: one slot alone, as each becomes free, would make every set-based statement carry one row. */
export function makeSendGate(slots: number): SendGate {
  const bite = Math.ceil(slots / 2);
  let free = slots;
  let closed = false;
  const waiting: { readonly most: number; readonly admit: (held: Slots) => void }[] = [];
  const release = (count: number) => {
    free += count;
    for (let [first] = waiting; first && (closed || free >= Math.min(first.most, bite)); [first] = waiting) {
      waiting.shift();
      const taken = closed ? 0 : Math.min(free, first.most);
      free -= taken;
      first.admit(holdSlots(taken, release));
    }
  };
  return {
    take: (most) =>
      new Promise((resolve) => {
        waiting.push({ most, admit: resolve });
        release(0);
      }),
    close: () => {
      closed = true;
      release(0);
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
      held -= back;
      release(back);
    },
  };
}
