/** `touchpoint settle`. */
import { parsePublicId } from "../domain/ids.ts";
import { type SettleVerdict, settleTouchpoint } from "../producers/settle-touchpoint.ts";
import { type ChangeFlags, endChange, toChangeOptions } from "./change-command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { withCore } from "./with-store.ts";

export type SettleFlags = ChangeFlags & { readonly as: SettleVerdict };

const SENTENCES: { readonly [Verdict in SettleVerdict]: string } = {
  arrived: "It has arrived; it ends as sent.",
  told: "It was said by voice; it ends as told.",
  again: "It is sent once more, as soon as it is legal.",
};

export async function settleByStaff(id: string, flags: SettleFlags): Promise<ExitCode> {
  const touchpointId = parsePublicId("touchpoint", id);
  if (!touchpointId) throw new UsageError(`${id}: expected the id of a touchpoint, such as tp_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  const options = { ...toChangeOptions(flags), verdict: flags.as };
  const result = await withCore((core) => settleTouchpoint(core, touchpointId, options));
  return endChange(result, { json: flags.json, say: ({ verdict }) => SENTENCES[verdict] });
}
