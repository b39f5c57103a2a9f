/** Reads iCalendar text as strictly as RFC 5545 has it: CRLF, folded at 75 octets, one component in another, each property once. Throws on anything else. */
const PROPERTY = /^([A-Z-]+)((?:;[A-Z-]+=(?:"[^"\p{Cc}]*"|[^";:,\p{Cc}]*))*):(.*)$/u;
const UTC = /^\d{8}T\d{6}Z$/;

export type ParsedCalendar = { readonly method: string; readonly event: { readonly [property: string]: string } };

/** The one event of an iTIP message, unescaped; parameters are dropped. */
export function parseCalendar(text: string): ParsedCalendar {
  const parsed = parseEvent(text);
  if (parsed.event["ATTENDEE"] === undefined) throw new Error("The event lacks ATTENDEE");
  return parsed;
}

/** The one event of a calendar that is published: nobody is invited (RFC 5546, section 3.2.1). */
export function parsePublished(text: string): ParsedCalendar {
  const parsed = parseEvent(text);
  if (parsed.event["ATTENDEE"] !== undefined) throw new Error("A published event invites nobody");
  return parsed;
}

function parseEvent(text: string): ParsedCalendar {
  if (!text.endsWith("\r\n") && !text.endsWith("END:VCALENDAR")) throw new Error("The last line does not end");
  if (/[^\r]\n|\r[^\n]/.test(text)) throw new Error("A line ends in something else than CRLF");
  if (text.split("\r\n").some((line) => Buffer.byteLength(line) > 75)) throw new Error("A line is longer than 75 octets");
  const lines = text
    .replace(/\r\n[ \t]/g, "")
    .split("\r\n")
    .filter((line) => line !== "");
  const [begin, ...rest] = lines;
  if (begin !== "BEGIN:VCALENDAR" || rest.at(-1) !== "END:VCALENDAR") throw new Error("No calendar");
  const from = rest.indexOf("BEGIN:VEVENT");
  const to = rest.indexOf("END:VEVENT");
  if (from === -1 || to !== rest.length - 2 || rest.lastIndexOf("BEGIN:VEVENT") !== from) throw new Error("Not one event");
  const outer = readProperties(rest.slice(0, from));
  const event = readProperties(rest.slice(from + 1, to));
  if (outer["VERSION"] !== "2.0" || !outer["PRODID"] || !outer["METHOD"]) throw new Error("The calendar lacks a property");
  for (const name of ["UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "ORGANIZER"])
    if (event[name] === undefined) throw new Error(`The event lacks ${name}`);
  for (const name of ["DTSTAMP", "DTSTART", "DTEND"]) if (!UTC.test(event[name] ?? "")) throw new Error(`${name} is no UTC time`);
  return { method: outer["METHOD"] ?? "", event };
}

function readProperties(lines: readonly string[]): { [property: string]: string } {
  const properties: { [property: string]: string } = {};
  for (const line of lines) {
    const [, name, , value] = PROPERTY.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`No property: ${line}`);
    if (properties[name] !== undefined) throw new Error(`${name} stands twice`);
    properties[name] = value.replace(/\\([\\;,nN])/g, (_, mark: string) => (mark.toLowerCase() === "n" ? "\n" : mark));
  }
  return properties;
}
