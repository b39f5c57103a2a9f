/** What a survey added up to, in a few words. */
import { z } from "zod";

const resultSchema = z.object({ total: z.int().nullable(), band: z.string().nullable() });

/** Undefined where the instrument adds nothing up, or an item is missing. */
export function readScore(result: string): string | undefined {
  const read = resultSchema.safeParse(JSON.parse(result));
  if (!read.success || read.data.total === null) return undefined;
  const { total, band } = read.data;
  return band === null ? `${total} points` : `${total} points, ${band.replaceAll("-", " ")}`;
}
