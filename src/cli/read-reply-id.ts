import { type InboundId, parsePublicId } from "../domain/ids.ts";
import { UsageError } from "./failures.ts";

/** Reads the id of a text that came in, as a person types it. */
export function readReplyId(text: string): InboundId {
  const id = parsePublicId("inbound", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a text that came in, such as in_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow reply list).`,
    );
  return id;
}
