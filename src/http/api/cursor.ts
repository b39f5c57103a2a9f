/** Pages of a list by key: a page says where the next one begins, so that what is added meanwhile shifts nothing. */
import { z } from "zod";

const MOST = 200;
const ORDINARY = 50;

/** Two texts of at most 100 characters: what the list is ordered by, and the id. */
const keySchema = z.tuple([z.string().max(100), z.string().max(100)]);
export type PageKey = z.output<typeof keySchema>;

const cursor = z
  .string()
  .max(400)
  .transform((text, context): PageKey => {
    const read = keySchema.safeParse(parse(text));
    if (read.success) return read.data;
    context.addIssue({ code: "custom", message: "the `next` of an earlier page" });
    return z.NEVER;
  });

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return value;
  } catch {
    // Not one of ours; the schema says so.
    return undefined;
  }
}

/** What every list takes. */
export const pageQuery = {
  limit: z.coerce
    .number(`a whole number from 1 to ${MOST}`)
    .int()
    .min(1)
    .max(MOST)
    .default(ORDINARY)
    .meta({ description: "Entries a page." }),
  after: cursor.optional().meta({ description: "The `next` of the page before; left out: the first page." }),
};

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
