/** `message send` and `touchpoint resend`: what staff have said to somebody. */
import { readZone } from "../db/clinics.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { resendTouchpoint } from "../producers/resend-touchpoint.ts";
import { sendMessage } from "../producers/send-message.ts";
import type { Wish } from "../producers/write-staff-message.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getPatient } from "./get-patient.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { print, printJson } from "./terminal.ts";
import { withCore } from "./with-store.ts";

type Flags = { readonly dryRun?: true; readonly actor?: string; readonly json?: true };
export type SendFlags = Flags & {
  readonly clinic?: string;
  readonly phrase?: string;
  readonly text?: string;
  readonly channel?: "sms" | "email";
};

const LONGEST_TEXT = 2_000;

export async function sendStaffMessage(ref: string, { clinic, phrase, text, channel, dryRun, actor, json }: SendFlags): Promise<ExitCode> {
  const wish = readWish(phrase, text);
  const result = await withCore(async (core) => {
    const id = await getPatient(core, ref, { clinic });
    return sendMessage(core, id, { wish, channel: channel ?? null, actor: toActor(actor), dryRun: dryRun === true });
  });
  if (result.kind === "refused") throw new Refusal(result.faults, "nothing was sent");
  const { message, goesAt, zone, touchpoint } = result;
  if (json) printJson({ touchpoint, channel: result.channel, ...message, goesAt: formatInstant(goesAt), dryRun: result.dryRun });
  else {
    if (message.subject !== null) print(`Subject: ${message.subject}\n`);
    print(message.text);
    print();
    const cost = message.segments === null ? "by email" : `by text, ${count(message.segments, "segment")}`;
    const when = `goes ${sayWhen(readZone(zone), goesAt)} ${zone}`;
    print(
      result.dryRun ? `Would be sent ${cost}; ${when}. Nothing was stored: this was a dry run.` : `${touchpoint ?? ""}: ${cost}; ${when}.`,
    );
  }
  return EXIT.done;
}

function readWish(phrase: string | undefined, text: string | undefined): Wish {
  if (phrase !== undefined && text === undefined) return { phrase };
  if (text === undefined || phrase !== undefined) throw new UsageError('Expected either --phrase NAME or --text "...".');
  const reading = parseLine(text, { most: LONGEST_TEXT });
  if (!reading.ok) throw new UsageError(`--text: expected ${reading.expected}.`);
  return { text: reading.value };
}

export type ResendFlags = Flags;

export async function resendByStaff(text: string, { dryRun, actor, json }: ResendFlags): Promise<ExitCode> {
  const id = parsePublicId("touchpoint", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a touchpoint, such as tp_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow series show lists them).`,
    );
  const result = await withCore((core) => resendTouchpoint(core, id, { actor: toActor(actor), dryRun: dryRun === true }));
  if (result.kind === "refused") throw new Refusal(result.faults, "nothing was sent");
  const { channel, template, goesAt, zone } = result;
  const copy = toPublicId("touchpoint", result.id);
  if (json)
    printJson({
      touchpoint: result.dryRun ? null : copy,
      of: text,
      channel,
      template,
      goesAt: formatInstant(goesAt),
      dryRun: result.dryRun,
    });
  else {
    const when = `${template} goes once more by ${channel === "sms" ? "text" : "email"}, ${sayWhen(readZone(zone), goesAt)} ${zone}`;
    print(result.dryRun ? `Would be: ${when}. Nothing was stored: this was a dry run.` : `${copy}: ${when}.`);
  }
  return EXIT.done;
}
