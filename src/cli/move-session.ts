/** `session move`, `session cancel` and `session postpone`. */
import { cancelSession } from "../producers/cancel-session.ts";
import type { CalledOffSession } from "../producers/call-off-session.ts";
import type { Changed } from "../producers/change-facts.ts";
import { type MovedSession, moveSession } from "../producers/move-session.ts";
import { postponeSession } from "../producers/postpone-session.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { endSessionChange } from "./end-session-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { readLocalOption, readMinutesOption } from "./read-option.ts";
import { sayWhen } from "./say-when.ts";
import { toSessionId } from "./session-id.ts";
import { withCore } from "./with-store.ts";

export type MoveOptions = ChangeFlags & {
  readonly to: string;
  readonly occurrence?: "first" | "second";
  readonly minutes?: string;
  readonly because?: "patient" | "clinic";
};

export async function moveOne(text: string, { to, occurrence, minutes, because, ...flags }: MoveOptions): Promise<ExitCode> {
  const id = toSessionId(text);
  const move = {
    to: readLocalOption("--to", to),
    minutes: minutes === undefined ? null : readMinutesOption("--minutes", minutes),
    because: because ?? null,
    ...(occurrence && { occurrence }),
  };
  const options = toChangeOptions(flags);
  const result = await withCore((core) => moveSession(core, id, { move, ...options }));
  return endSessionChange(result, {
    json: flags.json,
    say: sayMoved,
    moments: ({ from, to, endsAt: until }) => ({ from, to, endsAt: until }),
  });
}

function sayMoved({ number, zone, from, to, endsAt, wasPostponed }: MovedSession): string {
  const until = sayWhen(zone, endsAt).slice(-5);
  if (wasPostponed) return `session ${number} has a date again: ${sayWhen(zone, to)} to ${until} (${zone}).`;
  if (from === to) return `session ${number} on ${sayWhen(zone, to)} now lasts until ${until} (${zone}).`;
  return `session ${number} moves from ${sayWhen(zone, from)} to ${sayWhen(zone, to)}, until ${until} (${zone}).`;
}

export type CallOffOptions = ChangeFlags & { readonly because: "patient" | "clinic" };

export async function cancelOne(text: string, { because, ...flags }: CallOffOptions): Promise<ExitCode> {
  const id = toSessionId(text);
  const options = toChangeOptions(flags);
  return endCalledOff(await withCore((core) => cancelSession(core, id, { because, ...options })), flags);
}

export async function postponeOne(text: string, { because, ...flags }: CallOffOptions): Promise<ExitCode> {
  const id = toSessionId(text);
  const options = toChangeOptions(flags);
  return endCalledOff(await withCore((core) => postponeSession(core, id, { because, ...options })), flags);
}

function endCalledOff(result: Changed<CalledOffSession>, { json }: ChangeFlags): ExitCode {
  return endSessionChange(result, { json, say: sayCalledOff, moments: ({ from }) => ({ from }) });
}

function sayCalledOff({ number, status, zone, from }: CalledOffSession): string {
  const what = `session ${number} on ${sayWhen(zone, from)} (${zone})`;
  return status === "cancelled" ? `${what} is cancelled.` : `${what} is postponed; session move gives it a new date.`;
}
