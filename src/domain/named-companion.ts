/** Who takes a patient home after one visit, or stays with them, as the patient wrote it on a page; sealed with the answer. */
import { z } from "zod";

const schema = z.object({ name: z.string(), phone: z.string().nullable() });

/** `phone` as E.164. */
export type NamedCompanion = Readonly<z.infer<typeof schema>>;

export function writeCompanion({ name, phone }: NamedCompanion): string {
  return JSON.stringify({ name, phone });
}

/** Reads what {@link writeCompanion} wrote; undefined for other words, which staff or a text may have brought. */
export function readCompanion(words: string): NamedCompanion | undefined {
  try {
    return schema.safeParse(JSON.parse(words)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
