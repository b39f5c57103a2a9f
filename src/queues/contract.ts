/** A queue's contract: its name and the shape of its jobs, in one value. Jobs carry opaque ids only; a job is a wake-up, and the row says whether it still holds. */
import type { z } from "zod";

export type QueueContract<Data> = {
  readonly name: string;
  readonly data: z.ZodType<Data>;
  /** Jobs of this queue that one worker process works on at once. */
  readonly concurrency: number;
};

export function defineQueue<Data>(contract: QueueContract<Data>): QueueContract<Data> {
  return Object.freeze(contract);
}
