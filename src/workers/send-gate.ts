/** How many sends of one channel may be under way in this process: as many as it has connections, so that nothing is claimed that cannot be sent now. */
export type Slots = {
  /** How many are held still. */
  readonly held: number;
  /** Gives so many back; more than are held gives back all. */
  giveBack(count: number): void;
};

export type SendGate = {
  /** Waits until at least one slot is free and takes up to `most` of them; a closed gate gives none. */
  take(most: number): Promise<Slots>;
  /** From now on nobody gets a slot, not even who is waiting. What is under way goes on. */
  close(): void;
};

export function makeSendGate(slots: number): SendGate {
  let free = slots;
  let closed = false;
  const waiting: (() => void)[] = [];
  const release = (count: number) => {
    free += count;
    for (let woken = 0; woken < count; woken++) waiting.shift()?.();
  };
  return {
    take: async (most) => {
      while (free === 0 && !closed) await new Promise<void>((resolve) => waiting.push(resolve));
      const taken = closed ? 0 : Math.min(free, most);
      free -= taken;
      return holdSlots(taken, release);
    },
    close: () => {
      closed = true;
      for (const wake of waiting.splice(0)) wake();
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
