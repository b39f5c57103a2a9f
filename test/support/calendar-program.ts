/**
 * A calendar as programs keep one: it reads what comes in leniently (RFC 5545: unfold, split at the first colon outside quotes, components in a stack) and lets
 * each message do to its entries what RFC 5546 has it do, in whatever order messages come. It shares no code with the strict parser of the tests.
 */

export type Entry = { readonly sequence: number; readonly start: string; readonly status: string; readonly stamp: string };

export type CalendarProgram = {
  /** Takes a message; `ignored` when the entry that is there is newer. Throws on what no program reads. */
  take(text: string): "added" | "updated" | "removed" | "ignored";
  /** Entries by UID; what was taken out is gone. */
  readonly entries: ReadonlyMap<string, Entry>;
};

export function openCalendarProgram(): CalendarProgram {
  const known = new Map<string, Entry>();
  const entries = new Map<string, Entry>();
  return {
    entries,
    take(text) {
      const { method, properties } = readMessage(text);
      const of = (name: string) => properties.get(name) ?? fail(`no ${name}`);
      const uid = of("UID");
      const entry = { sequence: Number(of("SEQUENCE")), start: of("DTSTART"), status: of("STATUS"), stamp: of("DTSTAMP") };
      const before = known.get(uid);
      // RFC 5546, section 2.1.5: the sequence first, then the stamp.
      if (before && (entry.sequence < before.sequence || (entry.sequence === before.sequence && entry.stamp < before.stamp)))
        return "ignored";
      if (method === "CANCEL" && !before) return "ignored";
      known.set(uid, entry);
      if (method === "CANCEL") return entries.delete(uid) ? "removed" : "ignored";
      const was = entries.has(uid) ? "updated" : "added";
      entries.set(uid, entry);
      return was;
    },
  };
}

function readMessage(text: string): { method: string; properties: ReadonlyMap<string, string> } {
  const stack: string[] = [];
  const properties = new Map<string, string>();
  let method = "";
  for (const line of text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    if (line === "") continue;
    const { name, value } = split(line);
    if (name === "BEGIN") stack.push(value);
    else if (name === "END") {
      if (stack.pop() !== value) fail(`END:${value} closes nothing`);
    } else if (stack.join("/") === "VCALENDAR/VEVENT") properties.set(name, value);
    else if (stack.join("/") === "VCALENDAR" && name === "METHOD") method = value;
  }
  if (stack.length > 0) fail("something is left open");
  return { method, properties };
}

function split(line: string): { name: string; value: string } {
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted;
    if (line[at] === ":" && !isQuoted) return { name: (line.slice(0, at).split(";")[0] ?? "").toUpperCase(), value: line.slice(at + 1) };
  }
  return fail(`no colon: ${line}`);
}

function fail(why: string): never {
  throw new Error(`A calendar program reads this as nothing: ${why}`);
}
