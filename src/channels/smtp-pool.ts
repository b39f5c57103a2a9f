import type { SmtpLine } from "./smtp-line.ts";

export type SmtpPoolSettings = {
  readonly size: number;
  /** Letters after which a line is replaced: relays dislike endless sessions, and a new one may reach another of their machines. */
  readonly lettersPerLine: number;
  /** Milliseconds after which an unused line is closed, well before relays do it themselves. */
  readonly idleMs: number;
};

/** A bounded number of lines, opened when needed, kept while they are good. */
export type SmtpPool = {
  free(): number;
  /** A line for the caller alone, open or still to be opened, first come first served; undefined when the signal fires first or the pool is closed. */
  take(signal: AbortSignal): Promise<SmtpLine | undefined>;
  /** Takes a line back, whatever became of it. */
  giveBack(line: SmtpLine): void;
  /** Gives out no more lines, waits for those given out, says goodbye on all. A repeat waits for the same end. */
  close(): Promise<void>;
};

type Turn = (mine: "mine" | "never") => void;

/** A pool that makes its lines with `createLine`. */
export function createSmtpPool(createLine: () => SmtpLine, { size, lettersPerLine, idleMs }: SmtpPoolSettings): SmtpPool {
  const idle = new Map<SmtpLine, NodeJS.Timeout>();
  const waiting = new Set<Turn>();
  const leaving = new Set<Promise<void>>();
  let taken = 0;
  let closed: Promise<void> | undefined;
  let onDrained: (() => void) | undefined;

  function retire(line: SmtpLine): void {
    clearTimeout(idle.get(line));
    idle.delete(line);
    const gone = line.hangUp().finally(() => leaving.delete(gone));
    leaving.add(gone);
  }

  function pickLine(): SmtpLine {
    for (const line of idle.keys()) {
      if (!line.isOpen()) {
        retire(line);
        continue;
      }
      clearTimeout(idle.get(line));
      idle.delete(line);
      return line;
    }
    return createLine();
  }

  function waitForTurn(signal: AbortSignal): Promise<"mine" | "never"> {
    return new Promise((resolve) => {
      const turn: Turn = (mine) => {
        waiting.delete(turn);
        signal.removeEventListener("abort", giveUp);
        resolve(mine);
      };
      const giveUp = () => turn("never");
      waiting.add(turn);
      signal.addEventListener("abort", giveUp);
    });
  }

  /** Passes the place of a line that came back to whoever waits longest. */
  function passOn(): void {
    const [next] = waiting;
    if (next) return next("mine");
    taken -= 1;
    if (taken === 0) onDrained?.();
  }

  async function drain(): Promise<void> {
    for (const turn of waiting) turn("never");
    if (taken > 0) await new Promise<void>((resolve) => (onDrained = resolve));
    for (const line of idle.keys()) retire(line);
    await Promise.all(leaving);
  }

  return {
    free: () => (closed ? 0 : size - taken),

    async take(signal) {
      if (closed || signal.aborted) return undefined;
      if (taken < size) taken += 1;
      else if ((await waitForTurn(signal)) === "never") return undefined;
      return pickLine();
    },

    giveBack(line) {
      if (line.isOpen() && !closed && line.delivered() < lettersPerLine)
        idle.set(
          line,
          setTimeout(() => retire(line), idleMs),
        );
      else retire(line);
      passOn();
    },

    close: () => (closed ??= drain()),
  };
}
