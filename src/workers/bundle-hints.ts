/**
 * Hints that come while there is no room wait together and go together: loaded, claimed and recorded in the same statements. A claim of ten rows costs PostgreSQL
 * three times as much a row as one of a hundred; alone, a hint waits for nobody.
 */
import type { TouchpointId } from "../domain/ids.ts";
import type { SendGate, Slots } from "./send-gate.ts";

type Waiting<Result> = {
  readonly ids: readonly TouchpointId[];
  readonly done: (results: ReadonlyMap<TouchpointId, Result>) => void;
  readonly failed: (error: unknown) => void;
};

/** `work` gets the ids of one or more whole hints, and slots: as many as there are ids unless the gate has fewer in all. It gives back what it does not need. */
export function bundleHints<Result>(
  gate: SendGate,
  work: (ids: readonly TouchpointId[], slots: Slots) => Promise<ReadonlyMap<TouchpointId, Result>>,
): (ids: readonly TouchpointId[]) => Promise<ReadonlyMap<TouchpointId, Result>> {
  const waiting: Waiting<Result>[] = [];
  let serving = false;
  const serve = async () => {
    serving = true;
    while (waiting.length > 0) {
      const slots = await gate.take(() => waiting.reduce((sum, { ids }) => sum + ids.length, 0));
      const bundle = takeFitting(waiting, slots.held);
      const ids = bundle.flatMap((each) => each.ids);
      slots.giveBack(slots.held - ids.length);
      void finish(work(ids, slots), { bundle, slots });
    }
    serving = false;
  };
  return (ids) =>
    new Promise((done, failed) => {
      waiting.push({ ids, done, failed });
      if (!serving) void serve();
    });
}

async function finish<Result>(
  working: Promise<ReadonlyMap<TouchpointId, Result>>,
  { bundle, slots }: { bundle: readonly Waiting<Result>[]; slots: Slots },
): Promise<void> {
  try {
    const results = await working;
    for (const { done } of bundle) done(results);
  } catch (error) {
    for (const { failed } of bundle) failed(error);
  } finally {
    slots.giveBack(slots.held);
  }
}

/** The first hint always, and the ones after it as long as there is room. */
function takeFitting<Result>(waiting: Waiting<Result>[], room: number): Waiting<Result>[] {
  let count = 1;
  let size = waiting[0]?.ids.length ?? 0;
  for (const { ids } of waiting.slice(1)) {
    size += ids.length;
    if (size > room) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
