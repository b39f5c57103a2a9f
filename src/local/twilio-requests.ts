import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { FaultScript } from "./fault-script.ts";
import type { Ledger } from "./ledger.ts";
import type { ReadableFolder } from "./readable-folder.ts";
import { answerError, answerFault, answerJson } from "./twilio-answers.ts";
import { findFormFault, type MessageForm, parseMessageForm } from "./twilio-checks.ts";
import { concerns, type RequestFault, type TwilioFault } from "./twilio-faults.ts";
import type { TwilioOptOuts } from "./twilio-inbound.ts";
import { toMessagePage } from "./twilio-lookups.ts";
import { makeSid, type TwilioMessage, toResource } from "./twilio-messages.ts";
import type { TwilioReports } from "./twilio-reports.ts";

/** One account and everything that happened in it. */
export type TwilioAccount = {
  readonly accountSid: string;
  readonly authToken: string;
  readonly senders: readonly string[] | undefined;
  readonly now: () => Date;
  readonly script: FaultScript<TwilioFault>;
  readonly ledger: Ledger<TwilioMessage>;
  readonly optOuts: TwilioOptOuts;
  readonly reports: TwilioReports;
  readonly folder: ReadableFolder;
};

/** The sender of a message that names a Messaging Service, when the account has no numbers of its own: Twilio's test number that always works. */
const SERVICE_SENDER = "+15005550006";

/** Serves the Messages resource of one account: create, list, fetch. Every other request is a 404, and one without the account's password a 401. */
export function serveMessages(account: TwilioAccount): RequestListener {
  const authorization = `Basic ${Buffer.from(`${account.accountSid}:${account.authToken}`).toString("base64")}`;
  const collection = `/2010-04-01/Accounts/${account.accountSid}/Messages`;
  return (request, response) => {
    const { method, url = "" } = request;
    if (request.headers.authorization !== authorization) answerError(response, 20003);
    else if (method === "GET" && url.startsWith(collection)) lookUp(account, url.slice(collection.length), response);
    else if (method === "POST" && url === `${collection}.json`)
      readText(request, (text) => create(account, parseMessageForm(text), response));
    else answerError(response, 20404);
  };
}

function create(account: TwilioAccount, form: MessageForm, response: ServerResponse): void {
  const fault = takeFault(account, "create", form.to);
  if (fault && strikesBeforeAccepting(fault)) return answerFault(response, fault);
  const code = findFormFault(form, account.senders);
  if (code !== undefined) return answerError(response, code);
  const message = toMessage(form, account);
  if (account.optOuts.cover(message.to, message.from)) return answerError(response, 21610);
  account.ledger.add(message);
  account.folder.write(message.to, toReadable(message));
  const resource = JSON.stringify(toResource(message, account.accountSid));
  account.reports.follow(message, () => (fault ? answerFault(response, fault) : answerJson(response, 201, resource)));
}

function lookUp(account: TwilioAccount, address: string, response: ServerResponse): void {
  const { accountSid, ledger } = account;
  const [path = "", search] = address.split("?", 2);
  const query = new URLSearchParams(search);
  const fault = takeFault(account, "lookup", query.get("To") ?? undefined);
  if (fault) return answerFault(response, fault);
  if (path === ".json") return answerJson(response, 200, JSON.stringify(toMessagePage(ledger.entries(), query, accountSid)));
  const message = ledger.entries().find(({ sid }) => path === `/${sid}.json`);
  if (message) answerJson(response, 200, JSON.stringify(toResource(message, accountSid)));
  else answerError(response, 20404);
}

function takeFault({ script }: TwilioAccount, on: "create" | "lookup", to: string | undefined): RequestFault | undefined {
  const fault = script.take((fault) => fault.does !== "report" && (fault.on ?? "create") === on && concerns(fault, to));
  return fault?.does === "report" ? undefined : fault;
}

function strikesBeforeAccepting(fault: RequestFault): boolean {
  return fault.does === "refuse" || fault.does === "throttle" || fault.when === "before-accepting";
}

function toMessage(form: MessageForm, { senders, now }: TwilioAccount): TwilioMessage {
  const { to = "", from = senders?.[0] ?? SERVICE_SENDER, body = "", messagingServiceSid, statusCallback } = form;
  const validityPeriod = form.validityPeriod === undefined ? undefined : Number(form.validityPeriod);
  const status = messagingServiceSid === undefined ? "queued" : "accepted";
  const open = { status, sentAt: undefined, errorCode: undefined } as const;
  return { sid: makeSid("SM"), to, from, messagingServiceSid, body, statusCallback, validityPeriod, createdAt: now(), ...open };
}

function toReadable({ to, from, createdAt, body }: TwilioMessage): string {
  return `To: ${to}\nFrom: ${from}\nDate: ${createdAt.toISOString()}\n\n${body}\n`;
}

function readText(request: IncomingMessage, use: (text: string) => void): void {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    text += chunk;
  });
  request.on("end", () => use(text));
}
