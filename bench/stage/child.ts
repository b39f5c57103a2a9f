/** A part of the benchmark that runs in a process of its own, so that nothing shares an event loop with what is measured. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export type Child = {
  readonly pid: number;
  /** Rejects with the child's error, or when the child ends. */
  ask<Answer>(what: string, input: unknown, answer: z.ZodType<Answer>): Promise<Answer>;
  stop(): Promise<void>;
};

const reply = z.object({ id: z.number(), answer: z.unknown().optional(), error: z.string().optional() });

type Pending = { resolve(answer: unknown): void; reject(error: Error): void };

/** The bounds that `npm start` and the image give a process of ours. */
const BOUNDS = { flags: ["--max-old-space-size=160", "--max-semi-space-size=16"], env: { MALLOC_ARENA_MAX: "2" } };

/** Starts `bench/processes/<name>.ts` under the Node that runs this. */
export function startChild(name: string, profiling: readonly string[] = []): Child {
  const execArgv = [...profiling, ...(name === "worker" ? BOUNDS.flags : [])];
  const file = fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url));
  const child = fork(file, {
    execArgv,
    env: { ...process.env, ...(name === "worker" && BOUNDS.env) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pending = new Map<number, Pending>();
  let asked = 0;
  child.on("message", (message) => {
    const { id, answer, error } = reply.parse(message);
    const waiting = pending.get(id);
    pending.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${name}: ${error}`));
  });
  const exited = once(child, "exit");
  child.once("exit", (code, signal) => {
    for (const { reject } of pending.values()) reject(new Error(`${name} ended (${String(code ?? signal)})`));
    pending.clear();
  });
  return {
    pid: child.pid ?? 0,
    ask: async (what, input, answer) => {
      const id = ++asked;
      const said = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
      child.send({ id, what, input });
      return answer.parse(await said);
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
