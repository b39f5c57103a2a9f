import { describe, expect, test } from "vitest";
import { makeSendGate } from "../../src/workers/send-gate.ts";

/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a send gate", () => {
  test("gives no more slots than it has, and no more than are asked for", async () => {
    const gate = makeSendGate({ least: 6, most: 6 });
    expect((await gate.take(() => 2)).held).toBe(2);
    expect((await gate.take(() => 50)).held).toBe(4);
  });

  test("lets who wants many wait for half of its slots, and who wants one for one", async () => {
    const gate = makeSendGate({ least: 6, most: 60 }, () => 0);
    const first = await gate.take(() => 6);
    let got = 0;
    const second = gate.take(() => 50).then(({ held }) => (got = held));
    first.giveBack(2);
    await settle();
    expect(got).toBe(0);
    first.giveBack(1);
    await second;
    expect(got).toBe(3);
    const third = gate.take(() => 1);
    first.giveBack(1);
    expect((await third).held).toBe(1);
  });

  test("at its most waits for half of its slots, and gives what is wanted by then", async () => {
    const gate = makeSendGate({ least: 6, most: 6 });
    const first = await gate.take(() => 6);
    let wanted = 1;
    let got = 0;
    const second = gate.take(() => wanted).then(({ held }) => (got = held));
    first.giveBack(2);
    await settle();
    expect(got).toBe(0);
    wanted = 3;
    first.giveBack(1);
    await second;
    expect(got).toBe(3);
  });

  test("makes the next one wait until a slot comes back", async () => {
    const gate = makeSendGate({ least: 1, most: 1 });
    const first = await gate.take(() => 1);
    const order: string[] = [];
    const second = gate.take(() => 1).then(({ held }) => order.push(`second got ${held}`));
    await settle();
    order.push("first gives back");
    first.giveBack(1);
    await second;
    expect(order).toEqual(["first gives back", "second got 1"]);
  });

  test("gives a slot back once, however often it is given back", async () => {
    const gate = makeSendGate({ least: 2, most: 2 });
    const slots = await gate.take(() => 2);
    slots.giveBack(1);
    slots.giveBack(50);
    slots.giveBack(1);
    expect(slots.held).toBe(0);
    expect((await gate.take(() => 50)).held).toBe(2);
  });

  test("serves many who wait, without losing or making a slot", async () => {
    const gate = makeSendGate({ least: 4, most: 4 });
    let held = 0;
    let most = 0;
    const work = async () => {
      const slots = await gate.take(() => 2);
      held += slots.held;
      most = Math.max(most, held);
      await settle();
      held -= slots.held;
      slots.giveBack(slots.held);
    };
    await Promise.all(Array.from({ length: 40 }, work));
    expect(most).toBe(4);
    expect((await gate.take(() => 50)).held).toBe(4);
  });

  test("once closed gives nothing, not even to who is waiting", async () => {
    const gate = makeSendGate({ least: 1, most: 1 });
    await gate.take(() => 1);
    const waiting = gate.take(() => 1);
    gate.close();
    expect((await waiting).held).toBe(0);
    expect((await gate.take(() => 1)).held).toBe(0);
  });

  test("grows to what ends in half a second, and shrinks again to its least", async () => {
    let now = 0;
    const gate = makeSendGate({ least: 2, most: 50 }, () => now);
    const end = async (count: number, afterMs: number) => {
      const slots = await gate.take(() => count);
      now += afterMs;
      slots.giveBack(slots.held);
    };
    const room = async () => {
      const slots = await gate.take(() => 1_000);
      const { held } = slots;
      slots.giveBack(0);
      return { held, end: (afterMs: number) => ((now += afterMs), slots.giveBack(held)) };
    };
    await end(2, 100);
    const grown = await room();
    expect(grown.held).toBe(10);
    grown.end(100);
    const full = await room();
    expect(full.held).toBe(50);
    full.end(60_000);
    expect((await room()).held).toBe(2);
  });

  test("while paused gives nothing, and once resumed as before", async () => {
    const gate = makeSendGate({ least: 1, most: 1 });
    gate.pause();
    expect((await gate.take(() => 1)).held).toBe(0);
    gate.resume();
    expect((await gate.take(() => 1)).held).toBe(1);
  });
});
