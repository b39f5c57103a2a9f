/** Pages of a list by key: a page says where the next one begins, so that what is added meanwhile shifts nothing. */
import { z } from "zod";

const MOST = 200;
const ORDINARY = 50;

/** What the list is ordered by, and the id. */
export type PageKey = readonly [order: string, id: string];

/** The moments of rows are finer than a millisecond, and a page that began at a rounded one would leave rows out or say them twice. */
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})(?:\d{3})?Z$/;

/** One that the calendar has: PostgreSQL throws at the thirtieth of February, where JavaScript reads the second of March. */
function isMoment(text: string): boolean {
  const [, upToMillisecond = ""] = MOMENT.exec(text) ?? [];
  const at = Date.parse(`${upToMillisecond}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString() === `${upToMillisecond}Z`;
}

const nothing = z.literal("");
/** By what a list is ordered: a moment and then the id, the id alone, or the number of an entry. */
const KEYS = {
  moment: z.tuple([z.string().refine(isMoment), z.uuid()]),
  id: z.tuple([nothing, z.uuid()]),
  number: z.tuple([nothing, z.string().regex(/^\d{1,15}$/)]),
} satisfies { readonly [order: string]: z.ZodType<PageKey> };

function cursor(order: keyof typeof KEYS) {
  return z
    .string()
    .max(400)
    .transform((text, context): PageKey => {
      const read = KEYS[order].safeParse(parse(text));
      if (read.success) return read.data;
      context.addIssue({ code: "custom", message: "the `next` of an earlier page of this list" });
      return z.NEVER;
    });
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return value;
  } catch {
    // Not one of ours; the schema says so.
    return undefined;
  }
}

/** What a list takes that is in this order. What its `next` holds is ours, and is not trusted when it comes back. */
export function pagedBy(order: keyof typeof KEYS) {
  return {
    limit: z.coerce
      .number(`a whole number from 1 to ${MOST}`)
      .int()
      .min(1)
      .max(MOST)
      .default(ORDINARY)
      .meta({ description: "Entries a page." }),
    after: cursor(order).optional().meta({ description: "The `next` of the page before; left out: the first page." }),
  };
}

/** What every list answers: `next` is null on the last page. */
export function pageOf<Entry extends z.ZodType>(entry: Entry) {
  return z.strictObject({ entries: z.array(entry), next: z.string().nullable() });
}

/** A page from rows that were asked for with one more than `limit`. */
export function toPage<Row, Entry>(
  rows: readonly Row[],
  { limit, keyOf, toEntry }: { limit: number; keyOf: (row: Row) => PageKey; toEntry: (row: Row) => Entry },
): { entries: Entry[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { entries: shown.map(toEntry), next: last === undefined ? null : Buffer.from(JSON.stringify(keyOf(last))).toString("base64url") };
}
