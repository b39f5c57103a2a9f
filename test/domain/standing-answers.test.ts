import { expect, test } from "vitest";
import { standingAnswers } from "../../src/domain/standing-answers.ts";

test("of answers that contradict each other the last one stands, and the rest stays", () => {
  expect([...standingAnswers(["confirmed", "driver-named", "asks-to-move"])]).toEqual(["driver-named", "asks-to-move"]);
  expect([...standingAnswers(["asks-to-move", "confirmed", "confirmed"])]).toEqual(["confirmed"]);
  expect([...standingAnswers([])]).toEqual([]);
});
