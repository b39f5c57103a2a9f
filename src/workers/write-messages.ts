/** From a hint's rows to messages: opens what is sealed, gathers the facts, renders with the templates of the row's approval. One row that cannot be written never touches its neighbours. */
import { z } from "zod";
import type { EmailContent, SmsContent } from "../channels/channel.ts";
import { type Approval, getApprovals } from "../db/approvals.ts";
import { readLocale, readStaffedHours, readZone } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { loadUpcomingSessions, type SendRow, type SessionOfSeries } from "../db/sends.ts";
import type { Vault } from "../db/vault.ts";
import { addDays, dayOf, type Instant } from "../domain/calendar.ts";
import type { ApprovalId } from "../domain/ids.ts";
import type { MessageFacts, SessionForMessage } from "../domain/message-facts.ts";
import { toLocal } from "../domain/place-in-time.ts";
import { SESSION_KINDS, SETTINGS } from "../domain/protocol.ts";
import { toCalendar } from "../messages/calendar-invitation.ts";
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { renderEmail, renderSms } from "../messages/render-message.ts";
import { templateSourcesSchema } from "../messages/template-sources.ts";

export type WritingDeps = { readonly db: Database; readonly vault: Vault; readonly tokens: LinkTokens; readonly publicBaseUrl: string };

export type Written<Content> = { readonly row: SendRow; readonly to: string; readonly content: Content };
export type Unwritten = { readonly row: SendRow; readonly error: unknown };

export type Write<Content> = (templates: Templates, facts: MessageFacts, context: { row: SendRow; to: string }) => Content;

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
  const sessions = await loadSessionLists(deps.db, rows, approvals);
  const written: Written<Content>[] = [];
  const unwritten: Unwritten[] = [];
  for (const row of rows) {
    try {
      const approval = found(approvals, row.approvalId);
      const { to, facts } = toFacts(row, { deps, approval, sessions });
      written.push({ row, to, content: write(await compileOnce(approval), facts, { row, to }) });
    } catch (error) {
      unwritten.push({ row, error });
    }
  }
  return { written, unwritten };
}

export const writeSms: Write<SmsContent> = (templates, facts, { row: { now } }) => ({ body: renderSms(templates, facts, { now }).body });

/** The mail that speaks of one session to come carries its invitation: the same UID for the life of the session, so that a later one updates the entry. */
export const writeEmail: Write<EmailContent> = (templates, facts, { row, to }) => {
  const { subject, html, text } = renderEmail(templates, facts, { now: row.now });
  return { subject, html, text, calendar: invites(row) ? { method: "REQUEST", ics: toInvitation(row, facts, to) } : null };
};

function invites({ recipient, purpose, startsAt, now }: SendRow): boolean {
  return (
    recipient === "patient" &&
    startsAt !== null &&
    startsAt > now &&
    (purpose === "notice" || purpose === "reminder" || purpose === "preparation")
  );
}

function toInvitation(row: SendRow, facts: MessageFacts, attendee: string): string {
  const domain = row.senderAddress.split("@")[1] ?? "afterglow.invalid";
  return toCalendar({
    uid: `${row.sessionId}@${domain}`,
    sequence: row.sequence ?? 0,
    method: "REQUEST",
    startsAt: row.startsAt ?? row.now,
    endsAt: row.endsAt ?? row.now,
    title: `Appointment - ${facts.clinic.name}`,
    place: row.place ?? row.clinicAddress,
    description: facts.link,
    organizer: { name: row.senderName, address: row.senderAddress },
    attendee: { name: facts.recipient.name, address: attendee },
    stampAt: row.now,
  });
}

const compiled = new Map<ApprovalId, Promise<Templates>>();

/** What an approval says never changes, so a failure is kept as well. */
function compileOnce({ id, templates: sources }: Approval): Promise<Templates> {
  let templates = compiled.get(id);
  if (!templates) compiled.set(id, (templates = compileTemplates(templateSourcesSchema.parse(sources))));
  return templates;
}

type Lists = ReadonlyMap<string, readonly SessionOfSeries[]>;

const LISTING = new Set(["week.start", "series.enqueued", "series.start", "series.end"]);

function anchorOf(row: SendRow, approval: Approval): string {
  return approval.protocol.rules.find(({ id }) => id === row.rule)?.anchor ?? "";
}

async function loadSessionLists(db: Database, rows: readonly SendRow[], approvals: ReadonlyMap<ApprovalId, Approval>): Promise<Lists> {
  const listing = rows.filter((row) => LISTING.has(anchorOf(row, found(approvals, row.approvalId))));
  if (listing.length === 0) return new Map();
  return Map.groupBy(await loadUpcomingSessions(db, [...new Set(listing.map(({ seriesId }) => seriesId))]), ({ seriesId }) => seriesId);
}

type FactsContext = { deps: WritingDeps; approval: Approval; sessions: Lists };

function toFacts(row: SendRow, { deps, approval, sessions }: FactsContext): { to: string; facts: MessageFacts } {
  const { vault, tokens, publicBaseUrl } = deps;
  const open = (table: "patients" | "escorts", column: string, sealed: Buffer) => vault.open(sealed, { table, column, row: row.patientId });
  const toEscort = row.recipient === "escort";
  if (!row.addressSealed) throw new Error(`Touchpoint ${row.id} has no address`);
  const to = open(toEscort ? "escorts" : "patients", row.addressColumn, row.addressSealed);
  const patientName = open("patients", "name_sealed", row.patientNameSealed);
  const token = tokens.tokenOf({ id: row.linkId, generation: row.linkGeneration, keyId: row.linkKeyId });
  const facts: MessageFacts = {
    template: row.template,
    locale: readLocale(row.locale),
    clinic: {
      name: row.clinicName,
      phone: row.clinicPhone,
      zone: readZone(row.clinicZone),
      staffedHours: readStaffedHours(row.staffedHours),
    },
    recipient: {
      kind: row.recipient,
      name: toEscort && row.escortNameSealed ? open("escorts", "name_sealed", row.escortNameSealed) : patientName,
      zone: readZone(row.zone),
    },
    patient: { name: patientName, ref: "", phone: null, detailAccepted: row.detailAccepted },
    instructions: approval.protocol.instructions,
    session: toSession(row),
    sessions: listFor(row, { approval, sessions }),
    link: `${publicBaseUrl}/v/${token}`,
  };
  return { to, facts };
}

const kindColumn = z.enum(SESSION_KINDS);
const settingColumn = z.enum(SETTINGS);

type SessionColumns = Pick<SessionOfSeries, "kind" | "setting" | "zone" | "dischargedAt" | "place" | "withWhom" | "joinUrl"> & {
  startsAt: Instant;
  endsAt: Instant;
};

function readSession({ kind, setting, zone, startsAt, endsAt, dischargedAt, place, withWhom, joinUrl }: SessionColumns): SessionForMessage {
  return {
    kind: kindColumn.parse(kind),
    setting: settingColumn.parse(setting),
    zone: readZone(zone),
    startsAt,
    endsAt,
    dischargedAt,
    place,
    with: withWhom,
    joinUrl,
  };
}

function toSession(row: SendRow): SessionForMessage | null {
  const { kind, setting, sessionZone, startsAt, endsAt, dischargedAt, place, withWhom, joinUrl } = row;
  if (kind === null || setting === null || sessionZone === null || startsAt === null || endsAt === null) return null;
  return readSession({ kind, setting, zone: sessionZone, startsAt, endsAt, dischargedAt, place, withWhom, joinUrl });
}

/** A week plan lists the seven days from its first session; a message about the whole series lists all that is to come. */
function listFor(row: SendRow, { approval, sessions }: Pick<FactsContext, "approval" | "sessions">): SessionForMessage[] {
  const list = sessions.get(row.seriesId) ?? [];
  const anchor = anchorOf(row, approval);
  if (anchor !== "week.start") return LISTING.has(anchor) ? list.map(readSession) : [];
  const zone = readZone(row.sessionZone ?? row.zone);
  const end = addDays(dayOf(toLocal(zone, row.startsAt ?? row.now)), 7);
  return list.filter(({ startsAt }) => dayOf(toLocal(zone, startsAt)) < end).map(readSession);
}

function found<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error("An approval vanished between load and render");
  return value;
}
