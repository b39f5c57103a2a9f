import { expect, test } from "vitest";
import { describeDown } from "../../src/cli/describe-down.ts";

const thrown = (message: string, fields: Record<string, string> = {}) => Object.assign(new Error(message), fields);

test("a database that takes no writes is something that is down, and no defect", () => {
  const standby = thrown("cannot execute INSERT in a read-only transaction", { code: "25006" });
  expect(describeDown(standby)).toMatch(/^the database takes no writes/);
  expect(describeDown(new Error("while it registered", { cause: standby }))).toMatch(/^the database takes no writes/);
});

test("a defect is not taken for something that is down", () => {
  expect(describeDown(thrown("syntax error at or near", { code: "42601" }))).toBeUndefined();
  expect(describeDown(new TypeError("undefined is not a function"))).toBeUndefined();
});
