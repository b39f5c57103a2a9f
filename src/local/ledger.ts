import { EventEmitter, once } from "node:events";

/** Everything a stand-in accepted, in order: what really left the house, whatever the sender believes. */
export type Ledger<Entry> = {
  add(entry: Entry): void;
  entries(): readonly Entry[];
  /** The entries as soon as there are at least `count`; throws with what there is when that takes longer than `withinMs`. */
  waitFor(count: number, limit: { withinMs: number }): Promise<readonly Entry[]>;
  /** Forgets what it holds, to start a new count. */
  clear(): void;
};

/** An empty ledger; `noun` names its entries in the error of a wait that was in vain. */
export function createLedger<Entry>(noun: string): Ledger<Entry> {
  let entries: Entry[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);

  async function waitFor(count: number, { withinMs }: { withinMs: number }): Promise<readonly Entry[]> {
    const signal = AbortSignal.timeout(withinMs);
    try {
      while (entries.length < count) await once(arrivals, "added", { signal });
    } catch (error) {
      throw new Error(`Only ${entries.length} of ${count} ${noun} within ${withinMs} ms.`, { cause: error });
    }
    return entries;
  }

  return {
    add(entry) {
      entries.push(entry);
      arrivals.emit("added");
    },
    entries: () => entries,
    waitFor,
    clear() {
      entries = [];
    },
  };
}
