/** The configuration the demo runs under, from what stands in and what is real. */
import { type Config, makeKeys, readConfig, readReplacements } from "../config.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import { formatMoment } from "./demo-happening.ts";

/** An account of the local Twilio API: shaped like a real one, of no use anywhere else. */
export const LOCAL_ACCOUNT = { accountSid: `AC${"0de30".repeat(6)}00`, authToken: "demo".repeat(8) } as const;

/** Which parts somebody has replaced by real ones. */
export type Replaced = {
  readonly database: string | undefined;
  readonly redis: string | undefined;
  readonly smtp: string | undefined;
  readonly twilio: "real" | undefined;
  readonly settings: Readonly<Record<string, string>>;
};

/** From the environment: DATABASE_URL, REDIS_URL, SMTP_URL, TWILIO_*. */
export function findReplaced(settings: Readonly<Record<string, string>> = readReplacements()): Replaced {
  const { DATABASE_URL: database, REDIS_URL: redis, SMTP_URL: smtp } = settings;
  return { database, redis, smtp, twilio: Object.keys(settings).some((name) => name.startsWith("TWILIO_")) ? "real" : undefined, settings };
}

export type Addresses = {
  readonly databaseUrl: string;
  readonly smtpUrl: string | undefined;
  readonly twilioUrl: string | undefined;
  readonly port: number;
};

/** The environment variables of this run: what is real as it was given, the rest local, fresh keys. */
export function toEnvironment(
  { settings, twilio }: Replaced,
  { databaseUrl, smtpUrl, twilioUrl, port }: Addresses,
): Record<string, string> {
  // Only a real provider has to find its way back from outside.
  const { PUBLIC_BASE_URL: outside, ...given } = settings;
  const local = `http://127.0.0.1:${port}`;
  return {
    ...given,
    ...makeKeys(),
    AFTERGLOW_ENV: "demo",
    LOG_LEVEL: "warn",
    HOST: "127.0.0.1",
    PORT: String(port),
    PUBLIC_BASE_URL: twilio && outside ? outside : local,
    DATABASE_URL: databaseUrl,
    ...(smtpUrl === undefined ? {} : { SMTP_URL: smtpUrl }),
    ...(twilioUrl === undefined
      ? {}
      : { TWILIO_ACCOUNT_SID: LOCAL_ACCOUNT.accountSid, TWILIO_AUTH_TOKEN: LOCAL_ACCOUNT.authToken, TWILIO_API_BASE_URL: twilioUrl }),
  };
}

/** Throws with every fault of what was given, before anything is started. */
export function checkReplaced(replaced: Replaced): void {
  const { database = "postgres://127.0.0.1/", smtp, twilio } = replaced;
  const local = {
    smtpUrl: smtp === undefined ? "smtp://127.0.0.1" : undefined,
    twilioUrl: twilio === undefined ? "http://127.0.0.1" : undefined,
  };
  toConfig(toEnvironment(replaced, { databaseUrl: database, ...local, port: 1 }));
}

/** Throws with every fault of what was given. */
export function toConfig(environment: Readonly<Record<string, string>>): Config {
  return readConfig(environment);
}

type Parts = {
  readonly postgres: string;
  readonly folder: { readonly name: string };
  readonly clinic: ClinicSettings;
  readonly begin: Instant;
  /** Address of the page; null where there is none. */
  readonly page: string | null;
};

/** The demo's first lines: where it plays, of what it is made, where to read. */
export function sayParts({ redis, smtp, twilio }: Replaced, { postgres, folder, clinic, begin, page }: Parts): string[] {
  const parts = [
    postgres,
    redis === undefined ? "queues in the same database" : "queues in the Redis of REDIS_URL",
    smtp === undefined ? "a local mail server" : "the mail server of SMTP_URL",
    twilio === undefined ? "a local Twilio API" : "the Twilio account of TWILIO_ACCOUNT_SID",
  ];
  return [
    `${clinic.name}, ${clinic.zone}, from ${formatMoment(clinic.zone, begin)}. All of it is fiction.`,
    `On ${parts.join(", ")}.`,
    `Messages can be read in ${folder.name}`,
    ...(page === null ? [] : [`Open ${page} to take part: phone, mailbox, console, clock.`]),
    "",
  ];
}

/** What does not come to the phones and mailboxes of the page, because something real stands in their place; null where it comes. */
export type Elsewhere = { readonly mails: string | null; readonly texts: string | null };

/** The same for the page, while they still go there. */
export function findElsewhere({ smtp, twilio }: Pick<Replaced, "smtp" | "twilio">): Elsewhere {
  return {
    mails:
      smtp === undefined
        ? null
        : `Mails go to the mail server ${new URL(smtp).host} (SMTP_URL): read them there. Unset SMTP_URL, and they are read here.`,
    texts:
      twilio === undefined
        ? null
        : "Texts go through the Twilio account of TWILIO_ACCOUNT_SID, and answers come from real phones. Unset TWILIO_*, and texts are read and answered here.",
  };
}

/** Where the messages are that did not go to a stand-in. */
export function sayElsewhere({ smtp, twilio }: Replaced): string[] {
  return [
    ...(smtp === undefined ? [] : [`Mails went to ${new URL(smtp).host} (SMTP_URL).`]),
    ...(twilio === undefined ? [] : ["Texts went to the Twilio account of TWILIO_ACCOUNT_SID."]),
  ];
}
