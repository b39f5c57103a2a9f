import fc from "fast-check";
import { SegmentedMessage } from "sms-segments-calculator";
import { expect, test } from "vitest";
import { countSegments, fitSms } from "../../src/messages/sms-segments.ts";

test.each([
  ["a", 160, 1],
  ["a", 161, 2],
  ["a", 306, 2],
  ["a", 307, 3],
  ["á", 70, 1],
  ["á", 71, 2],
  ["á", 134, 2],
  ["á", 135, 3],
])("%s times %i takes %i segments", (character, times, segments) => {
  expect(countSegments(character.repeat(times)).segments).toBe(segments);
});

test("our count is the carrier library's count for any text", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "Z", " ", "9", ".", "/", "ñ", "¿", "é", "á", "ó", "€", "[", "李", "🙂", "Δ", "e\u0301", "\n"),
    maxLength: 330,
  });
  fc.assert(
    fc.property(text, (body) => {
      const { segmentsCount, encodingName } = new SegmentedMessage(body);
      expect(countSegments(body)).toEqual({ segments: segmentsCount, encoding: encodingName });
    }),
  );
});

test("accents stay while they cost nothing and give way where they cost a segment", () => {
  expect(fitSms("Su sesión es mañana").body).toBe("Su sesión es mañana");
  const long = `Su sesión es mañana. ${"Le esperamos. ".repeat(8)}`;
  expect(fitSms(long)).toEqual({ body: long.replace("sesión", "sesion"), segments: 1, encoding: "GSM-7" });
});

test("quotes and dashes give way, letters of other scripts stay", () => {
  expect(fitSms(`“Ana’s” – ${"x".repeat(80)}…`).body).toBe(`"Ana's" - ${"x".repeat(80)}...`);
  const chinese = `李 ${"é".repeat(80)}`;
  expect(fitSms(chinese)).toMatchObject({ body: chinese, encoding: "UCS-2" });
});
