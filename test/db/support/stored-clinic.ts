/** A clinic stored by hand, with a protocol of one rule approved. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { newId } from "../../../src/clock.ts";
import { insertApproval } from "../../../src/db/approvals.ts";
import { findClinic, saveClinic } from "../../../src/db/clinics.ts";
import type { Database } from "../../../src/db/database.ts";
import { transact } from "../../../src/db/transact.ts";
import { type Instant, instant } from "../../../src/domain/calendar.ts";
import type { ApprovalId, ClinicId, GroupId, SenderId } from "../../../src/domain/ids.ts";
import { parseClinic } from "../../../src/domain/parse-clinic.ts";
import type { ProtocolFile } from "../../../src/domain/protocol.ts";

/** An instant written as ISO 8601. */
export function at(text: string): Instant {
  return instant(Date.parse(text));
}

/** Monday 2027-01-11, nine in the morning in Denver. */
export const NOW = at("2027-01-11T16:00:00Z");

export type StoredClinic = {
  readonly clinicId: ClinicId;
  readonly groupId: GroupId;
  readonly approvalId: ApprovalId;
  readonly senders: { readonly email: SenderId; readonly sms: SenderId };
};

export const PROTOCOL: ProtocolFile = {
  id: "tiny",
  version: 1,
  title: "A protocol for tests",
  route: "iv",
  summary: "One session and one reminder.",
  sources: ["none"],
  spacing: { least: "P1D", most: "P7D", source: "none" },
  instructions: { observation: "PT1H", restriction: "PT24H", companion: "driver", source: "none" },
  phases: [{ id: "only", kind: "dosing", count: 1, minutes: 60 }],
  rules: [
    {
      id: "day-before",
      purpose: "reminder",
      anchor: "session.start",
      offset: "-P1D",
      channels: ["sms"],
      expiry: { from: "anchor", offset: "-PT1H" },
      template: "day-before",
      source: "none",
    },
  ],
};

export async function storeClinic(db: Database): Promise<StoredClinic> {
  const parsed = parseClinic(parse(await readFile("examples/clinic.yaml", "utf8")));
  if (!parsed.ok) throw new Error("The example clinic does not parse");
  const settings = parsed.value;
  const { id: clinicId } = await transact(db, (tx) => saveClinic(tx, settings));
  const clinic = await findClinic(db, settings.slug);
  const approvalId = await transact(db, (tx) =>
    insertApproval(tx, { clinicId, file: PROTOCOL, templates: [], hash: "test", by: "Dr. Test" }),
  );
  const senders = await db.selectFrom("senders").select(["id", "channel"]).where("clinicId", "=", clinicId).execute();
  const senderOf = (channel: string) => senders.find((sender) => sender.channel === channel)?.id ?? newId<"sender">();
  if (!clinic) throw new Error("The clinic was not stored");
  return { clinicId, groupId: clinic.groupId, approvalId, senders: { email: senderOf("email"), sms: senderOf("sms") } };
}
