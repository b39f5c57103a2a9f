/** `reply show` and `reply close`: one text, with what was said before and after it. */
import { readZone } from "../db/clinics.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import { findReply, type ReplyView } from "../db/view-replies.ts";
import type { StoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import { type InboundId, toPublicId } from "../domain/ids.ts";
import { closeReply } from "../producers/close-reply.ts";
import { openConversation, type Said } from "../producers/open-conversation.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { toReplyFields } from "./list-replies.ts";
import { readReplyId } from "./read-reply-id.ts";
import { type Identity, revealPatients } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { sayWords } from "./say-words.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ReplyFlags = { readonly actor?: string; readonly json?: true };

/** Shows what was written and names the patient; the audit keeps who read it. */
export async function showReply(text: string, { actor, json }: ReplyFlags): Promise<ExitCode> {
  const id = readReplyId(text);
  const shown = await withStore((store) => read(store, id, toActor(actor)));
  if (!shown) throw new Refusal([{ path: "reply", value: text, expected: "the id of a text that came in" }], "nothing to show");
  if (json) printJson(toJson(shown));
  else showAsText(shown);
  return EXIT.done;
}

export async function closeInboxEntry(text: string, { actor, json }: ReplyFlags): Promise<ExitCode> {
  const id = readReplyId(text);
  const result = await withStore(({ db }) => closeReply(db, id, toActor(actor)));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ reply: toPublicId("inbound", id), ...result });
  else if (result.kind === "same") print("It is not waiting in the inbox; nothing was stored.");
  else print(`Closed${result.tasksClosed > 0 ? `, with ${count(result.tasksClosed, "task")}` : ""}.`);
  return EXIT.done;
}

type Shown = { readonly reply: ReplyView; readonly identity: Identity | null; readonly conversation: readonly Said[] };

async function read(store: StoreDeps, id: InboundId, actor: string): Promise<Shown | undefined> {
  const reply = await findReply(store.db, id);
  if (!reply) return undefined;
  const conversation = await openConversation(store, id);
  const { patientId, refSealed, nameSealed, clinicId } = reply;
  if (patientId === null || refSealed === null || nameSealed === null) {
    await transact(store.db, (tx) => appendEvents(tx, [{ kind: "reply.read", clinicId, subjectId: id, actor }]));
    return { reply, identity: null, conversation };
  }
  const [identity] = await revealPatients(store, [{ ...reply, patientId, refSealed, nameSealed }], { actor, where: "reply show" });
  return { reply, identity: identity ?? null, conversation };
}

function toJson({ reply, identity, conversation }: Shown) {
  return {
    ...toReplyFields(reply),
    ...identity,
    conversation: conversation.map(({ from, at, inboundId, touchpointId, template, state, actor, words }) => ({
      from,
      at: formatInstant(at),
      reply: inboundId === null ? null : toPublicId("inbound", inboundId),
      touchpoint: touchpointId === null ? null : toPublicId("touchpoint", touchpointId),
      template,
      state,
      actor,
      words,
    })),
  };
}

function showAsText({ reply, identity, conversation }: Shown): void {
  const { id, kind, clinicZone, inbox, closedBy, session } = reply;
  const zone = readZone(clinicZone);
  const standing = inbox === "closed" ? `closed by ${closedBy ?? "?"}` : (inbox ?? "not for the inbox");
  print(`${paint.bold(toPublicId("inbound", id))}  ${kind ?? "not handled yet"}, ${standing}`);
  print(identity ? `${identity.name}, chart ${identity.chart}, ${identity.phone ?? "no phone"}` : "A number that nobody has.");
  if (session !== null) print(`About session ${session}.`);
  if (reply.hasAlert) print(paint.red("There is an alert about it (afterglow alert list)."));
  print();
  const rows = toTable(conversation.map((said) => [sayWhen(zone, said.at), said.from === "us" ? "we" : "they", sayWords(said)]));
  for (const [index, row] of rows.entries()) print(conversation[index]?.inboundId === id ? paint.bold(row) : row);
}
