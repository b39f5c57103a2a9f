/** Hears that the demo shall end: Ctrl-C, a signal, a terminal that closes, a reader that has left. Until `rest()` none of them ends the process by itself. */
const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const READER_LEFT = 141;

type StopSignal = keyof typeof CODES;

export type Stop = {
  /** Aborted at the first request; later ones change nothing. */
  readonly signal: AbortSignal;
  /** What the shell expects of a program that was ended so; undefined while nobody asked. */
  code(): number | undefined;
  /** Gives the signals back to Node. */
  rest(): void;
};

export function hearStop(stdout: NodeJS.WritableStream): Stop {
  const controller = new AbortController();
  let code: number | undefined;
  const end = (asked: number) => {
    code ??= asked;
    controller.abort();
  };
  const hear = (signal: StopSignal) => end(CODES[signal]);
  const lose = () => end(READER_LEFT);
  for (const signal of SIGNALS) process.on(signal, hear);
  stdout.on("error", lose);
  return {
    signal: controller.signal,
    code: () => code,
    rest: () => {
      for (const signal of SIGNALS) process.off(signal, hear);
      stdout.off("error", lose);
    },
  };
}

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const satisfies readonly StopSignal[];

/** Settles when the demo shall end. */
export function untilStopped({ signal }: Pick<Stop, "signal">): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // Nothing else may keep the process up once everything has happened.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener("abort", () => {
      clearInterval(alive);
      resolve();
    });
  });
}
