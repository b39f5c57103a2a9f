/** How many sends of one channel may be under way in this process: as many as it has connections, so that nothing is claimed that cannot be sent now. */
export type SendGate = {
  /** Waits until at least one slot is free and takes up to `most` of them. */
  take(most: number): Promise<number>;
  /** Gives one slot back. */
  release(): void;
};

export function makeSendGate(slots: number): SendGate {
  let free = slots;
  const waiting: (() => void)[] = [];
  return {
    take: async (most) => {
      while (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const taken = Math.min(free, most);
      free -= taken;
      return taken;
    },
    release: () => {
      free += 1;
      waiting.shift()?.();
    },
  };
}
