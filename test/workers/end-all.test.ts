import { expect, test } from "vitest";
import { endAll } from "../../src/workers/end-all.ts";

test("a work that fails is told of only when all others have ended", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const heard: string[] = [];
  const all = endAll([Promise.reject(new Error("no line")), promise.then(() => heard.push("the other ended"))]).catch((error: unknown) => {
    heard.push("failed");
    return error;
  });
  await Promise.resolve();
  resolve();
  expect(await all).toMatchObject({ message: "1 of 2 failed", errors: [{ message: "no line" }] });
  expect(heard).toEqual(["the other ended", "failed"]);
});

test("nothing to do, and nothing that fails, is no fault", async () => {
  await endAll([]);
  await endAll([Promise.resolve()]);
});
