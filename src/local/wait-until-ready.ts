import { setTimeout as delay } from "node:timers/promises";
import type { GuardedProcess } from "./run-guarded.ts";

const LOOK_EVERY_MS = 10;

/** How long a local server may take to open. A database that recovers from a crash needs more than a fresh one. */
export const READY_WITHIN_MS = 30_000;

/** Asks until the server says that it is ready; `gone` when it ended first, `late` when it did neither in time. Stops nothing. */
export async function waitUntilReady(server: GuardedProcess, isReady: () => Promise<boolean>): Promise<"ready" | "gone" | "late"> {
  const gone = server.exited.then(() => "gone" as const);
  for (let waited = 0; waited < READY_WITHIN_MS; waited += LOOK_EVERY_MS) {
    if (await isReady()) return "ready";
    if ((await Promise.race([gone, delay(LOOK_EVERY_MS)])) === "gone") return "gone";
  }
  return "late";
}
