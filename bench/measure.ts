/** Medians of interleaved rounds, and who used the processors meanwhile. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Rates of one kind of round, in the order of the rounds. */
export type Rates = { readonly median: number; readonly least: number; readonly most: number };

export function toRates(values: readonly number[]): Rates {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(sorted.length - 1) };
}

/** Cores that each kind of process used, 1 being one core all the time; `machine` is everything on the machine, neighbours included. */
export type CpuSplit = { readonly [who: string]: number };

/** Processes by name; `postgres` and other servers that fork count with their children. */
export type Watched = { readonly [who: string]: number | undefined };

const TICKS_PER_SECOND = 100;

/** Starts watching; the result is called at the end of the round. Empty where there is no /proc. */
export function watchCpu(watched: Watched): () => CpuSplit {
  const before = readAll(watched);
  const startedAt = performance.now();
  return () => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = readAll(watched);
    return Object.fromEntries(
      Object.entries(after).map(([who, ticks]) => [who, (ticks - (before[who] ?? 0)) / TICKS_PER_SECOND / seconds]),
    );
  };
}

function readAll(watched: Watched): { [who: string]: number } {
  try {
    const stats = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readStat(Number(name)) : []));
    const used = Object.entries(watched).flatMap(([who, pid]): [string, number][] =>
      pid === undefined ? [] : [[who, stats.reduce((sum, stat) => sum + ticksFor(stat, pid), 0)]],
    );
    return { ...Object.fromEntries(used), machine: readMachine() };
  } catch {
    return {};
  }
}

type Stat = { readonly pid: number; readonly parent: number; readonly own: number; readonly reaped: number };

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name may hold spaces and brackets, so counting begins after its end. */
function readStat(pid: number): Stat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const field = (number: number) => Number(fields[number - 3]);
    return [{ pid, parent: field(4), own: field(14) + field(15), reaped: field(16) + field(17) }];
  } catch {
    // It ended between the listing and the reading.
    return [];
  }
}

function ticksFor({ pid, parent, own, reaped }: Stat, wanted: number): number {
  if (pid === wanted) return own + reaped;
  return parent === wanted ? own : 0;
}

function readMachine(): number {
  const [, ...fields] = (readFileSync("/proc/stat", "latin1").split("\n")[0] ?? "").split(/\s+/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = fields.map(Number);
  return user + nice + system + irq + soft + steal;
}

/** The mean of several rounds. */
export function meanSplit(splits: readonly CpuSplit[]): CpuSplit {
  const names = new Set(splits.flatMap((split) => Object.keys(split)));
  return Object.fromEntries([...names].map((name) => [name, splits.reduce((sum, split) => sum + (split[name] ?? 0), 0) / splits.length]));
}

const FULL_CORE = 0.85;

/** What bounds a figure, read from who was busy: one process at its core, the machine's cores together, or neither and so waiting. */
export function sayBound(split: CpuSplit): string {
  const { machine, ...processes } = split;
  if (machine === undefined) return "not measured: this system has no /proc";
  const shares = Object.entries(processes).toSorted(([, a], [, b]) => b - a);
  const said = shares.map(([who, share]) => `${who} ${Math.round(share * 100)} %`).join(", ");
  const cores = availableParallelism();
  const [first] = shares;
  const ours = shares.reduce((sum, [, share]) => sum + share, 0);
  const by =
    first && first[1] >= FULL_CORE && first[0] !== "postgres"
      ? `the one core of ${first[0]}`
      : machine >= FULL_CORE * cores
        ? ours >= 0.8 * machine
          ? "the machine's cores"
          : "neighbours on the machine's cores"
        : "waiting (commits, round trips)";
  return `${by}: ${said} of a core; machine ${machine.toFixed(1)} of ${cores}`;
}
