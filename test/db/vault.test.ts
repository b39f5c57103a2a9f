import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hashToken, makeLinkTokens } from "../../src/db/link-tokens.ts";
import { makeVault, type Place, SealBroken } from "../../src/db/vault.ts";
import { newId } from "../../src/clock.ts";

const key = () => randomBytes(32);
const ringOf = (...ids: [string, Buffer][]) => ({ keys: new Map(ids) });
const indexKey = key();
const first = key();
const vault = makeVault({ ring: ringOf(["k1", first]), indexKey });
const place: Place = { table: "patients", column: "name_sealed", row: newId() };

describe("a sealed value", () => {
  test.each(["Ana Ortiz", "", "陈伟", "x".repeat(10_000), "a\u0000b"])("opens where it was sealed: %j", (text) => {
    expect(vault.open(vault.seal(text, place), place)).toBe(text);
  });

  test("says nothing of the text and differs each time", () => {
    const sealed = vault.seal("Ana Ortiz", place);
    expect(sealed.includes("Ana")).toBe(false);
    expect(vault.seal("Ana Ortiz", place).equals(sealed)).toBe(false);
  });

  test("a thousand values never share a nonce", () => {
    const nonces = Array.from({ length: 1_500 }, () => vault.seal("x", place).subarray(4, 16).toString("hex"));
    expect(new Set(nonces).size).toBe(1_500);
  });

  test("does not open with any one byte flipped", () => {
    const sealed = vault.seal("Ana", place);
    for (let at = 0; at < sealed.length; at++) {
      const broken = Buffer.from(sealed);
      broken[at] = (broken[at] ?? 0) ^ 0x01;
      expect(() => vault.open(broken, place), `byte ${at} of ${sealed.length}`).toThrow(SealBroken);
    }
  });

  test("does not open cut short at any byte", () => {
    const sealed = vault.seal("Ana", place);
    for (let length = 0; length < sealed.length; length++)
      expect(() => vault.open(sealed.subarray(0, length), place), `${length} bytes`).toThrow(SealBroken);
  });

  test.each([
    ["row", { ...place, row: newId() }],
    ["column", { ...place, column: "phone_sealed" }],
    ["table", { ...place, table: "escorts" }],
  ])("does not open in another %s", (_, elsewhere) => {
    expect(() => vault.open(vault.seal("Ana", place), elsewhere)).toThrow(SealBroken);
  });

  test("the error names the place and never the value", () => {
    const sealed = vault.seal("Ana Ortiz", place);
    try {
      vault.open(sealed, { ...place, row: newId() });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toBe("SealBroken: A sealed value of patients.name_sealed does not open");
    }
  });
});

describe("a key ring", () => {
  test("reads with every key on it and writes with the first", () => {
    const old = vault.seal("Ana", place);
    const rotated = makeVault({ ring: ringOf(["k2", key()], ["k1", first]), indexKey });
    expect(rotated.open(old, place)).toBe("Ana");
    const fresh = rotated.seal("Ana", place);
    expect(fresh.subarray(2, 4).toString()).toBe("k2");
    expect(() => vault.open(fresh, place)).toThrow(SealBroken);
  });

  test("without the key that sealed it, a value does not open, even under the same name", () => {
    const sealed = vault.seal("Ana", place);
    expect(() => makeVault({ ring: ringOf(["k2", first]), indexKey }).open(sealed, place)).toThrow(SealBroken);
    expect(() => makeVault({ ring: ringOf(["k1", key()]), indexKey }).open(sealed, place)).toThrow(SealBroken);
  });

  test("an empty ring is refused", () => {
    expect(() => makeVault({ ring: ringOf(), indexKey })).toThrow("at least one key");
    expect(() => makeLinkTokens(ringOf())).toThrow("at least one key");
  });
});

describe("a blind index", () => {
  test("is equal for equal values of one kind, and for nothing else", () => {
    const index = vault.blindIndex("phone", "+13035550111");
    expect(vault.blindIndex("phone", "+13035550111").equals(index)).toBe(true);
    expect(vault.blindIndex("phone", "+13035550112").equals(index)).toBe(false);
    expect(vault.blindIndex("ref", "+13035550111").equals(index)).toBe(false);
  });

  test("outlives a rotation of the sealing keys, and cannot be made without its own", () => {
    const index = vault.blindIndex("ref", "10482");
    expect(
      makeVault({ ring: ringOf(["k9", key()]), indexKey })
        .blindIndex("ref", "10482")
        .equals(index),
    ).toBe(true);
    expect(
      makeVault({ ring: ringOf(["k1", first]), indexKey: key() })
        .blindIndex("ref", "10482")
        .equals(index),
    ).toBe(false);
  });
});

describe("a link's token", () => {
  const ring = ringOf(["l1", key()]);
  const tokens = makeLinkTokens(ring);
  const link = { id: newId<"link">(), generation: 0, keyId: "l1" };

  test("is the same whenever it is derived, and has 256 bits", () => {
    expect(tokens.tokenOf(link)).toBe(makeLinkTokens(ring).tokenOf(link));
    expect(Buffer.from(tokens.tokenOf(link), "base64url")).toHaveLength(32);
  });

  test("differs by link, by generation and by key", () => {
    const others = [
      tokens.tokenOf({ ...link, id: newId<"link">() }),
      tokens.tokenOf({ ...link, generation: 1 }),
      makeLinkTokens(ringOf(["l1", key()])).tokenOf(link),
    ];
    expect(new Set([tokens.tokenOf(link), ...others]).size).toBe(4);
  });

  test("is derived under the key it was made with while that is on the ring, and refused afterwards", () => {
    const l1 = ring.keys.get("l1") ?? key();
    const rotated = makeLinkTokens(ringOf(["l2", key()], ["l1", l1]));
    expect(rotated.keyId).toBe("l2");
    expect(rotated.tokenOf(link)).toBe(tokens.tokenOf(link));
    expect(() => makeLinkTokens(ringOf(["l2", key()])).tokenOf(link)).toThrow("l1 is not on the ring");
  });

  test("cannot be read back from the hash that is stored", () => {
    const token = tokens.tokenOf(link);
    expect(hashToken(token)).toHaveLength(32);
    expect(hashToken(token).toString("base64url")).not.toContain(token);
  });
});
