/** One line of a conversation. */
import { toPublicId } from "../domain/ids.ts";
import type { Said } from "../producers/open-conversation.ts";

/** What was written at the moment of sending is named by its template: only the telephone has the words. */
export function sayWords({ words, template, actor, state, touchpointId }: Said): string {
  if (words !== null) return actor === null ? words.replaceAll(/\s+/g, " ") : `${words} (${actor})`;
  const unsure = state === "sent" || state === null ? "" : `, ${state}`;
  return `[${template ?? "?"}${unsure}] ${touchpointId === null ? "" : toPublicId("touchpoint", touchpointId)}`;
}
