/** Asks the provider about texts whose answer was lost: is there one to that number, from around that time, with those words? */
import type { SmsChannel } from "../channels/sms.ts";
import type { TwilioText } from "../channels/list-twilio-texts.ts";
import type { Database } from "../db/database.ts";
import { findTaken, type UnknownRow } from "../db/settlements.ts";
import type { Vault } from "../db/vault.ts";
import { matchSentText, spanOfAttempt } from "../domain/match-sent-text.ts";

export type LookUp = { readonly row: UnknownRow } & (
  | { readonly kind: "found"; readonly text: TwilioText }
  /** The provider has none. */
  | { readonly kind: "absent" }
  /** There is one whose words it no longer keeps, or nobody knows any more where the text went. */
  | { readonly kind: "unclear" }
  /** It could not be asked. */
  | { readonly kind: "unanswered" }
);

export type LookUpDeps = { readonly db: Database; readonly vault: Vault; readonly sms: Pick<SmsChannel, "listTexts"> };

/** Few, so that looking up never stands in the way of sending. */
const AT_ONCE = 4;

/** Ends with the first group in which the provider did not answer, so that a silent one costs no more than one deadline; the rest is asked next time. */
export async function lookUpTexts(deps: LookUpDeps, rows: readonly UnknownRow[]): Promise<LookUp[]> {
  const looks: LookUp[] = [];
  const matched = new Set<string>();
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const group = rows.slice(at, at + AT_ONCE);
    const lists = await Promise.all(group.map((row) => listFor(deps, row)));
    const taken = await findTaken(
      deps.db,
      lists.flatMap((texts) => (Array.isArray(texts) ? texts.map(({ sid }) => sid) : [])),
    );
    for (const [index, row] of group.entries()) {
      const look = toLookUp(row, lists[index], { vault: deps.vault, taken: new Set([...taken, ...matched]) });
      if (look.kind === "found") matched.add(look.text.sid);
      looks.push(look);
    }
    if (lists.includes(undefined)) break;
  }
  return looks;
}

/** Null when it is not known whom to ask about. */
async function listFor({ vault, sms }: LookUpDeps, row: UnknownRow): Promise<readonly TwilioText[] | null | undefined> {
  if (row.phoneSealed === null || row.isElsewhere) return null;
  const table = row.recipient === "escort" ? "escorts" : "patients";
  const to = vault.open(row.phoneSealed, { table, column: "phone_sealed", row: row.patientId });
  const { from, to: until } = spanOfAttempt(row.claimedAt);
  return sms.listTexts({ to, from, until });
}

function toLookUp(
  row: UnknownRow,
  texts: readonly TwilioText[] | null | undefined,
  { vault, taken }: { vault: Vault; taken: ReadonlySet<string> },
): LookUp {
  if (texts === undefined) return { row, kind: "unanswered" };
  if (texts === null) return { row, kind: "unclear" };
  const listed = texts.map(({ sid, createdAt, body }) => ({
    sid,
    createdAt,
    matches: body === null ? null : vault.keyedHash("message", body).equals(row.contentHash),
  }));
  const match = matchSentText(listed, { claimedAt: row.claimedAt, taken });
  if (match.kind !== "found") return { row, kind: match.kind };
  const text = texts.find(({ sid }) => sid === match.sid);
  return text ? { row, kind: "found", text } : { row, kind: "unclear" };
}
