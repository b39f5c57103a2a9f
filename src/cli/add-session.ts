/** `session add`. */
import type { SessionKind, Setting } from "../domain/protocol.ts";
import { type AddedSession, addSession, type NewSession } from "../producers/add-session.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { endSessionChange } from "./end-session-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { readMinutesOption } from "./read-option.ts";
import { sayWhen } from "./say-when.ts";
import { toSeriesId } from "./session-id.ts";
import { withCore } from "./with-store.ts";

export type AddOptions = ChangeFlags & {
  readonly kind: SessionKind;
  readonly at: string;
  readonly occurrence?: "first" | "second";
  readonly minutes?: string;
  readonly setting?: Setting;
  readonly place?: string;
  readonly with?: string;
  readonly joinUrl?: string;
  readonly externalId?: string;
};

export async function addOne(text: string, { at, minutes, dryRun, ifRevision, actor, json, ...rest }: AddOptions): Promise<ExitCode> {
  const id = toSeriesId(text);
  const session: NewSession = { ...rest, startsAt: at, ...(minutes !== undefined && { minutes: readMinutesOption("--minutes", minutes) }) };
  const options = toChangeOptions({
    ...(dryRun && { dryRun }),
    ...(ifRevision !== undefined && { ifRevision }),
    ...(actor !== undefined && { actor }),
  });
  const result = await withCore((core) => addSession(core, id, { session, ...options }));
  return endSessionChange(result, { json, say: sayAdded, moments: ({ startsAt, endsAt }) => ({ startsAt, endsAt }) });
}

function sayAdded({ session, number, kind, zone, startsAt, endsAt }: AddedSession): string {
  return `${kind} session ${number} added: ${sayWhen(zone, startsAt)} to ${sayWhen(zone, endsAt).slice(-5)} (${zone}), ${session}.`;
}
