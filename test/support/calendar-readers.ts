/** Calendar files as two programs in use read them: Mozilla's ical.js, strict, and node-ical, lenient. */
import ICAL from "ical.js";
import nodeIcal from "node-ical";

export type ReadEntry = {
  readonly method: string;
  readonly uid: string;
  readonly sequence: number;
  readonly status: string;
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly end: string;
  readonly summary: string;
  readonly location: string | null;
  readonly description: string;
  readonly organizer: string;
  /** Null where nobody is invited. */
  readonly attendee: string | null;
};

/** Throws on what ical.js refuses, and on more or fewer than one event. */
export function readWithIcalJs(text: string): ReadEntry {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [event, ...others] = calendar.getAllSubcomponents("vevent");
  if (!event || others.length > 0) throw new Error("Not one event");
  const { uid, sequence, startDate, endDate, summary, location, description } = new ICAL.Event(event, { strictExceptions: true });
  const valueOf = (name: string) => String(event.getFirstPropertyValue(name));
  const nameIn = (name: string) => {
    const property = event.getFirstProperty(name);
    return property?.getFirstParameter("cn") ?? null;
  };
  return {
    method: String(calendar.getFirstPropertyValue("method")),
    uid,
    sequence,
    status: valueOf("status"),
    start: startDate.toJSDate().toISOString(),
    end: endDate.toJSDate().toISOString(),
    summary,
    location: location || null,
    description,
    organizer: nameIn("organizer") ?? "",
    attendee: nameIn("attendee"),
  };
}

/** Throws where node-ical finds no event, or more than one. */
export function readWithNodeIcal(text: string): ReadEntry {
  const events = Object.values(nodeIcal.sync.parseICS(text)).flatMap((each) => (each?.type === "VEVENT" ? [each] : []));
  const [event, ...others] = events;
  if (!event || others.length > 0) throw new Error("Not one event");
  return {
    method: String(event.method),
    uid: event.uid,
    sequence: Number(event.sequence),
    status: String(event.status),
    start: event.start.toISOString(),
    end: event.end?.toISOString() ?? "",
    summary: plain(event.summary),
    location: plain(event.location) || null,
    description: plain(event.description),
    organizer: nameOf(event.organizer) ?? "",
    attendee: nameOf(event.attendee),
  };
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function nameOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("params" in value)) return null;
  const { params } = value;
  if (typeof params !== "object" || params === null || !("CN" in params)) return null;
  return plain(params.CN).replace(/^"|"$/g, "");
}

export const READERS = [
  ["ical.js", readWithIcalJs],
  ["node-ical", readWithNodeIcal],
] as const;
