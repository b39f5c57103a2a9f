import { expect, test } from "vitest";
import { keepAnswer } from "../../src/http/keep-answer.ts";

test("those who ask at once share one question, and the answer is kept for a while", async () => {
  let asked = 0;
  const ask = keepAnswer(async () => ++asked, { forMs: 60_000 });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(1);
  expect(asked).toBe(1);
});

test("an answer that is not kept is asked for anew", async () => {
  let asked = 0;
  const ask = keepAnswer(async () => ++asked, { forMs: 0 });
  expect([await ask(), await ask()]).toEqual([1, 2]);
});

test("a question that failed is asked again, and tells everybody who waited", async () => {
  let asked = 0;
  const ask = keepAnswer(
    async () => {
      asked += 1;
      if (asked === 1) throw new Error("away");
      return asked;
    },
    { forMs: 60_000 },
  );
  const [first, second] = await Promise.allSettled([ask(), ask()]);
  expect([first.status, second.status]).toEqual(["rejected", "rejected"]);
  expect(await ask()).toBe(2);
});
