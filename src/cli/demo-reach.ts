/** Asks, before anything is started, whether the real parts that were given answer at all: the demo would retry them through all its weeks. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Replaced } from "./demo-stage.ts";
import { DependencyDown } from "./failures.ts";

const WITHIN_MS = 5_000;
const PORTS: { readonly [protocol: string]: number } = { "smtp:": 587, "smtps:": 465, "http:": 80, "https:": 443 };

/** Throws {@link DependencyDown}, naming the variable. The database and Redis say so themselves when they are opened. */
export async function refuseSilentProviders({ smtp, twilio, settings }: Replaced): Promise<void> {
  if (smtp !== undefined) await reach("SMTP_URL", new URL(smtp));
  const { TWILIO_API_BASE_URL: api } = settings;
  if (twilio !== undefined && api !== undefined) await reach("TWILIO_API_BASE_URL", new URL(api));
}

async function reach(variable: string, { protocol, hostname, port }: URL): Promise<void> {
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (PORTS[protocol] ?? 0) };
  const socket = connect(place);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(WITHIN_MS) });
  } catch (cause) {
    const why =
      cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : `nothing within ${WITHIN_MS / 1_000} s`;
    throw new DependencyDown(
      `Nobody answers at ${place.host}:${place.port} (${why}), where ${variable} says; unset it and the demo brings its own.`,
      { cause },
    );
  } finally {
    socket.destroy();
  }
}
