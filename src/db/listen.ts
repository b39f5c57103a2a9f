/** A connection that only listens, made again for as long as somebody wants to hear. */
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../log.ts";

export type Listener = {
  /** Listens no more. */
  end(): Promise<void>;
};

export type Listening = { readonly url: string; readonly channel: string; readonly hear: () => void; readonly log: Log };

const AGAIN_AFTER_MS = 1_000;
const CONNECT_WITHIN_MS = 5_000;

/** Resolves once it listens. Whoever hears is also called after a connection was made again, because what was said meanwhile is lost. */
export async function openListener(listening: Listening): Promise<Listener> {
  const ended = new AbortController();
  let client = await listenOnce(listening, () => void again());
  const again = async (): Promise<void> => {
    if (ended.signal.aborted) return;
    listening.log.warn("listen.lost", { ms: AGAIN_AFTER_MS });
    for (;;) {
      // Unreferenced: a process that has nothing else to do must be able to end.
      await wait(AGAIN_AFTER_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
      if (ended.signal.aborted) return;
      const next = await listenOnce(listening, () => void again()).catch(() => undefined);
      if (!next) continue;
      client = next;
      if (ended.signal.aborted) await client.end();
      return listening.hear();
    }
  };
  return {
    end: async () => {
      ended.abort();
      await client.end();
    },
  };
}

async function listenOnce({ url, channel, hear }: Listening, onEnd: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: "afterglow-listen",
  });
  // An error ends the connection, and the end is what is acted on.
  client.on("error", () => undefined);
  client.on("notification", hear);
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  client.once("end", onEnd);
  return client;
}
