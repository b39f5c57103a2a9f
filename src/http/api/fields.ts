/** The leaves of what the API takes and answers. */
import { z } from "zod";
import { type CalendarDay, DAY, formatInstant, type Instant, parseDay, parseInstant } from "../../domain/calendar.ts";
import { type Branded, parsePublicId, type PublicKind, toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";

const ZEROS = "0197c3a4-5a1e-7c00-8f00-0123456789ab";

/** An id as it is sent: read into the bare one. */
export function idField<Kind extends PublicKind>(kind: Kind) {
  const example = toPublicId(kind, ZEROS);
  return z
    .string()
    .max(60)
    .transform((text, context): Branded<string, Kind> => {
      const id = parsePublicId(kind, text);
      if (id !== undefined) return id;
      context.addIssue({ code: "custom", message: `an id such as ${example}` });
      return z.NEVER;
    })
    .meta({ example });
}

/** The one thing that a path names, under its own name. */
export const seriesParam = z.strictObject({ series: idField("series") });
export const sessionParam = z.strictObject({ session: idField("session") });
export const patientParam = z.strictObject({ patient: idField("patient") });
export const touchpointParam = z.strictObject({ touchpoint: idField("touchpoint") });
export const taskParam = z.strictObject({ task: idField("task") });
export const alertParam = z.strictObject({ alert: idField("alert") });
export const clinicParam = z.strictObject({
  clinic: z.string().max(60).meta({ description: "The clinic's slug.", example: "aspen-ridge" }),
});

/** An id as it is answered. */
export const idText = z.string().meta({ example: toPublicId("series", ZEROS) });
/** A moment as it is answered: UTC, ISO 8601. */
export const momentText = z.string().meta({ format: "date-time", example: "2027-01-11T16:00:00Z" });

/** No clinic has visits before or after; what PostgreSQL, and arithmetic with days, cannot hold lies far beyond. */
const EARLIEST = Date.parse("1900-01-01T00:00:00Z");
const LATEST = Date.parse("2200-01-01T00:00:00Z");

/** A day of these three centuries, written as 2027-02-02; undefined for whatever else was sent. */
export function readDayText(text: string): CalendarDay | undefined {
  const day = parseDay(text);
  return day !== undefined && day * DAY >= EARLIEST && day * DAY < LATEST ? day : undefined;
}

/** A moment as it is sent, with its offset. */
export const momentField = z
  .string()
  .max(40)
  .transform((text, context): Instant => {
    const at = parseInstant(text);
    if (at !== undefined && at >= EARLIEST && at < LATEST) return at;
    context.addIssue({ code: "custom", message: "an instant with its offset, such as 2027-01-11T09:05-07:00" });
    return z.NEVER;
  })
  .meta({ example: "2027-01-11T09:05-07:00" });

/** One line of text, as {@link parseLine} reads it. */
export function lineText(most: number, example: string) {
  return z
    .string()
    .max(most * 4)
    .transform((text, context): string => {
      const line = parseLine(text, { most });
      if (line.ok) return line.value;
      context.addIssue({ code: "custom", message: line.expected });
      return z.NEVER;
    })
    .meta({ example });
}

export function toMoment(at: Instant): string {
  return formatInstant(at);
}

export function toMaybeMoment(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

export function toMaybeId(kind: PublicKind, id: string | null): string | null {
  return id === null ? null : toPublicId(kind, id);
}
