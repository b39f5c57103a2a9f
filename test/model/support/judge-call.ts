/** What must hold at the moment at which a provider is called, by the model alone. */
import { DateTime } from "luxon";
import { parseCalendar } from "../../support/parse-calendar.ts";
import type { Instant } from "../../../src/domain/calendar.ts";
import { type Call, type CallRow, isOn, isSilent, marksIn, type Model, type Person, type Visit } from "./model.ts";

export const ZONE = "America/Denver";

/** One sentence for each promise that the call breaks. */
export function judgeCall(model: Model, call: Call, row: CallRow): string[] {
  const person = model.people.find(({ patientId }) => patientId === row.patientId);
  if (!person) return ["nobody knows whom it is for"];
  const visit = person.visits.find(({ id }) => id === row.sessionId);
  const broken = [
    ...judgeAddress(model, call, { person, row }),
    ...judgeHour(call, row),
    ...judgeSilence(person, row, visit),
    ...(visit ? judgeVisit(visit, row, call.at) : []),
    ...(CHANGE.test(row.rule) && !person.hasHeard ? ["nothing had been announced"] : []),
    ...(SAYS_NO_TIME.has(row.purpose) ? [] : judgeTimes(person, call, row)),
    ...call.ics.flatMap((ics) => judgeCalendar(person, ics)),
  ];
  return broken.map((what) => `${row.rule} over ${call.channel} to the ${row.recipient}: ${what}`);
}

/** They speak of how somebody is, and of hours after a visit that are nobody's start. */
const SAYS_NO_TIME: ReadonlySet<string> = new Set(["check-in", "survey"]);

function judgeAddress(
  { optedOut }: Model,
  { to, channel }: Call,
  { person, row }: { person: Person; row: Pick<CallRow, "recipient"> },
): string[] {
  const { address, agreed, isDead } = person.reach[row.recipient][channel];
  return [
    ...(to === address ? [] : ["it goes to an address that is not theirs"]),
    ...(agreed ? [] : ["they have not agreed to it"]),
    ...(optedOut.has(to) && channel === "sms" ? ["the number has opted out"] : []),
    ...(isDead ? ["the address is known to be dead"] : []),
  ];
}

const QUIET = { from: 20 * 60, to: 9 * 60, urgentTo: 5 * 60 + 30 };

function judgeHour({ channel, at }: Call, { purpose }: CallRow): string[] {
  if (channel !== "sms") return [];
  const wall = DateTime.fromMillis(at, { zone: ZONE });
  const minute = wall.hour * 60 + wall.minute;
  const opens = purpose === "urgent-change" ? QUIET.urgentTo : QUIET.to;
  return minute >= opens && minute < QUIET.from ? [] : [`it is ${wall.toFormat("HH:mm")}, and quiet`];
}

function judgeSilence(person: Person, { rule }: CallRow, visit: Visit | undefined): string[] {
  return [
    ...(isSilent(person) ? ["they are on hold, or paused"] : []),
    ...(person.isOver && !/^(series-stopped|escort-off)/.test(rule) && !(visit && wasTreated(visit)) ? ["the series is over"] : []),
  ];
}

const MUST_BE: { readonly [Start: string]: (visit: Visit) => boolean } = {
  "session-moved": isOn,
  "escort-moved": isOn,
  "session-cancelled": ({ status }) => status === "cancelled",
  "session-postponed": ({ status }) => status === "postponed",
  "escort-off": (visit) => !isOn(visit),
  "home-safe": ({ status }) => status === "discharged",
  "next-day": wasTreated,
  "three-days": wasTreated,
};

function wasTreated({ status }: Visit): boolean {
  return status === "dosed" || status === "discharged";
}

function judgeVisit(visit: Visit, { rule, purpose }: CallRow, at: Instant): string[] {
  const mayBe = Object.entries(MUST_BE).find(([start]) => rule.startsWith(start))?.[1] ?? isOn;
  const isLate = (purpose === "reminder" || purpose === "preparation") && at >= visit.startsAt;
  return [...(mayBe(visit) ? [] : [`the visit is ${visit.status}`]), ...(isLate ? ["the visit has begun"] : [])];
}

export const CHANGE = /^(session|escort)-(moved|cancelled|postponed|off)/;

/** Every clock time belongs to a start that holds; only what tells of a change may name one that does not, beside the one that does. */
function judgeTimes({ marks }: Person, { text }: Call, { rule }: CallRow): string[] {
  const named = marksIn(text);
  return named.flatMap((mark) => {
    const given = marks.get(mark);
    if (!given) return [`it names a time that nobody has given (:${mark})`];
    const { visit, startsAt } = given;
    if (isOn(visit) && visit.startsAt === startsAt) return [];
    if (CHANGE.test(rule) && (!isOn(visit) || named.some((other) => marks.get(other)?.startsAt === visit.startsAt))) return [];
    return [`it names ${say(startsAt)}, and that visit is ${visit.status}, ${say(visit.startsAt)}`];
  });
}

export function say(at: Instant): string {
  return DateTime.fromMillis(at, { zone: ZONE }).toFormat("ccc LLL d HH:mm");
}

function judgeCalendar({ visits }: Person, ics: string): string[] {
  const { method, event } = parseCalendar(ics);
  const visit = visits.find(({ id }) => event["UID"]?.startsWith(id));
  if (!visit) return ["its calendar is of no visit of theirs"];
  if (method === "CANCEL") return isOn(visit) ? ["its calendar takes out a visit that is on"] : [];
  const start = DateTime.fromISO(event["DTSTART"] ?? "", { zone: "utc" }).toMillis();
  return isOn(visit) && start === visit.startsAt ? [] : ["its calendar has another start than the visit"];
}
