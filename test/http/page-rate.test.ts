import { describe, expect, test } from "vitest";
import { makePageRate } from "../../src/http/page-rate.ts";
import { startWeb } from "./support/aspen-ridge-web.ts";

const rate = (changes = {}) => makePageRate({ burst: 2, perSecond: 0.5, addresses: 3, ...changes });

describe("an address", () => {
  test("has a burst, then waits in whole seconds for the next page", () => {
    const take = rate();
    expect([take("192.0.2.1", 0), take("192.0.2.1", 0), take("192.0.2.1", 0), take("192.0.2.1", 500)]).toEqual([0, 0, 2, 2]);
    expect([take("192.0.2.1", 1_999), take("192.0.2.1", 2_000), take("192.0.2.1", 2_001)]).toEqual([1, 0, 2]);
  });

  test("never saves up more than its burst", () => {
    const take = rate();
    take("192.0.2.1", 0);
    expect([1, 2, 3].map(() => take("192.0.2.1", 1e9) === 0)).toEqual([true, true, false]);
  });

  test("does not spend what another has", () => {
    const take = rate();
    for (const _ of [1, 2, 3]) take("192.0.2.1", 0);
    expect(take("192.0.2.2", 0)).toBe(0);
  });

  test.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", "same"],
    ["2001:db8::1", "2001:db8:0:0:9:9:9:9", "same"],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", "other"],
    ["::ffff:192.0.2.1", "192.0.2.1", "same"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", "other"],
    ["fe80::1%eth0", "fe80::2%eth0", "same"],
  ])("%s and %s count as the %s", (first, second, verdict) => {
    const take = rate({ burst: 1 });
    take(first, 0);
    expect(take(second, 0) === 0).toBe(verdict === "other");
  });
});

test("only so many addresses are remembered, the ones seen last", () => {
  const take = rate({ burst: 1 });
  for (const address of ["a", "b", "c"]) take(address, 0);
  take("a", 0);
  take("d", 0);
  expect(["a", "c", "d"].map((address) => take(address, 0) > 0)).toEqual([true, true, true]);
  expect(take("b", 0)).toBe(0);
});

test("who asks too often is told to wait, and a reader behind the same proxy is not", async () => {
  const { url } = await startWeb({ pageRate: { burst: 2, perSecond: 0.001, addresses: 10 } });
  const ask = (forwarded: string, token = "nothing") => fetch(`${url}/v/${token}`, { headers: { "x-forwarded-for": forwarded } });
  expect([(await ask("203.0.113.1")).status, (await ask("203.0.113.1")).status]).toEqual([404, 404]);
  const refused = await ask("203.0.113.1");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.text()).toContain("Please wait a moment");
  expect((await ask("203.0.113.2", "another")).status).toBe(404);
  expect((await ask("203.0.113.9, 203.0.113.1")).status).toBe(429);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
