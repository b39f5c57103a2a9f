import { describe, expect, test } from "vitest";
import { makeSendGate } from "../../src/workers/send-gate.ts";

/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a send gate", () => {
  test("gives no more slots than it has, and no more than are asked for", async () => {
    const gate = makeSendGate(6);
    expect((await gate.take(2)).held).toBe(2);
    expect((await gate.take(50)).held).toBe(4);
  });

  test("lets who wants many wait for half of its slots, and who wants one for one", async () => {
    const gate = makeSendGate(6);
    const first = await gate.take(6);
    let got = 0;
    const second = gate.take(50).then(({ held }) => (got = held));
    first.giveBack(2);
    await settle();
    expect(got).toBe(0);
    first.giveBack(1);
    await second;
    expect(got).toBe(3);
    const third = gate.take(1);
    first.giveBack(1);
    expect((await third).held).toBe(1);
  });

  test("makes the next one wait until a slot comes back", async () => {
    const gate = makeSendGate(1);
    const first = await gate.take(1);
    const order: string[] = [];
    const second = gate.take(1).then(({ held }) => order.push(`second got ${held}`));
    await settle();
    order.push("first gives back");
    first.giveBack(1);
    await second;
    expect(order).toEqual(["first gives back", "second got 1"]);
  });

  test("gives a slot back once, however often it is given back", async () => {
    const gate = makeSendGate(2);
    const slots = await gate.take(2);
    slots.giveBack(1);
    slots.giveBack(50);
    slots.giveBack(1);
    expect(slots.held).toBe(0);
    expect((await gate.take(50)).held).toBe(2);
  });

  test("serves many who wait, without losing or making a slot", async () => {
    const gate = makeSendGate(4);
    let held = 0;
    let most = 0;
    const work = async () => {
      const slots = await gate.take(2);
      held += slots.held;
      most = Math.max(most, held);
      await settle();
      held -= slots.held;
      slots.giveBack(slots.held);
    };
    await Promise.all(Array.from({ length: 40 }, work));
    expect(most).toBe(4);
    expect((await gate.take(50)).held).toBe(4);
  });

  test("once closed gives nothing, not even to who is waiting", async () => {
    const gate = makeSendGate(1);
    await gate.take(1);
    const waiting = gate.take(1);
    gate.close();
    expect((await waiting).held).toBe(0);
    expect((await gate.take(1)).held).toBe(0);
  });
});
