import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { judgeWebhookUrl } from "../../src/domain/judge-webhook-url.ts";
import { isWebhookKind, nextTry, toWebhookKind, TOLD_KINDS } from "../../src/domain/webhook.ts";

const production = { hosts: ["ehr.example.org", "hooks.example.org:8443", "10.0.0.7", "[::1]", "127.0.0.1"], isProduction: true };

describe("an address that is told of what happens", () => {
  test.each(["https://ehr.example.org/in", "https://EHR.example.org:443/in?clinic=1", "https://hooks.example.org:8443/"])(
    "may be %s",
    (url) => {
      expect(judgeWebhookUrl(url, production).ok).toBe(true);
    },
  );

  test.each([
    "http://ehr.example.org/in",
    "https://evil.example.org/in",
    "https://ehr.example.org.evil.example.org/in",
    "https://ehr.example.org:8443/in",
    "https://ehr.example.org@evil.example.org/",
    "https://user:word@ehr.example.org/",
    "https://ehr.example.org/#in",
    "https://10.0.0.7/in",
    "https://0x0a000007/in",
    "https://167772167/in",
    "https://[::1]/in",
    "http://127.0.0.1/in",
    "https://127.0.0.1/in",
    "ftp://ehr.example.org/",
    "file:///etc/passwd",
    "ehr.example.org",
    "",
    `https://ehr.example.org/${"a".repeat(600)}`,
  ])("is never %s in production", (url) => {
    expect(judgeWebhookUrl(url, production).ok).toBe(false);
  });

  test("may be this machine in plain outside production, where its port is named", () => {
    const here = { hosts: ["127.0.0.1:8900"], isProduction: false };
    expect(judgeWebhookUrl("http://127.0.0.1:8900/in", here).ok).toBe(true);
    expect(judgeWebhookUrl("http://127.0.0.1:8901/in", here).ok).toBe(false);
    expect(judgeWebhookUrl("http://localhost:8900/in", { ...here, hosts: ["localhost:8900"] }).ok).toBe(false);
  });
});

test("every fact of the audit that is told has a word for it that can be listened to", () => {
  for (const kind of TOLD_KINDS) expect(isWebhookKind(String(toWebhookKind(kind, null)))).toBe(true);
  expect(toWebhookKind("session.answered", "confirmed")).toBe("session.confirmed");
  expect(toWebhookKind("session.answered", "asks-to-move")).toBe("session.answered");
  expect(toWebhookKind("patient.revealed", null)).toBeUndefined();
});

test("tries come later and later, the last one a day after the first, and none after it", () => {
  const toldAt = instant(0);
  const tries: number[] = [];
  let now = toldAt;
  for (let attempts = 1; ; attempts++) {
    const next = nextTry(attempts, { toldAt, now });
    if (next === null) break;
    expect(next).toBeGreaterThan(now);
    tries.push((now = next));
  }
  expect(tries.at(-1)).toBe(24 * 3_600_000);
  const waits = tries.map((at, index) => at - (tries[index - 1] ?? 0)).slice(0, -1);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
});
