/**
 * Who hears a touchpoint, as its key names them: the patient, staff, or one escort of the patient. An escort who takes the place of another is somebody else, to
 * whom nothing has been said; whoever escorts first keeps the plain letter.
 */
import type { Recipient } from "./protocol.ts";

/** The fourth part of a key: `p`, `s`, `e`, and `e2` for the second escort. */
export function readerOf(recipient: Recipient, { escortNumber }: { readonly escortNumber: number }): string {
  return recipient === "escort" && escortNumber > 1 ? `e${escortNumber}` : recipient.slice(0, 1);
}

/** Whom the row of that key speaks to. */
export function readerIn(key: string): string {
  return key.split("/")[3] ?? "";
}
