/** How often a fault strikes before it is spent; always when left out. */
export type Limited = { readonly times?: number };

/** The faults a stand-in shall show, which may be changed while it runs. */
export type FaultScript<Fault extends Limited> = {
  /** From now on these faults and no others. */
  set(faults: readonly Fault[]): void;
  /** The first fault that fits and is not spent; it counts as having struck. */
  take(fits: (fault: Fault) => boolean): Fault | undefined;
};

/** A script that starts with these faults. */
export function createFaultScript<Fault extends Limited>(faults: readonly Fault[] = []): FaultScript<Fault> {
  let live: { fault: Fault; left: number }[] = [];
  const script: FaultScript<Fault> = {
    set(faults) {
      live = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
    },
    take(fits) {
      const striking = live.find(({ fault, left }) => left > 0 && fits(fault));
      if (striking) striking.left--;
      return striking?.fault;
    },
  };
  script.set(faults);
  return script;
}
