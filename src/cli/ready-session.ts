/** `session ready` and `session form-filed`. */
import { fileForm } from "../producers/file-form.ts";
import { type ReadySession, readySession } from "../producers/ready-session.ts";
import { formatInstant } from "../domain/calendar.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { endSessionChange } from "./end-session-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { readInstantOption, readLineOption, readTimeOption } from "./read-option.ts";
import { sayWhen } from "./say-when.ts";
import { toSessionId } from "./session-id.ts";
import { withCore } from "./with-store.ts";

export async function sayReady(text: string, { pickup: time, ...flags }: ChangeFlags & { readonly pickup: string }): Promise<ExitCode> {
  const id = toSessionId(text);
  const pickup = readTimeOption("--pickup", time);
  const options = toChangeOptions(flags);
  const result = await withCore((core) => readySession(core, id, { pickup, ...options }));
  const say = ({ zone, pickupAt }: ReadySession) => `pick-up from about ${sayWhen(zone, pickupAt).slice(-5)} (${zone}).`;
  return endSessionChange(result, { json: flags.json, say, moments: ({ pickupAt }) => ({ pickupAt }) });
}

export async function recordForm(
  text: string,
  { by, at, ...flags }: ChangeFlags & { readonly by: string; readonly at: string },
): Promise<ExitCode> {
  const id = toSessionId(text);
  const form = { by: readLineOption("--by", by), at: readInstantOption("--at", at) };
  const options = toChangeOptions(flags);
  const result = await withCore((core) => fileForm(core, id, { form, ...options }));
  return endSessionChange(result, {
    json: flags.json,
    say: (filed) => `form filed by ${filed.by} at ${formatInstant(filed.at)}.`,
    moments: ({ at: filedAt }) => ({ at: filedAt }),
  });
}
