/** The environment, parsed once and frozen. Every fault is listed at once and the program refuses to start half-configured. Nobody else reads process.env. */
import { randomBytes } from "node:crypto";
import { z } from "zod";

export type KeyRing = {
  /** Key id to 32 bytes; the first one writes, all of them read. */
  readonly keys: ReadonlyMap<string, Buffer>;
};

const keyRing = z.string().transform((text, context): KeyRing => {
  const keys = new Map<string, Buffer>();
  for (const part of text.split(",")) {
    const [id = "", key = ""] = part.trim().split(":");
    const bytes = Buffer.from(key, "base64");
    if (!/^[a-z0-9-]{1,16}$/.test(id) || bytes.length !== 32 || keys.has(id)) {
      context.addIssue({
        code: "custom",
        message: "expected a comma-separated list of id:key, each key 32 bytes in base64 (openssl rand -base64 32), the first one writing",
      });
      return z.NEVER;
    }
    keys.set(id, bytes);
  }
  return { keys };
});

const secret = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 32) return bytes;
  context.addIssue({ code: "custom", message: "expected 32 bytes in base64 (openssl rand -base64 32)" });
  return z.NEVER;
});

/** What must hold of an address besides its scheme, in words that follow "expected". */
type Rule = readonly [holds: (url: URL) => boolean, words: string];

/** Says of several faults only the first: the others are of no use before it is mended. The address itself is never quoted, because it may hold a password. */
const url = (schemes: readonly string[], ...rules: readonly Rule[]) =>
  z.string().superRefine((text, context) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    const scheme: Rule = [
      ({ protocol }) => schemes.includes(protocol),
      `a URL that begins with ${schemes.map((each) => `${each}//`).join(" or ")}`,
    ];
    const broken = [scheme, ...rules].find(([holds]) => !parsed || !holds(parsed));
    if (broken) context.addIssue({ code: "custom", message: `expected ${broken[1]}` });
  });

const NAMES_HOST: Rule = [({ hostname }) => hostname !== "", "a URL that names a host"];
const ENDS_AFTER_HOST: Rule = [
  ({ pathname, search, hash }) => /^\/?$/.test(pathname) && !search && !hash,
  "a URL that ends after its host and port",
];
const NO_LOGIN: Rule = [({ username, password }) => !username && !password, "a URL without a user and a password"];
const WHOLE_LOGIN: Rule = [
  ({ username, password }) => (username === "") === (password === "") && isPercentEncoded(username + password),
  "both a user and a password, percent-encoded, or neither",
];
const REDIS_DATABASE: Rule = [({ pathname }) => /^(\/\d*)?$/.test(pathname), "nothing after host and port but the number of a database"];
const NO_QUERY: Rule = [({ search, hash }) => !search && !hash, "a URL without ? and #"];
const PRIVATE_OR_HERE: Rule = [
  ({ protocol, hostname }) => protocol === "https:" || /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname),
  "https://, or http:// to this machine itself",
];

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // That it cannot be decoded is the answer.
    return false;
  }
}

const port = z.coerce.number("expected a port from 1 to 65535").int().min(1).max(65_535);
const count = (least: number, most: number) =>
  z.coerce.number(`expected a whole number from ${least} to ${most}`).int().min(least).max(most);

const hosts = z
  .string()
  .default("")
  .transform((text, context): readonly string[] => {
    const names = text.split(",").flatMap((name) => name.trim().toLowerCase() || []);
    const wrong = names.some((name) => !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,4})?$/.test(name));
    if (!wrong) return names;
    context.addIssue({ code: "custom", message: "expected a comma-separated list of host names, such as ehr.example.org" });
    return z.NEVER;
  });

const schema = z.object({
  AFTERGLOW_ENV: z.enum(["production", "demo", "test"], "expected production, demo or test").default("production"),
  ROLE: z.enum(["all", "worker", "http"], "expected all, worker or http").default("all"),
  DATABASE_URL: url(["postgres:", "postgresql:"]),
  DATABASE_CONNECTIONS: count(2, 200).default(10),
  REDIS_URL: url(["redis:", "rediss:"], NAMES_HOST, REDIS_DATABASE).optional(),
  SMTP_URL: url(["smtp:", "smtps:"], NAMES_HOST, ENDS_AFTER_HOST, WHOLE_LOGIN),
  SMTP_CONNECTIONS: count(1, 100).default(20),
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-f]{32}$/, "expected AC and 32 hexadecimal digits"),
  TWILIO_AUTH_TOKEN: z
    .string()
    .regex(/^[0-9a-zA-Z]{32}(,[0-9a-zA-Z]{32})?$/, "expected 32 letters and digits; two of them, comma-separated, while rotating"),
  TWILIO_API_BASE_URL: url(["https:", "http:"], PRIVATE_OR_HERE, ENDS_AFTER_HOST, NO_LOGIN).default("https://api.twilio.com"),
  TWILIO_CONNECTIONS: count(1, 200).default(20),
  PUBLIC_BASE_URL: url(["https:", "http:"], NO_LOGIN, NO_QUERY).transform((text) => text.replace(/\/+$/, "")),
  AFTERGLOW_KEYS: keyRing,
  AFTERGLOW_INDEX_KEY: secret,
  AFTERGLOW_LINK_KEYS: keyRing,
  AFTERGLOW_WEBHOOK_HOSTS: hosts,
  HOST: z.string().default("127.0.0.1"),
  PORT: port.default(8080),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"], "expected trace, debug, info, warn, error or silent")
    .default("info"),
  AFTERGLOW_FAULT: z
    .string()
    .regex(/^[a-z-]+(:[1-9][0-9]{0,5})?$/, "expected a step of src/fault-point.ts, such as after-claim or after-claim:3")
    .optional(),
});

export type Config = Readonly<z.output<typeof schema>>;

export class ConfigFaults extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n${faults.map((fault) => `  ${fault}`).join("\n")}\nEvery variable is described in .env.example.`,
    );
    this.name = "ConfigFaults";
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the whole configuration, or throws {@link ConfigFaults} with every fault. An empty variable counts as not set. */
export function readConfig(environment: Environment = process.env): Config {
  const { data, error } = schema.safeParse(withoutEmpty(environment));
  const single =
    error?.issues.map(({ path, message }) => `${path.join(".")}: ${environment[String(path[0])] ? message : "is not set"}`) ?? [];
  const faults = [...single, ...crossFaults(environment)];
  if (faults.length > 0 || !data) throw new ConfigFaults(faults);
  return Object.freeze(data);
}

const databaseOnly = schema.pick({
  DATABASE_URL: true,
  DATABASE_CONNECTIONS: true,
  AFTERGLOW_ENV: true,
  AFTERGLOW_KEYS: true,
  AFTERGLOW_INDEX_KEY: true,
  AFTERGLOW_LINK_KEYS: true,
  REDIS_URL: true,
  AFTERGLOW_WEBHOOK_HOSTS: true,
});
export type DatabaseConfig = Readonly<z.output<typeof databaseOnly>>;

/** What a command that touches only the database and the queues needs. */
export function readDatabaseConfig(environment: Environment = process.env): DatabaseConfig {
  const { success, data, error } = databaseOnly.safeParse(withoutEmpty(environment));
  if (success) return Object.freeze(data);
  throw new ConfigFaults(
    error.issues.map(({ path, message }) => `${path.join(".")}: ${environment[String(path[0])] ? message : "is not set"}`),
  );
}

/** Whether a database is configured at all: `series preview` and `protocol check` work without one. */
export function hasDatabase(environment: Environment = process.env): boolean {
  return Boolean(environment["DATABASE_URL"]);
}

const REPLACING = /^(?:DATABASE_(?:URL|CONNECTIONS)|REDIS_URL|SMTP_(?:URL|CONNECTIONS)|TWILIO_[A-Z_]+|PUBLIC_BASE_URL)$/;

/** What of the environment puts something real in the place of a part that the demo brings along; keys and environment are always the demo's own. */
export function readReplacements(environment: Environment = process.env): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(withoutEmpty(environment)).filter(([name]) => REPLACING.test(name)));
}

/** The step at which a test wants this process to die; undefined in life, and refused in production whoever asks. */
export function readFault(environment: Environment = process.env): string | undefined {
  const { AFTERGLOW_FAULT: fault } = withoutEmpty(environment);
  const faults = crossFaults(environment).filter((each) => each.startsWith("AFTERGLOW_FAULT"));
  if (faults.length > 0) throw new ConfigFaults(faults);
  return fault;
}

/** Fresh random keys in the form the configuration takes, for the demo and the tests. */
export function makeKeys(): Pick<Record<string, string>, "AFTERGLOW_KEYS" | "AFTERGLOW_INDEX_KEY" | "AFTERGLOW_LINK_KEYS"> {
  const key = () => randomBytes(32).toString("base64");
  return { AFTERGLOW_KEYS: `k1:${key()}`, AFTERGLOW_INDEX_KEY: key(), AFTERGLOW_LINK_KEYS: `l1:${key()}` };
}

function withoutEmpty(environment: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** What no single variable can say; listed beside what each of them says alone. */
function crossFaults({ AFTERGLOW_ENV, AFTERGLOW_FAULT, PUBLIC_BASE_URL, TWILIO_API_BASE_URL }: Environment): string[] {
  // What is no environment at all was meant to be one that sends: its faults would only come one by one.
  if (AFTERGLOW_ENV === "demo" || AFTERGLOW_ENV === "test") return [];
  const faults: string[] = [];
  if (AFTERGLOW_FAULT) faults.push("AFTERGLOW_FAULT: expected not to be set in production, because it makes the process die");
  if (isPlainHttp(PUBLIC_BASE_URL))
    faults.push("PUBLIC_BASE_URL: expected https:// in production, because personal links are sent with it");
  if (isPlainHttp(TWILIO_API_BASE_URL)) faults.push("TWILIO_API_BASE_URL: expected https:// in production");
  return faults;
}

function isPlainHttp(url: string | undefined): boolean {
  return /^http:/i.test(url ?? "");
}
