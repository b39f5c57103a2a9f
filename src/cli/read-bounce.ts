/** `bounce read`: from a mail server's pipe into the inbox of reports. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { insertProviderEvent } from "../db/provider-events.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { print, printJson } from "./terminal.ts";
import { withStore } from "./with-store.ts";

/** A report that quotes one of our mails whole takes a tenth of this. What it says of the delivery stands before the quotation. */
const LONGEST = 1024 * 1024;

/**
 * Stores the mail sealed, as it came, and leaves reading it to a worker. Exit codes are for a mail server: 0 also for a mail that is no report (an out-of-office
 * notice must not bounce back to its writer) and for one that was stored before; anything else means that it should try again.
 */
export async function readBounce(file: string, { json }: { json?: true }): Promise<ExitCode> {
  const mail = (await readBytes(file)).subarray(0, LONGEST);
  const kind = looksLikeReport(mail) ? await store(mail) : "ignored";
  if (json) printJson({ kind });
  else print(SENTENCES[kind]);
  return EXIT.done;
}

type Kind = "stored" | "known" | "ignored";

const SENTENCES: { readonly [Word in Kind]: string } = {
  stored: "Stored; a worker reads it within seconds.",
  known: "It is stored already; nothing was changed.",
  ignored: "That is no delivery report; nothing was stored.",
};

/** What every such report says of itself in its head; the worker reads it properly. */
function looksLikeReport(mail: Buffer): boolean {
  return /multipart\/report|message\/delivery-status/i.test(mail.toString("latin1"));
}

async function store(mail: Buffer): Promise<Kind> {
  const fingerprint = createHash("sha256").update("smtp\n").update(mail).digest();
  const event = { provider: "smtp", deliveryId: null, fingerprint, body: mail.toString("latin1") } as const;
  return withStore(async ({ db, vault }) => ((await insertProviderEvent(db, event, vault)) === undefined ? "known" : "stored"));
}

async function readBytes(file: string): Promise<Buffer> {
  if (file === "-") return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UsageError(`${file} cannot be read${code ? ` (${code})` : ""}.`);
  }
}
