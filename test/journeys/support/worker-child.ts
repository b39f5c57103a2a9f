/** A worker process of its own: the program as operations start it, with its lines on hand. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, afterEach, expect } from "vitest";
import { COMPILE_CACHE } from "../../support/compile-cache.ts";
import type { World } from "../../support/world.ts";

export type WorkerChild = {
  readonly child: ChildProcess;
  /** Lines of its log, on which a line of a given event can be waited for. */
  readonly lines: readonly string[];
  until(event: string): Promise<void>;
  /** Exit code and signal. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
};

const WITHIN = { timeout: 60_000, interval: 50 };
const children = new Set<ChildProcess>();

/** Starts what `npm start` starts, as a worker. It is killed behind the last test, whatever happens. */
export function startWorkerChild({ variables }: Pick<World, "variables">, environment: Readonly<Record<string, string>> = {}): WorkerChild {
  const env = {
    PATH: process.env["PATH"],
    ...COMPILE_CACHE,
    TZ: "Pacific/Kiritimati",
    DATABASE_CONNECTIONS: "4",
    ...variables,
    ROLE: "worker",
    ...environment,
  };
  const child = spawn(process.execPath, ["src/main.ts"], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => lines.push(line));
  const exited = once(child, "exit").then(([code, signal]): [number | null, NodeJS.Signals | null] => [code, signal]);
  return {
    child,
    lines,
    exited,
    until: async (event) => {
      await expect
        .poll(() => lines.some((line) => line.includes(event)) || child.exitCode !== null || child.signalCode !== null, WITHIN)
        .toBe(true);
      expect(lines.filter((line) => line.includes(event)).length, lines.join("\n")).toBeGreaterThan(0);
    },
  };
}

/** Called while tests are collected. */
export function killChildrenAfterAll(): void {
  afterAll(killChildren);
}

/** The same, behind every test: one that fails leaves nobody behind who works in the next. */
export function killChildrenAfterEach(): void {
  afterEach(killChildren);
}

function killChildren(): void {
  for (const child of children) child.kill("SIGKILL");
}
