/** What was said between us and a number around one text, opened. The caller notes who read it. Reads only. */
import type { Database } from "../db/database.ts";
import { placeOfBody } from "../db/inbound-messages.ts";
import { placeOfMessage } from "../db/staff-messages.ts";
import { listConversation, type Utterance } from "../db/view-replies.ts";
import type { Vault } from "../db/vault.ts";
import type { InboundId } from "../domain/ids.ts";

/** `words` is null of what was written from its template at the moment of sending: only the telephone has it. */
export type Said = Omit<Utterance, "bodySealed"> & { readonly words: string | null };

/** In order, a month around the text. */
export async function openConversation({ db, vault }: { db: Database; vault: Vault }, id: InboundId): Promise<Said[]> {
  return (await listConversation(db, id)).map(({ bodySealed, ...said }) => ({ ...said, words: wordsOf({ bodySealed, ...said }, vault) }));
}

function wordsOf({ inboundId, touchpointId, bodySealed }: Utterance, vault: Vault): string | null {
  if (bodySealed === null) return null;
  if (inboundId !== null) return vault.open(bodySealed, placeOfBody(inboundId));
  return touchpointId === null ? null : vault.open(bodySealed, placeOfMessage(touchpointId));
}
