import { describe, expect, test } from "vitest";
import { type ContactInput, parseContact } from "../../src/domain/parse-contact.ts";
import { at, zone } from "./aspen-ridge.ts";

const now = at("2027-01-11T16:00:00Z");
const clinic = { slug: "aspen-ridge", zone: zone("America/Denver"), country: "US", locale: "en" } as const;
const read = (input: ContactInput) => parseContact(input, { clinic, now });
const faultsOf = (input: ContactInput) => {
  const parsed = read(input);
  return parsed.ok ? [] : parsed.faults.map(({ path }) => path);
};

describe("a change of contact", () => {
  test("leaves out what it does not name, and takes null for none any more", () => {
    expect(read({})).toMatchObject({ ok: true, value: { consents: [] } });
    const parsed = read({ phone: null, name: undefined });
    expect(parsed.ok && Object.keys(parsed.value).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["consents", "phone"]);
    expect(parsed).toMatchObject({ value: { phone: null } });
  });

  test("reads numbers, addresses, names and locales as a series does", () => {
    expect(read({ phone: "(303) 555-0119", email: "Ana@Patients.Example.org", name: " Marta  Ortiz ", locale: "es" })).toMatchObject({
      ok: true,
      value: { phone: "+13035550119", email: "Ana@patients.example.org", locale: "es" },
    });
  });

  test("lists everything that is wrong at once", () => {
    expect(
      faultsOf({ phone: "911", email: "nobody", name: " ", locale: "fr", consent: [{ to: "sms", source: "call", at: "tomorrow" }] }),
    ).toEqual(["phone", "email", "name", "locale", "consent[0].at"]);
  });

  test("takes a consent with source and time, and none of the future", () => {
    expect(read({ consent: [{ to: "sms", source: "phone call", at: "2027-01-11T08:59-07:00" }] })).toMatchObject({
      ok: true,
      value: { consents: [{ to: "sms", source: "phone call", at: at("2027-01-11T15:59:00Z"), wording: null }] },
    });
    expect(faultsOf({ consent: [{ to: "sms", source: "phone call", at: "2027-01-11T09:01-07:00" }] })).toEqual(["consent[0].at"]);
    expect(faultsOf({ consent: [{ to: "sms", at: "2027-01-11" }] })).toEqual(["consent[0].source"]);
  });
});
