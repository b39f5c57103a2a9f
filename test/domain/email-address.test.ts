import { describe, expect, test } from "vitest";
import { parseEmail } from "../../src/domain/email-address.ts";

const LABEL = "b".repeat(60);

describe("one bare address is read", () => {
  test.each([
    ["as it is", "ana@example.org", "ana@example.org"],
    ["with a plus tag", "ana+clinic@example.org", "ana+clinic@example.org"],
    ["with the domain in lower case and the rest as written", "Ana.Ortiz@EXAMPLE.Org", "Ana.Ortiz@example.org"],
    ["with an apostrophe", "o'brien@example.org", "o'brien@example.org"],
    ["with the domain as A-labels", "jorg@exämple.de", "jorg@xn--exmple-cua.de"],
    ["with a domain that is punycode already", "jorg@xn--exmple-cua.de", "jorg@xn--exmple-cua.de"],
    ["with a right-to-left domain", "ana@مثال.إختبار", "ana@xn--mgbh0fb.xn--kgbechtv"],
    ["between spaces", " ana@example.org\u00A0", "ana@example.org"],
    ["with 64 characters before the @", `${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
    ["with 254 characters", `${"a".repeat(63)}@${LABEL}.${LABEL}.${LABEL}.example`, `${"a".repeat(63)}@${LABEL}.${LABEL}.${LABEL}.example`],
  ])("%s", (_, text, address) => {
    expect(parseEmail(text)).toEqual({ ok: true, value: address });
  });
});

describe("what is not one bare address is refused with what would be right", () => {
  test.each([
    ["nothing", "", "with an @"],
    ["no @", "ana.example.org", "with an @"],
    ["two @", "ana@@example.org", "one @"],
    ["nothing before the @", "@example.org", "before the @"],
    ["nothing after the @", "ana@", "a valid domain"],
    ["a line break and a header", "ana@example.org\r\nBcc: ben@example.org", "invisible characters"],
    ["a lone line feed at the end", "ana@example.org\n", "invisible characters"],
    ["two addresses with a comma", "ana@example.org,ben@example.org", "one address"],
    ["two addresses with a semicolon", "ana@example.org;ben@example.org", "one address"],
    ["two addresses with a space", "ana@example.org ben@example.org", "without spaces"],
    ["a display name", "Ana <ana@example.org>", "bare address"],
    ["a quoted local part", '"ana"@example.org', "without quotation marks"],
    ["a comment", "ana(home)@example.org", "without comments"],
    ["a domain without a dot", "a@b", "a dot"],
    ["a dot at the end", "ana@example.org.", "without a dot at its end"],
    ["65 characters before the @", `${"a".repeat(65)}@example.org`, "at most 64"],
    ["255 characters", `${"a".repeat(64)}@${LABEL}.${LABEL}.${LABEL}.example`, "at most 254"],
    ["a label of 64 characters", `ana@${"b".repeat(64)}.org`, "a valid domain"],
    ["a local part that is not ASCII", "jörg@example.org", "SMTPUTF8"],
    ["a right-to-left local part", "مثال@example.org", "SMTPUTF8"],
    ["localhost", "ana@localhost", "reached from outside"],
    ["a host under localhost", "ana@mail.localhost", "reached from outside"],
    ["an address literal", "ana@[127.0.0.1]", "not an IP address"],
    ["a bare IP address", "ana@127.0.0.1", "not an IP address"],
    ["a short IP address", "ana@127.1", "not an IP address"],
    ["a top-level domain of digits", "ana@example.123", "a valid domain"],
    ["a zero-width space in the name", "a\u200Bna@example.org", "zero-width space"],
    ["a zero-width space in the domain", "ana@exam\u200Bple.org", "zero-width space"],
    ["a direction override", "ana@\u202Egro.elpmaxe", "turns the reading direction"],
    ["a NUL", "ana\u0000@example.org", "NUL"],
    ["a percent-coded domain", "ana@ex%61mple.org", "a valid domain"],
    ["an underscore in the domain", "ana@foo_bar.org", "a valid domain"],
    ["a hyphen at the edge of a label", "ana@-example.org", "a valid domain"],
    ["a dot at the edge of the name", ".ana@example.org", "single dots"],
    ["two dots in a row", "a..na@example.org", "single dots"],
  ])("%s", (_, text, expected) => {
    expect(parseEmail(text)).toEqual({ ok: false, expected: expect.stringContaining(expected) });
  });
});
