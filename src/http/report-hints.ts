/** Hints for reports that webhooks stored: gathered for a moment, because a thousand texts that arrive together are reported on together. */
import type { ProviderEventId } from "../domain/ids.ts";
import { hintReports } from "../producers/hint-reports.ts";
import { REPORTS_PER_JOB } from "../queues/record-delivery.ts";

export type ReportHints = {
  /** Hints it within a moment; waits for nothing and never fails. */
  add(id: ProviderEventId): void;
  /** Hints what is still gathered, and waits for every hint that is under way. */
  flush(): Promise<void>;
};

const GATHERED_MS = 50;

export function makeReportHints(deps: Parameters<typeof hintReports>[0]): ReportHints {
  const underWay = new Set<Promise<void>>();
  let gathered: ProviderEventId[] = [];
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const hint = hintReports(deps, gathered).finally(() => underWay.delete(hint));
    gathered = [];
    underWay.add(hint);
  };
  return {
    add: (id) => {
      gathered.push(id);
      if (gathered.length >= REPORTS_PER_JOB) send();
      else timer ??= setTimeout(send, GATHERED_MS);
    },
    flush: async () => {
      send();
      await Promise.all(underWay);
    },
  };
}
