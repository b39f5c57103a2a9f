/** A preview on the terminal: a line a touchpoint in order of time; what it stands on and what is worth a second look beside it. */
import { formatDay } from "../domain/calendar.ts";
import { countTextsPerWeek } from "../domain/texts-per-week.ts";
import type { Preview, PreviewRow } from "../producers/preview-series.ts";
import { countStates } from "./count-states.ts";
import { showTouchpoints } from "./show-touchpoints.ts";
import { paint, print, printJson, say, tint } from "./terminal.ts";
import { toTouchpointFields } from "../domain/touchpoint-fields.ts";

export type ShowOptions = { readonly where: string; readonly warnings: readonly string[]; readonly json: true | undefined };

/** In JSON nothing but the touchpoints stands on stdout. */
export function showPreview(
  { rows, warnings, basis }: Extract<Preview, { ok: true }>,
  { where, warnings: found, json }: ShowOptions,
): void {
  const note = json ? say : print;
  if (where) note(json ? where : paint.bold(where));
  for (const each of basis) say(tint.dim(`basis: ${each}`));
  if (json) for (const row of rows) printJson(toTouchpointFields(row));
  else showTouchpoints(rows);
  note(summarise(rows));
  for (const warning of [...found, ...warnings]) say(tint.yellow(`warning: ${warning}`));
}

function summarise(rows: readonly PreviewRow[]): string {
  const weeks = countTextsPerWeek(rows.map((row) => ({ ...row, sessionId: null }))).map(
    ({ monday, texts }) => `${formatDay(monday)} ${texts}`,
  );
  return `${countStates(rows)}${weeks.length > 0 ? `; texts a week: ${weeks.join(", ")}` : ""}`;
}
