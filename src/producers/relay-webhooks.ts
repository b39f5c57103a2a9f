/**
 * Puts facts of the audit into the outbox of every endpoint that listens to them.
 *
 * Trigger: every second, in any process. Re-checks: that no other process reads, and how far the audit is complete. Effect: a row for each endpoint and fact, within
 * about a second of the fact, and never one of a fact from before the endpoint was added. A repeat reads again what is not complete, and adds nothing.
 */
import { closeRelay, openRelay, readEvents, type ToldEvent } from "../db/webhook-relay.ts";
import { findListening, insertTellings, type Listening, type Telling } from "../db/webhook-outbox.ts";
import type { Database } from "../db/database.ts";
import { transact } from "../db/transact.ts";
import { toPublicId } from "../domain/ids.ts";
import { TOLD_KINDS, toWebhookKind } from "../domain/webhook.ts";

const ENTRIES_AT_ONCE = 500;

/** How many facts were looked at. */
export async function relayWebhooks({ db }: { readonly db: Database }): Promise<number> {
  // Where nobody listens, nothing is written.
  if ((await findListening(db, null)).length === 0) return 0;
  return transact(db, async (tx) => {
    const relay = await openRelay(tx);
    if (!relay) return 0;
    const listening = await findListening(tx, null);
    let after = relay.from;
    for (let count = 0; ; ) {
      const events = await readEvents(tx, { kinds: TOLD_KINDS, after, limit: ENTRIES_AT_ONCE });
      await insertTellings(
        tx,
        events.flatMap((event) => toTellings(event, listening)),
      );
      count += events.length;
      after = events.at(-1)?.id ?? after;
      if (events.length === ENTRIES_AT_ONCE) continue;
      await closeRelay(tx, relay.complete);
      return count;
    }
  });
}

function toTellings(event: ToldEvent, listening: readonly Listening[]): Telling[] {
  const { id, clinicId, answer, happenedAt, recordedAt } = event;
  const kind = toWebhookKind(event.kind, answer);
  if (kind === undefined) return [];
  return listening
    .filter((endpoint) => endpoint.clinicId === clinicId && endpoint.kinds.includes(kind) && endpoint.createdAt <= recordedAt)
    .map((endpoint) => ({ endpointId: endpoint.id, clinicId, kind, fact: `event/${id}`, data: toData(event), happenedAt }));
}

function toData(event: ToldEvent): Record<string, string> {
  const kinds = ["session", "series", "alert", "invitation", "patient"] as const;
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const id = event[kind];
      return id === null ? [] : [[kind, toPublicId(kind, id)]];
    }),
  );
}
