/** Carries out in the web process what was asked for at the console. A worker does it too, should this process die. */
import { carryOutActions } from "../../producers/carry-out-actions.ts";
import type { HttpDeps } from "../http-deps.ts";

const EVERY_MS = 500;

/** Looks twice a second, one look at a time. `stop` waits for the one under way. */
export function actLater(deps: HttpDeps): { stop(): Promise<void> } {
  let underWay: Promise<unknown> | undefined;
  const look = () => {
    underWay ??= carryOutActions(deps)
      .catch((error: unknown) => deps.log.error("console-actions.failed", { kind: "look", error }))
      .finally(() => (underWay = undefined));
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
