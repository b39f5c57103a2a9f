/** From a hint's rows to messages: opens what is sealed, gathers the facts, renders with the templates of the row's approval. One row that cannot be written never touches its neighbours. */
import type { EmailContent, SmsContent } from "../channels/channel.ts";
import { getApprovals } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import type { SendRow } from "../db/send-rows.ts";
import type { ToldSession } from "../db/sessions-told.ts";
import { loadStaffMessages } from "../db/staff-messages.ts";
import type { Log } from "../log.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import type { Templates } from "../messages/compile-template.ts";
import { beginEmail, renderSms } from "../messages/render-message.ts";
import { approvalOf, type FactsDeps, loadOthers, loadSessionLists, toFacts } from "./gather-facts.ts";
import { loadWordings } from "./find-wording.ts";
import { CRISIS, loadShippedCrisis } from "./shipped-crisis.ts";
import { writeInvitations } from "./write-invitations.ts";

export type WritingDeps = FactsDeps & { readonly db: Database; readonly log: Log };

/** `hashed`: texts that say all that the message says. What of the content is large is written when it is read, from the same facts. */
export type Draft<Content> = { readonly hashed: readonly string[]; readonly content: Content };
export type Written<Content> = { readonly row: SendRow; readonly to: string; readonly draft: Draft<Content> };
export type Unwritten = { readonly row: SendRow; readonly error: unknown };

/** `others`: the sessions beside the row's own of which the message speaks. `onUnwritten`: told what a part that is written late throws. */
export type WriteContext = {
  readonly row: SendRow;
  readonly to: string;
  readonly others: readonly ToldSession[];
  readonly onUnwritten: (error: unknown) => void;
};
export type Write<Content> = (templates: Templates, facts: MessageFacts, context: WriteContext) => Draft<Content>;

/** Writes each row; what cannot be written comes back beside the rest, with its error. */
export async function writeMessages<Content>(
  deps: WritingDeps,
  rows: readonly SendRow[],
  write: Write<Content>,
): Promise<{ written: Written<Content>[]; unwritten: Unwritten[] }> {
  const approvals = await getApprovals(
    deps.db,
    rows.map(({ approvalId }) => approvalId),
  );
  const wordingOf = await loadWordings(deps.db, rows, approvals);
  const sessions = await loadSessionLists(deps.db, rows, approvals);
  const told = await loadOthers(deps.db, rows, approvals);
  const staffs = await loadStaffMessages(deps.db, rows);
  const written: Written<Content>[] = [];
  const unwritten: Unwritten[] = [];
  for (const row of rows) {
    try {
      const approval = approvalOf(row, approvals);
      const others = told.get(row.id) ?? [];
      const { to, facts } = toFacts(row, { deps, approval, sessions, others, written: staffs.get(row.id) });
      const onUnwritten = (error: unknown) => logUnwritten(deps.log, row, error);
      const context = { row, to, others, onUnwritten };
      const own = () => write(wordingOf(row), facts, context);
      const draft =
        row.template === CRISIS ? await orShipped(deps, row, { own, write: (shipped) => write(shipped, facts, context) }) : own();
      written.push({ row, to, draft });
    } catch (error) {
      unwritten.push({ row, error });
    }
  }
  return { written, unwritten };
}

export function logUnwritten(log: Log, { id: touchpointId }: Pick<SendRow, "id">, error: unknown): void {
  log.error("message.unwritten", { touchpointId, error });
}

type CrisisWriting<Content> = { readonly own: () => Draft<Content>; readonly write: (shipped: Templates) => Draft<Content> };

/** Somebody in danger is answered, whatever is wrong with the wording that the clinic approved. */
async function orShipped<Content>({ log }: WritingDeps, row: SendRow, { own, write }: CrisisWriting<Content>): Promise<Draft<Content>> {
  try {
    return own();
  } catch (error) {
    log.error("message.shipped-wording", { touchpointId: row.id, error });
    return write(await loadShippedCrisis());
  }
}

export const writeSms: Write<SmsContent> = (templates, facts, { row: { now } }) => {
  const { body } = renderSms(templates, facts, { now });
  return { hashed: [body], content: { body } };
};

/**
 * A mail to the patient carries the invitation to each session of which it tells the start, or takes it out of the calendar: {@link writeInvitations}. Its HTML
 * says what its text says, in the layout that the hash of its templates names. It is ten times as long, and while hundreds of mails wait for their claims and
 * connections it stands nowhere.
 */
export const writeEmail: Write<EmailContent> = (templates, facts, { row, to, others, onUnwritten }) => {
  const { subject, text, html } = beginEmail(templates, facts, { now: row.now });
  const [calendar = null, ...furtherCalendars] = writeInvitations(row, facts, { to, others });
  const rest = { calendar, ...(furtherCalendars.length > 0 && { furtherCalendars }), ...unsubscribeOf(facts) };
  const calendars = calendar ? [calendar, ...furtherCalendars].flatMap(({ method, ics }) => [method, ics]) : [];
  return {
    hashed: [templates.hash, row.template, row.locale, subject, text, rest.unsubscribe ?? "", ...calendars],
    content: {
      subject,
      text,
      ...rest,
      get html() {
        try {
          return html();
        } catch (error) {
          onUnwritten(error);
          throw error;
        }
      },
    },
  };
};

/** Only over https: a mail program posts there by itself. */
function unsubscribeOf({ unsubscribeLink }: MessageFacts): Pick<EmailContent, "unsubscribe"> {
  return unsubscribeLink?.startsWith("https:") ? { unsubscribe: unsubscribeLink } : {};
}
