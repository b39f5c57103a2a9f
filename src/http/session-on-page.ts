/** A session in the words of its page, from facts that name nobody. Days are always named, never "tonight" or "tomorrow": a page stays open, is printed, is read again. */
import { z } from "zod";
import { readZone } from "../db/clinics.ts";
import type { PageSessionRow } from "../db/pages.ts";
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { SessionId } from "../domain/ids.ts";
import { AS_BOOKED, type MessageFacts, type SessionForMessage } from "../domain/message-facts.ts";
import { SESSION_STATUSES, type SessionAnswerKind, type SessionStatus } from "../domain/patient-facts.ts";
import { type Protocol, SESSION_KINDS, SETTINGS, type Setting } from "../domain/protocol.ts";
import { standingAnswers } from "../domain/standing-answers.ts";
import { keepTogether } from "../messages/keep-together.ts";
import { toPlainValue } from "../messages/plain-value.ts";
import { prepVariables } from "../messages/prep-variables.ts";
import { sessionVariables } from "../messages/session-variables.ts";
import { type Reader, toTelling } from "../messages/telling.ts";
import type { PageVisit } from "./page-visit.ts";
import { sayWhen } from "./say-when.ts";
import { type Phase, toPhase } from "./session-phase.ts";

export type SessionOnPage = {
  readonly id: SessionId;
  readonly number: number;
  readonly phase: Phase;
  readonly status: SessionStatus;
  readonly setting: Setting;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** The calendar's. */
  readonly sequence: number;
  /** What stands of everything that was said about it. */
  readonly answers: ReadonlySet<SessionAnswerKind>;
  readonly hasEscort: boolean;
  /** When it was to be before it was moved, as the patient had been told. */
  readonly toldBefore: string | null;
  readonly day: string;
  readonly time: string;
  /** Only where somebody goes there, and only when it is earlier than the session. */
  readonly arriveBy: string | null;
  readonly endTime: string;
  readonly held: "home" | "telehealth" | "place";
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

export function toSessionOnPage(row: PageSessionRow, visit: PageVisit, instructions: Protocol["instructions"]): SessionOnPage {
  const session = toSession(row);
  const tellingOf = (of: SessionForMessage) =>
    toTelling(toFacts(of, visit, instructions), { now: instant(of.startsAt - LONG_BEFORE), channel: "email" });
  const telling = tellingOf(session);
  const say = (read: Reader<string | null>) => {
    const value = read(telling);
    return value === null ? null : keepTogether(value);
  };
  const held = session.setting === "home" || session.setting === "telehealth" ? session.setting : "place";
  const [time, arriveBy] = [say(sessionVariables.time) ?? "", say(sessionVariables.arrive_time)];
  const { clinic, now } = visit.link;
  const address = session.setting === "clinic" && clinic.address ? toPlainValue(clinic.address, 200) : null;
  const { id, number, sequence, startsAt, endsAt, hasEscort, toldStartsAt } = row;
  const status = statusColumn.parse(row.status);
  const phase = toPhase({ ...row, status }, now);
  const told =
    phase === "moved" && toldStartsAt !== null && toldStartsAt !== startsAt ? tellingOf({ ...session, startsAt: toldStartsAt }) : null;
  return {
    id,
    number,
    phase,
    status,
    setting: session.setting,
    startsAt,
    endsAt,
    sequence,
    answers: standingAnswers(row.said),
    hasEscort,
    toldBefore:
      told && keepTogether(sayWhen(sessionVariables.day(told) ?? "", { at: sessionVariables.time(told) ?? "", locale: visit.locale })),
    day: say(sessionVariables.day) ?? "",
    time,
    arriveBy: held === "place" && arriveBy !== time ? arriveBy : null,
    endTime: say(sessionVariables.end_time) ?? "",
    held,
    place: held === "place" ? [...new Set([say(sessionVariables.place), address])].filter((line) => line !== null) : [],
    joinUrl: held === "telehealth" ? say(sessionVariables.join_url) : null,
    solidsUntil: say(prep.solids_until),
    liquidsUntil: say(prep.liquids_until),
    nasalUntil: say(prep.nasal_until),
    companion: sessionVariables.needs_companion(telling) ? instructions.companion : null,
    drivingFrom: say(restriction.until),
  };
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
function toFacts(session: SessionForMessage, { link, locale }: PageVisit, instructions: Protocol["instructions"]): MessageFacts {
  const { clinic, recipient, zone } = link;
  return {
    template: "",
    locale,
    clinic: { name: clinic.name, phone: clinic.phone, zone: clinic.zone, staffedHours: {} },
    recipient: { kind: recipient, name: "", zone },
    patient: { name: "", ref: "", phone: null, detailAccepted: false },
    instructions,
    session,
    sessions: [],
    link: "",
  };
}
