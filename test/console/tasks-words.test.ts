import { expect, test } from "vitest";
import { sayTask } from "../../src/http/console/tasks-words.ts";

test.each([
  ["a call says what about", "call", "day-before", "Call: day before"],
  ["a kind that says all says nothing twice", "record-outcome", "record-outcome", "Record what happened"],
  ["nor does the one about another system", "tell-system", "system-not-told", "Another system hears nothing"],
])("the title of a task: %s", (_, kind, template, title) => {
  expect(sayTask(kind, template)).toBe(title);
});
