import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { bundleHints } from "../../src/workers/bundle-hints.ts";
import { makeSendGate } from "../../src/workers/send-gate.ts";

const hint = (size: number): TouchpointId[] => Array.from({ length: size }, () => newId<"touchpoint">());

/** A worker whose bundles end when they are told to. */
function watchBundles(room: number) {
  const bundles: { ids: readonly TouchpointId[]; end: () => void; fail: () => void }[] = [];
  const send = bundleHints(makeSendGate({ least: room, most: room }), (ids, slots) => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<TouchpointId, string>>();
    bundles.push({
      ids,
      end: () => (slots.giveBack(slots.held), resolve(new Map(ids.map((id) => [id, "sent"])))),
      fail: () => reject(new Error("away")),
    });
    return promise;
  });
  return { bundles, send };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("hints", () => {
  test("go alone and at once while there is room", async () => {
    const { bundles, send } = watchBundles(100);
    const [first, second] = [hint(1), hint(1)];
    void send(first);
    await settle();
    void send(second);
    await settle();
    expect(bundles.map(({ ids }) => ids)).toEqual([first, second]);
  });

  test("that come while there is none wait together and go together, as many whole ones as fit", async () => {
    const { bundles, send } = watchBundles(4);
    const hints = [hint(4), hint(2), hint(2), hint(1)];
    const ended = hints.map(send);
    await settle();
    bundles[0]?.end();
    await settle();
    expect(bundles[1]?.ids).toEqual([...(hints[1] ?? []), ...(hints[2] ?? [])]);
    bundles[1]?.end();
    await settle();
    bundles[2]?.end();
    expect((await Promise.all(ended)).map((words) => words.size)).toEqual([4, 4, 4, 1]);
  });

  test("of a bundle that failed fail together, and the next ones find their room again", async () => {
    const { bundles, send } = watchBundles(2);
    const failing = send(hint(2));
    await settle();
    bundles[0]?.fail();
    await expect(failing).rejects.toThrow("away");
    const next = hint(2);
    void send(next);
    await settle();
    expect(bundles[1]?.ids).toEqual(next);
  });

  test("larger than the whole gate go all the same", async () => {
    const { bundles, send } = watchBundles(2);
    const large = hint(5);
    void send(large);
    await settle();
    expect(bundles[0]?.ids).toEqual(large);
  });
});
