import { describe, expect, test } from "vitest";
import { formatInstant } from "../../src/domain/calendar.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { CONTEXT, faultsOf, patient, series, valueOf } from "./aspen-ridge.ts";

const read = (input: unknown) => parseSeries(input, CONTEXT);

describe("consent", () => {
  const consents = (consent: unknown) => read(series({ patient: patient({ consent }) }));

  test("a list and a map of channels say the same", () => {
    const given = { source: "intake form", at: "2027-01-03T14:05-07:00" };
    const list = valueOf(
      consents([
        { to: "sms", ...given },
        { to: "detail", ...given, wording: "2026-10" },
      ]),
    ).patient.consents;
    expect(list).toEqual(valueOf(consents({ sms: given, detail: { ...given, wording: "2026-10" } })).patient.consents);
    expect(list.map(({ at, ...others }) => ({ ...others, at: formatInstant(at) }))).toEqual([
      { to: "sms", source: "intake form", at: "2027-01-03T21:05:00.000Z", wording: null },
      { to: "detail", source: "intake form", at: "2027-01-03T21:05:00.000Z", wording: "2026-10" },
    ]);
  });

  test("a bare day counts from its first minute on the clinic's wall, today included", () => {
    const [consent] = valueOf(consents({ sms: { source: "form", at: "2027-01-04" } })).patient.consents;
    expect(consent && formatInstant(consent.at)).toBe("2027-01-04T07:00:00.000Z");
  });

  test.each<[string, unknown, string, string]>([
    ["a moment to come", { sms: { source: "form", at: "2027-01-04T15:01Z" } }, "patient.consent.sms.at", "a moment that has been"],
    ["a day to come", [{ to: "sms", source: "form", at: "2027-01-05" }], "patient.consent[0].at", "a moment that has been"],
    ["a moment without its offset", [{ to: "sms", source: "form", at: "2027-01-03T14:05" }], "patient.consent[0].at", "with its offset"],
    ["a day that does not exist", { sms: { source: "form", at: "2026-02-30" } }, "patient.consent.sms.at", "with its offset"],
    [
      "a moment on a day that does not exist",
      { sms: { source: "form", at: "2026-02-30T10:00Z" } },
      "patient.consent.sms.at",
      "with its offset",
    ],
    ["no source", { sms: { at: "2027-01-03" } }, "patient.consent.sms.source", "a text"],
    ["a channel that is none", { fax: { source: "form", at: "2027-01-03" } }, "patient.consent.fax", "sms, email, detail"],
    ["a channel twice", [1, 2].map(() => ({ to: "sms", source: "form", at: "2027-01-03" })), "patient.consent[1]", "each channel once"],
    [
      "a map that names another channel",
      { sms: { to: "email", source: "form", at: "2027-01-03" } },
      "patient.consent.sms.to",
      "no such key",
    ],
    ["a bare yes", true, "patient.consent", "a list"],
  ])("%s is refused", (_, consent, path, expected) => {
    expect(faultsOf(consents(consent))).toMatchObject([{ path, expected: expect.stringContaining(expected) }]);
  });

  test("consent to texts without a phone is accepted with a warning", () => {
    const parsed = read(series({ patient: patient({ phone: undefined, consent: { sms: { source: "form", at: "2027-01-03" } } }) }));
    expect(parsed).toMatchObject({ ok: true, warnings: ["patient: consent to sms, but no phone"] });
  });
});
