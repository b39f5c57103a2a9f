/** One line of the timeline, no wider than the terminal. */
import type { Zone } from "../domain/place-in-time.ts";
import { cityOf, formatMoment, formatTime, type Happening } from "./demo-happening.ts";

export type Palette = {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
};

const WHO = 14;
const LABEL = 9;
/** What a line of a pipe is cut to: long texts would only repeat what stands in the folder. */
const IN_A_PIPE = 160;
/** Below this the weekday and the columns go, so that some words of the message remain. */
const NARROW = 60;

/** `columns` undefined: not a terminal. The result is at most so wide. */
export function toTimelineLine(
  happening: Happening,
  { zone, columns = IN_A_PIPE, paint }: { zone: Zone; columns: number | undefined; paint: Palette },
): string {
  const { at, label, who, tone } = happening;
  const isNarrow = columns < NARROW;
  const moment = formatMoment(zone, at).slice(isNarrow ? "Mon ".length : 0);
  const name = fit(isNarrow ? who : padTo(who, WHO), Math.max(0, columns - moment.length - LABEL - 3));
  const shown = fit(toWords(happening, zone), Math.max(0, columns - moment.length - LABEL - widthOf(name) - 3));
  const labelled = labelColour(happening, paint)(`[${label}]`.padEnd(LABEL));
  return `${paint.dim(moment)} ${labelled} ${paint.bold(name)} ${tone === "unsaid" ? paint.red(shown) : shown}`;
}

/** Whoever lives in another zone than the clinic reads it at another hour. */
function toWords({ at, zone: theirs, tone, says }: Happening, zone: Zone): string {
  return theirs === zone || tone !== "said" ? says : `(${formatTime(theirs, at)} ${cityOf(theirs)}) ${says}`;
}

function labelColour({ tone, label }: Happening, paint: Palette): (text: string) => string {
  if (tone === "unsaid") return paint.red;
  switch (label) {
    case "email":
      return paint.blue;
    case "sms":
      return paint.green;
    case "task":
      return paint.yellow;
    case "session":
    case "series":
    case "patient":
      return paint.cyan;
    case "clinic":
      return paint.red;
  }
}

/** Cuts a text to so many columns of a terminal; what was cut shows as `…`. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let shown = "";
  let width = 0;
  for (const character of text) {
    const next = widthOf(character);
    if (width + next > columns - 1) break;
    shown += character;
    width += next;
  }
  return columns > 0 ? `${shown.trimEnd()}…` : "";
}

/** Fills up with spaces to so many columns of a terminal. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** Two columns for the scripts that take two (Unicode TR 11), none for marks that stand on another letter. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many columns a terminal gives to a text without escape codes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
