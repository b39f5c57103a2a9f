/** A session in the words of its page, from facts that name nobody. Days are always named, never "tonight" or "tomorrow": a page stays open, is printed, is read again. */
import { z } from "zod";
import { readLocale, readZone } from "../db/clinics.ts";
import type { PageRow, PageSessionRow } from "../db/pages.ts";
import { DAY, instant } from "../domain/calendar.ts";
import { AS_BOOKED, type MessageFacts, type SessionForMessage } from "../domain/message-facts.ts";
import { SESSION_STATUSES } from "../domain/patient-facts.ts";
import { type Protocol, SESSION_KINDS, SETTINGS } from "../domain/protocol.ts";
import { toPlainValue } from "../messages/plain-value.ts";
import { prepVariables } from "../messages/prep-variables.ts";
import { sessionVariables } from "../messages/session-variables.ts";
import { type Reader, toTelling } from "../messages/telling.ts";
import { type Phase, toPhase } from "./session-phase.ts";

export type SessionOnPage = {
  readonly phase: Phase;
  readonly day: string;
  readonly time: string;
  /** Only where somebody goes there, and only when it is earlier than the session. */
  readonly arriveBy: string | null;
  readonly endTime: string;
  readonly setting: "home" | "telehealth" | "place";
  /** Room and street, a line each. */
  readonly place: readonly string[];
  readonly joinUrl: string | null;
  readonly solidsUntil: string | null;
  readonly liquidsUntil: string | null;
  readonly nasalUntil: string | null;
  /** Who is with the patient; null for talks before and after, which people come to alone. */
  readonly companion: "driver" | "sitter" | null;
  readonly drivingFrom: string | null;
};

const { prep, restriction } = prepVariables;

export function toSessionOnPage(row: PageSessionRow, page: PageRow, instructions: Protocol["instructions"]): SessionOnPage {
  const session = toSession(row);
  const telling = toTelling(toFacts(session, page, instructions), { now: instant(session.startsAt - LONG_BEFORE), channel: "email" });
  const say = (read: Reader<string | null>) => keepTogether(read(telling));
  const setting = session.setting === "home" || session.setting === "telehealth" ? session.setting : "place";
  const [time, arriveBy] = [say(sessionVariables.time) ?? "", say(sessionVariables.arrive_time)];
  const address = session.setting === "clinic" && page.clinicAddress ? toPlainValue(page.clinicAddress, 200) : null;
  return {
    phase: toPhase({ ...row, status: statusColumn.parse(row.status) }, page.now),
    day: say(sessionVariables.day) ?? "",
    time,
    arriveBy: setting === "place" && arriveBy !== time ? arriveBy : null,
    endTime: say(sessionVariables.end_time) ?? "",
    setting,
    place: setting === "place" ? [...new Set([say(sessionVariables.place), address])].filter((line) => line !== null) : [],
    joinUrl: setting === "telehealth" ? say(sessionVariables.join_url) : null,
    solidsUntil: say(prep.solids_until),
    liquidsUntil: say(prep.liquids_until),
    nasalUntil: say(prep.nasal_until),
    companion: sessionVariables.needs_companion(telling) ? instructions.companion : null,
    drivingFrom: say(restriction.until),
  };
}

const NO_BREAK = "\u00a0";

/** "9:00 AM" and "9:00 a. m." stay on one line. */
function keepTogether(text: string | null): string | null {
  return text && text.replace(/ (?=(?:AM|PM|[ap]\. m\.))|(?<=[ap]\.) (?=m\.)/g, NO_BREAK);
}

/** So far away that every day is named with its date. */
const LONG_BEFORE = 30 * DAY;

const statusColumn = z.enum(SESSION_STATUSES);
const kindColumn = z.enum(SESSION_KINDS);
const settingColumn = z.enum(SETTINGS);

function toSession({ kind, setting, zone, startsAt, endsAt, dischargedAt, place, joinUrl }: PageSessionRow): SessionForMessage {
  const what = { kind: kindColumn.parse(kind), setting: settingColumn.parse(setting), zone: readZone(zone) };
  return { ...AS_BOOKED, ...what, startsAt, endsAt, dischargedAt, place, with: null, joinUrl };
}

/** Names stay sealed; a page has no use for them. */
function toFacts(session: SessionForMessage, page: PageRow, instructions: Protocol["instructions"]): MessageFacts {
  return {
    template: "",
    locale: readLocale(page.locale),
    clinic: { name: page.clinicName, phone: page.clinicPhone, zone: readZone(page.clinicZone), staffedHours: {} },
    recipient: { kind: page.recipient, name: "", zone: readZone(page.zone) },
    patient: { name: "", ref: "", phone: null, detailAccepted: false },
    instructions,
    session,
    sessions: [],
    link: "",
  };
}
