/** Repeats a piece of work, one run at a time, every so often and whenever it is woken; a run that fails is logged and the next one comes all the same. */
export type Repeater = {
  /** Runs as soon as the present run, if any, is over. */
  wake(): void;
  /** Starts no further run and waits for the present one. */
  stop(): Promise<void>;
};

export function runEvery(everyMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void): Repeater {
  let stopped = false;
  let woken = false;
  let ring: (() => void) | undefined;
  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = (async () => {
    while (!stopped) {
      woken = false;
      await work().catch(onError);
      if (!woken && !stopped) await rest();
    }
  })();
  const wake = () => {
    woken = true;
    ring?.();
  };
  return {
    wake,
    stop: async () => {
      stopped = true;
      wake();
      await loop;
    },
  };
}
