import { describe, expect, test } from "vitest";
import { ConfigFaults, hasDatabase, makeKeys, readConfig, readDatabaseConfig } from "../src/config.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");
const WHOLE = {
  DATABASE_URL: "postgres://afterglow:secret@db/afterglow",
  SMTP_URL: "smtps://user:secret@mail.example.org",
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "f".repeat(32),
  PUBLIC_BASE_URL: "https://care.example.org",
  AFTERGLOW_KEYS: `k1:${KEY}`,
  AFTERGLOW_INDEX_KEY: KEY,
  AFTERGLOW_LINK_KEYS: `l1:${KEY}`,
};

function faultsOf(
  environment: Record<string, string | undefined>,
  read: (environment: Record<string, string | undefined>) => unknown = readConfig,
): string[] {
  try {
    read(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigFaults) return [...error.faults];
    throw error;
  }
}

const without = (name: keyof typeof WHOLE) => ({ ...WHOLE, [name]: undefined });

describe("the configuration", () => {
  test("is read once, with its defaults, and cannot be changed afterwards", () => {
    const config = readConfig(WHOLE);
    expect(config).toMatchObject({
      AFTERGLOW_ENV: "production",
      ROLE: "all",
      HOST: "127.0.0.1",
      PORT: 8080,
      LOG_LEVEL: "info",
      DATABASE_CONNECTIONS: 10,
    });
    expect(config.REDIS_URL).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("that is missing altogether lists every variable that is needed", () => {
    expect(faultsOf({}).map((fault) => fault.replace(": is not set", ""))).toEqual([
      "DATABASE_URL",
      "SMTP_URL",
      "TWILIO_ACCOUNT_SID",
      "TWILIO_AUTH_TOKEN",
      "PUBLIC_BASE_URL",
      "AFTERGLOW_KEYS",
      "AFTERGLOW_INDEX_KEY",
      "AFTERGLOW_LINK_KEYS",
    ]);
  });

  test.each(Object.keys(WHOLE))("without %s is refused: nothing starts half-configured", (name) => {
    expect(faultsOf(without(name as keyof typeof WHOLE))).toEqual([`${name}: is not set`]);
    expect(faultsOf({ ...WHOLE, [name]: "" })).toEqual([`${name}: is not set`]);
  });

  const WRONG: [string, string, string][] = [
    ["AFTERGLOW_ENV", "prod", "expected production, demo or test"],
    ["ROLE", "web", "expected all, worker or http"],
    ["DATABASE_URL", "mysql://db/afterglow", "expected a URL that begins with postgres:// or postgresql://"],
    ["DATABASE_CONNECTIONS", "many", "expected a whole number from 2 to 200"],
    ["REDIS_URL", "localhost:6379", "expected a URL that begins with redis:// or rediss://"],
    ["SMTP_URL", "mail.example.org", "expected a URL that begins with smtp:// or smtps://"],
    ["TWILIO_ACCOUNT_SID", "AC123", "expected AC and 32 hexadecimal digits"],
    ["TWILIO_AUTH_TOKEN", "secret", "expected 32 letters and digits"],
    ["TWILIO_API_BASE_URL", "api.twilio.com", "expected a URL that begins with https:// or http://"],
    ["PUBLIC_BASE_URL", "care.example.org", "expected a URL that begins with https:// or http://"],
    ["REDIS_URL", "redis://", "expected a URL that names a host"],
    ["REDIS_URL", "redis://cache/afterglow", "expected nothing after host and port but the number of a database"],
    ["SMTP_URL", "smtp://", "expected a URL that names a host"],
    ["SMTP_URL", "smtp://mail.example.org/care", "expected a URL that ends after its host and port"],
    ["SMTP_URL", "smtp://user@mail.example.org", "expected both a user and a password"],
    ["SMTP_URL", "smtp://user:100%@mail.example.org", "expected both a user and a password, percent-encoded"],
    ["TWILIO_API_BASE_URL", "https://api.twilio.com/2010-04-01", "expected a URL that ends after its host and port"],
    ["TWILIO_API_BASE_URL", "https://key:secret@api.twilio.com", "expected a URL without a user and a password"],
    ["PUBLIC_BASE_URL", "https://care.example.org/?from=text", "expected a URL without ? and #"],
    ["PUBLIC_BASE_URL", "https://care.example.org/#top", "expected a URL without ? and #"],
    ["PUBLIC_BASE_URL", "https://user:secret@care.example.org", "expected a URL without a user and a password"],
    ["AFTERGLOW_KEYS", "k1:short", "each key 32 bytes in base64"],
    ["AFTERGLOW_KEYS", `k1:${KEY},k1:${KEY}`, "each key 32 bytes in base64"],
    ["AFTERGLOW_KEYS", `K 1:${KEY}`, "each key 32 bytes in base64"],
    ["AFTERGLOW_INDEX_KEY", "short", "expected 32 bytes in base64"],
    ["AFTERGLOW_LINK_KEYS", `:${KEY}`, "each key 32 bytes in base64"],
    ["PORT", "http", "expected a port from 1 to 65535"],
    ["LOG_LEVEL", "loud", "expected trace, debug, info, warn, error or silent"],
  ];

  test.each(WRONG)("%s=%s is refused with what would be right", (name, value, expected) => {
    const faults = faultsOf({ ...WHOLE, [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${name}: `);
    expect(faults[0]).toContain(expected);
  });

  test.each(["0", "65536", "80.5"])("PORT=%s is refused", (port) => {
    expect(faultsOf({ ...WHOLE, PORT: port })).toHaveLength(1);
  });

  test("every fault is listed at once, what production forbids among them", () => {
    const faults = faultsOf({ ...WHOLE, DATABASE_URL: undefined, ROLE: "web", SMTP_URL: "x", PUBLIC_BASE_URL: "http://care.example.org" });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual(["ROLE", "DATABASE_URL", "SMTP_URL", "PUBLIC_BASE_URL"]);
  });

  test("what production forbids is listed too where the environment is misspelt", () => {
    const faults = faultsOf({
      ...WHOLE,
      AFTERGLOW_ENV: "prod",
      PUBLIC_BASE_URL: "http://care.example.org",
      AFTERGLOW_FAULT: "after-claim",
    });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual(["AFTERGLOW_ENV", "AFTERGLOW_FAULT", "PUBLIC_BASE_URL"]);
  });

  test("a database number and a folder of its own are good addresses", () => {
    expect(faultsOf({ ...WHOLE, REDIS_URL: "rediss://:secret@cache:6380/2", PUBLIC_BASE_URL: "https://care.example.org/visits/" })).toEqual(
      [],
    );
    expect(faultsOf({ ...WHOLE, AFTERGLOW_ENV: "test", TWILIO_API_BASE_URL: "http://twilio.example.org" })).toEqual([
      "TWILIO_API_BASE_URL: expected https://, or http:// to this machine itself",
    ]);
  });

  test("the error says how many there are and where they are described, and quotes no value", () => {
    const secret = "s3cr3t-value";
    expect(() => readConfig({ ...WHOLE, AFTERGLOW_KEYS: secret, TWILIO_AUTH_TOKEN: secret, DATABASE_URL: secret })).toThrow(
      /3 faults[^]*\.env\.example/,
    );
    try {
      readConfig({ ...WHOLE, AFTERGLOW_KEYS: secret, TWILIO_AUTH_TOKEN: secret, DATABASE_URL: secret });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain(secret);
    }
  });
});

describe("production", () => {
  test.each(["PUBLIC_BASE_URL", "TWILIO_API_BASE_URL"])("demands https of %s; demo and test do not", (name) => {
    const plain = { ...WHOLE, [name]: "http://127.0.0.1:9" };
    expect(faultsOf(plain)).toEqual([expect.stringContaining(`${name}: expected https:// in production`)]);
    expect(faultsOf({ ...plain, [name]: "HTTP://127.0.0.1:9" })).toHaveLength(1);
    expect(faultsOf({ ...plain, AFTERGLOW_ENV: "demo" })).toEqual([]);
    expect(faultsOf({ ...plain, AFTERGLOW_ENV: "test" })).toEqual([]);
  });
});

describe("keys", () => {
  test("the first one writes and all of them read", () => {
    const other = Buffer.alloc(32, 2).toString("base64");
    const { AFTERGLOW_KEYS: ring } = readConfig({ ...WHOLE, AFTERGLOW_KEYS: `k2:${other}, k1:${KEY}` });
    expect([...ring.keys.keys()]).toEqual(["k2", "k1"]);
    expect(ring.keys.get("k1")).toEqual(Buffer.alloc(32, 1));
  });

  test("freshly made ones are taken, and differ each time", () => {
    expect(faultsOf({ ...WHOLE, ...makeKeys() })).toEqual([]);
    expect(makeKeys()).not.toEqual(makeKeys());
  });
});

describe("a command that touches only the database", () => {
  test("needs no channel, and lists what it misses", () => {
    const { DATABASE_URL, AFTERGLOW_KEYS, AFTERGLOW_INDEX_KEY, AFTERGLOW_LINK_KEYS } = WHOLE;
    const core = { DATABASE_URL, AFTERGLOW_KEYS, AFTERGLOW_INDEX_KEY, AFTERGLOW_LINK_KEYS };
    expect(readDatabaseConfig(core)).toMatchObject({ DATABASE_URL, AFTERGLOW_ENV: "production" });
    expect(faultsOf({ REDIS_URL: "x" }, readDatabaseConfig)).toHaveLength(5);
    expect([hasDatabase({}), hasDatabase({ DATABASE_URL: "" }), hasDatabase(core)]).toEqual([false, false, true]);
  });
});
