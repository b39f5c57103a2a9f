/** The wording that is sent: a protocol's approval, with what the clinic has published since in place of the stems that it names. */
import { type TemplateSources, templateSourcesSchema } from "./template-sources.ts";

/** Reads both as they were stored. A release of a stem that the approval does not name changes nothing; where there is none, the approval's own sources come back. */
export function overlayReleases(approved: unknown, released: { readonly [stem: string]: unknown }): TemplateSources {
  const sources = templateSourcesSchema.parse(approved);
  const stems = Object.keys(released).filter((stem) => sources[stem] !== undefined);
  if (stems.length === 0) return sources;
  return { ...sources, ...templateSourcesSchema.parse(Object.fromEntries(stems.map((stem) => [stem, released[stem]]))) };
}
