import { SegmentedMessage } from "sms-segments-calculator";
import { expect, test } from "vitest";
import { countSegments } from "../../src/local/twilio-messages.ts";

test.each([
  ["a", 160],
  ["a", 161],
  ["a", 306],
  ["a", 307],
  ["€", 80],
  ["€", 81],
  ["ñ", 160],
  ["á", 70],
  ["á", 71],
  ["á", 134],
  ["á", 135],
  ["’", 71],
  ["\n", 160],
])("%j, %i times, takes as many segments as Twilio's own calculator says", (character, times) => {
  const text = character.repeat(times);
  expect(countSegments(text)).toBe(new SegmentedMessage(text).segmentsCount);
});
