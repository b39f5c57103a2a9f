/** From stored reports to what they say: opens what is sealed and reads each provider's own form. One that cannot be read never touches its neighbours. */
import { z } from "zod";
import { classifyBounce } from "../channels/classify-smtp.ts";
import { type Bounce, type BouncedRecipient, parseBounce } from "../channels/parse-bounce.ts";
import { classifyTwilioReport } from "../channels/twilio-codes.ts";
import type { Database } from "../db/database.ts";
import { placeOf, type UnfoldedEvent } from "../db/provider-events.ts";
import { findMailDeliveries } from "../db/reported-deliveries.ts";
import type { Vault } from "../db/vault.ts";
import { parsePublicId, type ProviderEventId, type TouchpointId } from "../domain/ids.ts";
import { providerRank } from "../domain/provider-rank.ts";
import type { DeliveryReport } from "./fold-reports.ts";

export type ReadReport = { readonly eventId: ProviderEventId; readonly report: DeliveryReport };

/** `unread` are those about which nothing can be said: not in the form they should have, or of no delivery of ours. */
export type ReadReports = { readonly read: readonly ReadReport[]; readonly unread: readonly ProviderEventId[] };

type Deps = { readonly db: Database; readonly vault: Vault };

export async function readReports({ db, vault }: Deps, events: readonly UnfoldedEvent[]): Promise<ReadReports> {
  const texts = events.filter(({ provider }) => provider === "twilio").flatMap((event) => readTwilio(event, vault) ?? []);
  const mails = await readBounces(
    { db, vault },
    events.filter(({ provider }) => provider === "smtp"),
  );
  const read = [...texts, ...mails];
  const known = new Set(read.map(({ eventId }) => eventId));
  return { read, unread: events.map(({ id }) => id).filter((id) => !known.has(id)) };
}

/** As the webhook checked it. */
const statusForm = z.object({
  MessageSid: z.string(),
  MessageStatus: z.string(),
  ErrorCode: z.string().optional(),
  To: z.string().optional(),
});

function readTwilio(event: UnfoldedEvent, vault: Vault): ReadReport | undefined {
  const { data } = statusForm.safeParse(readJson(open(event, vault)));
  if (!data || event.deliveryId === null) return undefined;
  const { MessageSid: sid, MessageStatus: state, ErrorCode: code = null, To: to } = data;
  const report = { state, code: code === "0" ? null : code, at: event.receivedAt };
  const addressIndexes = to === undefined ? [] : [vault.blindIndex("phone", to)];
  return {
    eventId: event.id,
    report: { deliveryId: event.deliveryId, report, sid, addressIndexes, failure: classifyTwilioReport(report.code) },
  };
}

/** Undefined when it does not open: its key is gone from the ring, and with it what it said. */
function open({ id, bodySealed }: UnfoldedEvent, vault: Vault): string | undefined {
  try {
    return vault.open(bodySealed, placeOf(id));
  } catch {
    return undefined;
  }
}

function readJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

type ReadBounce = { readonly event: UnfoldedEvent; readonly bounce: Bounce; readonly touchpointId: TouchpointId };

async function readBounces({ db, vault }: Deps, events: readonly UnfoldedEvent[]): Promise<ReadReport[]> {
  if (events.length === 0) return [];
  const bounces = (await Promise.all(events.map((event) => readBounce(event, vault)))).filter((each) => each !== undefined);
  const deliveries = await findMailDeliveries(
    db,
    bounces.map(({ touchpointId }) => touchpointId),
  );
  return bounces.flatMap(({ event, bounce, touchpointId }) => {
    const deliveryId = deliveries.get(touchpointId);
    const said = gravest(bounce.recipients);
    if (deliveryId === undefined || !said) return [];
    const { state, status, addresses } = said;
    const report = { state, code: status, at: event.receivedAt };
    const addressIndexes = addresses.map((address) => vault.blindIndex("email", address));
    return [{ eventId: event.id, report: { deliveryId, report, sid: null, addressIndexes, failure: classifyBounce(status) } }];
  });
}

async function readBounce(event: UnfoldedEvent, vault: Vault): Promise<ReadBounce | undefined> {
  const text = open(event, vault);
  if (text === undefined) return undefined;
  try {
    const bounce = await parseBounce(Buffer.from(text, "latin1"));
    const touchpointId = bounce && parsePublicId("touchpoint", bounce.touchpointId);
    return bounce && touchpointId ? { event, bounce, touchpointId } : undefined;
  } catch {
    // Whatever the parser choked on came from outside; the caller counts it among those that cannot be read.
    return undefined;
  }
}

type Said = BouncedRecipient & { readonly state: string };

/** A mail of ours has one recipient; of several lines about it the one that ranks highest. A mail server's `failed` is the end of it, whatever the status says. */
function gravest(recipients: readonly BouncedRecipient[]): Said | undefined {
  const said = recipients.map((each): Said => ({ ...each, state: each.action === "failed" ? "bounced" : each.action }));
  return said.toSorted((a, b) => providerRank(b.state) - providerRank(a.state))[0];
}
