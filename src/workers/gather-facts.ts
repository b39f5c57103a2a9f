/** From a row to the facts of its message: what is opened, which sessions it lists, which others changed with its own. */
import { z } from "zod";
import { type Approval, getApprovals } from "../db/approvals.ts";
import { readLocale, readZone } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { loadUpcomingSessions, type SendRow, type SessionToCome } from "../db/send-rows.ts";
import { loadCalledOff, loadOfferedSessions, loadToldTogether, type ToldSession } from "../db/sessions-told.ts";
import { placeOfMessage } from "../db/staff-messages.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, PatientId } from "../domain/ids.ts";
import { AS_BOOKED, type MessageFacts, type SessionForMessage } from "../domain/message-facts.ts";
import { type OptionalStream, optionalStreamOf } from "../domain/optional-stream.ts";
import { SESSION_STATUSES } from "../domain/patient-facts.ts";
import { type Rule, SESSION_KINDS, SETTINGS } from "../domain/protocol.ts";
import { sessionsOfWeek } from "../domain/sessions-of-week.ts";

export type FactsDeps = { readonly vault: Vault; readonly tokens: LinkTokens; readonly publicBaseUrl: string };

/** The approval that the series of a row is pinned to. */
export function approvalOf({ approvalId }: Pick<SendRow, "approvalId">, approvals: ReadonlyMap<ApprovalId, Approval>): Approval {
  const approval = approvals.get(approvalId);
  if (!approval) throw new Error(`Approval ${approvalId} vanished between load and render`);
  return approval;
}

/** A session to come, with how its own series says to prepare for it. */
type ListedSession = SessionToCome & Required<Pick<SessionForMessage, "instructions">>;
export type Lists = ReadonlyMap<PatientId, readonly ListedSession[]>;

const LISTING = new Set(["week.start", "series.enqueued", "series.start", "series.end"]);

function ruleOf(row: SendRow, { protocol }: Approval): Rule | undefined {
  let rules = rulesOf.get(protocol);
  if (!rules) rulesOf.set(protocol, (rules = new Map(protocol.rules.map((rule) => [rule.id, rule]))));
  return rules.get(row.rule);
}

function anchorOf(row: SendRow, approval: Approval): string {
  return ruleOf(row, approval)?.anchor ?? "";
}

/** By id, of each protocol that is in use. */
const rulesOf = new WeakMap<Approval["protocol"], ReadonlyMap<string, Rule>>();

/** The sessions to come of the patients to whom they are listed, in all series that go on and in the message's own. */
export async function loadSessionLists(
  db: Database,
  rows: readonly SendRow[],
  approvals: ReadonlyMap<ApprovalId, Approval>,
): Promise<Lists> {
  const listing = rows.filter((row) => LISTING.has(anchorOf(row, approvalOf(row, approvals))));
  if (listing.length === 0) return new Map();
  const toCome = await loadUpcomingSessions(db, listing);
  const pinned = await getApprovals(
    db,
    toCome.map(({ approvalId }) => approvalId),
  );
  const listed = toCome.map((session): ListedSession => ({ ...session, instructions: approvalOf(session, pinned).protocol.instructions }));
  return Map.groupBy(listed, ({ patientId }) => patientId);
}

/** By touchpoint: what was merged into a message about a change, and what the end of a series called off. Nearly always there is none, and nothing is asked. */
export async function loadOthers(
  db: Database,
  rows: readonly SendRow[],
  approvals: ReadonlyMap<ApprovalId, Approval>,
): Promise<ReadonlyMap<string, readonly ToldSession[]>> {
  const anchored = Map.groupBy(rows, (row) => anchorOf(row, approvalOf(row, approvals)));
  const changed = [...(anchored.get("session.moved") ?? []), ...(anchored.get("session.off") ?? [])];
  const ended = anchored.get("series.ended") ?? [];
  const asking = rows.filter(({ template }) => NAMES_VISITS.has(template));
  const others = new Map<string, readonly ToldSession[]>();
  if (changed.length > 0) {
    const merged = Map.groupBy(await loadToldTogether(db, idsOf(changed)), ({ touchpointId }) => touchpointId);
    for (const row of changed)
      others.set(
        row.id,
        (merged.get(row.id) ?? []).filter((session) => isOff(session) === isOff(row)),
      );
  }
  if (ended.length > 0) {
    const off = Map.groupBy(await loadCalledOff(db, [...new Set(ended.map(({ seriesId }) => seriesId))]), ({ seriesId }) => seriesId);
    for (const row of ended) others.set(row.id, off.get(row.seriesId) ?? []);
  }
  if (asking.length > 0) {
    const offered = Map.groupBy(await loadOfferedSessions(db, idsOf(asking)), ({ touchpointId }) => touchpointId);
    for (const row of asking) others.set(row.id, offered.get(row.id) ?? []);
  }
  return others;
}

/** The question back, which of several visits was meant, and the answers to a text that listed several. */
const NAMES_VISITS: ReadonlySet<string> = new Set(["answer-which", "answer-confirmed", "answer-will-call"]);

function idsOf(rows: readonly SendRow[]): SendRow["id"][] {
  return rows.map(({ id }) => id);
}

/** A session that was moved and then called off is told by the message that calls it off. */
function isOff({ sessionStatus }: Pick<SendRow, "sessionStatus">): boolean {
  return sessionStatus === "cancelled" || sessionStatus === "postponed";
}

export type FactsContext = {
  deps: FactsDeps;
  approval: Approval;
  sessions: Lists;
  others: readonly ToldSession[];
  /** What staff wrote, sealed, where the message carries it. */
  written: Buffer | undefined;
};

/** To whom it goes, and what it is written from. Throws when what is sealed does not open. */
export function toFacts(row: SendRow, { deps, approval, sessions, others, written }: FactsContext): { to: string; facts: MessageFacts } {
  const { vault, tokens, publicBaseUrl } = deps;
  const open = (table: "patients" | "escorts", column: string, sealed: Buffer) => vault.open(sealed, { table, column, row: row.patientId });
  const toEscort = row.recipient === "escort";
  if (!row.addressSealed) throw new Error(`Touchpoint ${row.id} has no address`);
  const to = open(toEscort ? "escorts" : "patients", row.addressColumn, row.addressSealed);
  // Opened when a text asks for it: texts to a telephone never do.
  const nameOfPatient = () => open("patients", "name_sealed", row.patientNameSealed);
  const nameOfRecipient = () => (toEscort && row.escortNameSealed ? open("escorts", "name_sealed", row.escortNameSealed) : nameOfPatient());
  const token = tokens.tokenOf({ id: row.linkId, generation: row.linkGeneration, keyId: row.linkKeyId });
  const preferences = preferencesTokenOf(row, tokens);
  const stream = preferences && streamOf(row, approval);
  const facts: MessageFacts = {
    ...(preferences && { preferencesLink: `${publicBaseUrl}/v/${preferences}` }),
    ...(preferences && stream && { unsubscribeLink: `${publicBaseUrl}/u/${preferences}/${stream}` }),
    template: row.template,
    locale: readLocale(row.locale),
    clinic: {
      name: row.house.clinicName,
      phone: row.house.phone,
      zone: row.house.zone,
      staffedHours: row.house.staffedHours,
      address: row.house.clinicAddress,
    },
    recipient: {
      kind: row.recipient,
      get name() {
        return nameOfRecipient();
      },
      zone: readZone(row.zone),
    },
    patient: {
      get name() {
        return nameOfPatient();
      },
      ref: "",
      phone: null,
      detailAccepted: row.detailAccepted,
    },
    instructions: approval.protocol.instructions,
    session: toSession(row),
    sessions: NAMES_VISITS.has(row.template)
      ? others.map(readChanged)
      : row.sessionId !== null && others.length > 0
        ? listChanged(row, others)
        : listFor(row, { approval, sessions }),
    link: `${publicBaseUrl}/v/${token}`,
    ...(written && { message: vault.open(written, placeOfMessage(row.id)) }),
  };
  return { to, facts };
}

function preferencesTokenOf({ preferencesId, preferencesGeneration, preferencesKeyId }: SendRow, tokens: LinkTokens): string | null {
  if (preferencesId === null || preferencesGeneration === null || preferencesKeyId === null) return null;
  return tokens.tokenOf({ id: preferencesId, generation: preferencesGeneration, keyId: preferencesKeyId });
}

function streamOf(row: SendRow, approval: Approval): OptionalStream | null {
  const rule = ruleOf(row, approval);
  return rule ? optionalStreamOf(rule) : null;
}

const kindColumn = z.enum(SESSION_KINDS);
const settingColumn = z.enum(SETTINGS);

const statusColumn = z.enum(SESSION_STATUSES);
const becauseColumn = z.enum(["patient", "clinic"]).nullable();

type SessionColumns = Pick<SessionToCome, "kind" | "setting" | "zone" | "dischargedAt" | "place" | "withWhom" | "joinUrl"> & {
  startsAt: Instant;
  endsAt: Instant;
};
type ChangeColumns = Pick<SendRow, "sessionStatus" | "toldStartsAt" | "changedBecause" | "pickupAt">;

function readSession({ kind, setting, zone, startsAt, endsAt, dischargedAt, place, withWhom, joinUrl }: SessionColumns): SessionForMessage {
  return {
    ...AS_BOOKED,
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
  // Field by field: a row has fifty, and copying them all is a measurable part of a message.
  const { sessionStatus, toldStartsAt, changedBecause, pickupAt } = row;
  const change = { sessionStatus, toldStartsAt, changedBecause, pickupAt };
  return readChanged({ kind, setting, zone: sessionZone, startsAt, endsAt, dischargedAt, place, withWhom, joinUrl, ...change });
}

function readChanged(session: SessionColumns & ChangeColumns): SessionForMessage {
  return {
    ...readSession(session),
    status: statusColumn.parse(session.sessionStatus),
    toldStart: session.toldStartsAt,
    changedBecause: becauseColumn.parse(session.changedBecause),
    pickupAt: session.pickupAt,
  };
}

/** The row's own session and those that changed with it, by the start that was told. */
function listChanged(row: SendRow, others: readonly ToldSession[]): SessionForMessage[] {
  const own = toSession(row);
  const all = [...(own ? [own] : []), ...others.map(readChanged)];
  return all.toSorted((a, b) => (a.toldStart ?? a.startsAt) - (b.toldStart ?? b.startsAt));
}

/** A week lists its visits in whichever series; a message about a series all that is to come of that one. */
function listFor(row: SendRow, { approval, sessions }: Pick<FactsContext, "approval" | "sessions">): SessionForMessage[] {
  const rule = ruleOf(row, approval);
  if (!rule || !LISTING.has(rule.anchor)) return [];
  const toCome = sessions.get(row.patientId) ?? [];
  const first = { zone: readZone(row.sessionZone ?? row.zone), startsAt: row.startsAt ?? row.now };
  const listed =
    rule.anchor === "week.start" ? sessionsOfWeek(toCome, rule, first) : toCome.filter(({ seriesId }) => seriesId === row.seriesId);
  return listed.map((session) => ({ ...readSession(session), instructions: session.instructions }));
}
