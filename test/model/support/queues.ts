/** Queues as lists: a job waits until somebody takes it, and all of them can be lost. */
import type { QueueHandle } from "../../../src/queues/backend.ts";
import type { QueueContract } from "../../../src/queues/contract.ts";

export type WaitingJob = { readonly name: string; readonly data: unknown };

export function makeQueues() {
  const jobs: WaitingJob[] = [];
  return {
    queue: <Data>({ name }: QueueContract<Data>): QueueHandle<Data> => ({
      name,
      add: async (added) => {
        jobs.push(...added.map(({ data }) => ({ name, data })));
      },
      counts: async () => ({ waiting: jobs.filter((job) => job.name === name).length }),
    }),
    take: (): WaitingJob | undefined => jobs.shift(),
    size: () => jobs.length,
    flush: () => {
      jobs.length = 0;
    },
  };
}
