/**
 * The clinic's own appointments as iCalendar (RFC 5545), one VEVENT each. A small strict reader of what an export of single appointments holds; what is wrong with
 * one event never stops the others.
 */
import type { Fault } from "./fault.ts";
import { WHOLE_INPUT } from "./fault-list.ts";
import { parseSyncRow, refuseRepeated, type SyncEntry } from "./sync-row.ts";

const LONGEST = 5_000_000;

/** A content line, unfolded, by the line it begins on. */
type ContentLine = {
  readonly line: number;
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
};

/**
 * `X-AFTERGLOW-ID`, else `UID`, is the external id; `DTSTART` is local with a `TZID` that is an IANA zone, floating (where the session happens) or in UTC;
 * `STATUS:CANCELLED` cancels. `X-AFTERGLOW-SERIES`, `-KIND`, `-MINUTES`, `-SETTING` say what the columns of those names say. `DTEND` is not read: nobody can tell
 * whether it counts the observation. Events that repeat are refused.
 */
export function parseSyncIcs(text: string): SyncEntry[] {
  if (text.length > LONGEST)
    return [refusal(1, [{ path: WHOLE_INPUT, expected: `at most ${LONGEST} characters (it has ${text.length})` }])];
  const lines = unfold(text);
  if (lines[0]?.name !== "BEGIN" || lines[0].value.toUpperCase() !== "VCALENDAR")
    return [refusal(1, [{ path: WHOLE_INPUT, expected: "an iCalendar file: it begins with BEGIN:VCALENDAR" }])];
  return refuseRepeated(findEvents(lines).map(readEvent));
}

/** A line that begins with a space or a tab goes on with the one before. */
function unfold(text: string): ContentLine[] {
  const folded: { line: number; text: string }[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const last = folded.at(-1);
    if (/^[ \t]/.test(line) && last) last.text += line.slice(1);
    else if (line.trim() !== "") folded.push({ line: index + 1, text: line });
  }
  return folded.map(({ line, text: content }) => ({ line, ...split(content) }));
}

/** `NAME;PARAMETER="quoted: value":value`. */
function split(content: string): Omit<ContentLine, "line"> {
  const [head = ""] = /^(?:[^":]|"[^"]*")*/.exec(content) ?? [];
  const [name = "", ...parameters] = head.match(/(?:[^";]|"[^"]*")+/g) ?? [];
  const pairs = parameters.map((parameter) => {
    const at = parameter.indexOf("=");
    return [parameter.slice(0, at).toUpperCase(), parameter.slice(at + 1).replace(/^"(.*)"$/, "$1")] as const;
  });
  return { name: name.trim().toUpperCase(), parameters: new Map(pairs), value: content.slice(head.length + 1) };
}

type Event = { readonly line: number; readonly properties: readonly ContentLine[]; readonly isWhole: boolean };

/** What stands inside an event: alarms within it are not its own. */
function findEvents(lines: readonly ContentLine[]): Event[] {
  const events: { line: number; properties: ContentLine[]; isWhole: boolean }[] = [];
  const open: string[] = [];
  for (const content of lines) {
    const component = content.value.trim().toUpperCase();
    const current = events.at(-1);
    if (content.name === "BEGIN") {
      open.push(component);
      if (component === "VEVENT") events.push({ line: content.line, properties: [], isWhole: false });
    } else if (content.name === "END") {
      open.pop();
      if (component === "VEVENT" && current) current.isWhole = true;
    } else if (open.at(-1) === "VEVENT") current?.properties.push(content);
  }
  return events;
}

function readEvent({ line, properties, isWhole }: Event): SyncEntry {
  const find = (name: string) => properties.find((property) => property.name === name);
  const textOf = (name: string) => {
    const property = find(name);
    return property && unescape(property.value.trim());
  };
  const start = find("DTSTART");
  const time = start ? readStart(start) : {};
  const isCancelled = find("STATUS")?.value.trim().toUpperCase() === "CANCELLED";
  const fields = {
    externalId: textOf("X-AFTERGLOW-ID") ?? textOf("UID"),
    ...time,
    status: isCancelled ? "cancelled" : "scheduled",
    series: textOf("X-AFTERGLOW-SERIES"),
    kind: textOf("X-AFTERGLOW-KIND")?.toLowerCase(),
    minutes: textOf("X-AFTERGLOW-MINUTES"),
    setting: textOf("X-AFTERGLOW-SETTING")?.toLowerCase(),
    place: textOf("LOCATION") || undefined,
  };
  const entry = parseSyncRow(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)), line);
  const faults: Fault[] = [];
  if (!isWhole) faults.push({ path: WHOLE_INPUT, expected: "END:VEVENT behind each BEGIN:VEVENT" });
  for (const name of ["RRULE", "RDATE", "RECURRENCE-ID"])
    if (find(name)) faults.push({ path: name, expected: "an event for each appointment, without repetition" });
  return faults.length === 0
    ? entry
    : { ...entry, result: { ok: false, faults: [...(entry.result.ok ? [] : entry.result.faults), ...faults] } };
}

/** `20270111T090000`, with `Z` for UTC; anything else is shown as it stands and refused like a time of a CSV file. */
function readStart({ value, parameters }: ContentLine): { startsAt: string; zone?: string } {
  const [, year, month, day, hour, minute, second, utc] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)$/.exec(value.trim()) ?? [];
  const zone = utc === "Z" ? "UTC" : parameters.get("TZID");
  const startsAt = year === undefined || second !== "00" ? value.trim() : `${year}-${month}-${day}T${hour}:${minute}`;
  return { startsAt, ...(zone === undefined ? {} : { zone }) };
}

function unescape(value: string): string {
  return value.replace(/\\([\\;,nN])/g, (_, character: string) => (character.toLowerCase() === "n" ? " " : character));
}

function refusal(line: number, faults: readonly Fault[]): SyncEntry {
  return { line, externalId: null, result: { ok: false, faults } };
}
