/** What somebody typed, as a form posts it: texts by name, several under one name where boxes may be ticked. */

export type Typed = {
  /** Trimmed; an empty text when nothing stands there. */
  text(name: string): string;
  /** The same, undefined when nothing stands there. */
  maybe(name: string): string | undefined;
  /** Every value under a name: ticked boxes. */
  list(name: string): readonly string[];
  /** Everything but what the page itself put there. */
  readonly entries: readonly (readonly [name: string, value: string])[];
};

/** Fields of the page and not of the person. */
const OURS = new Set(["_csrf", "step", "revision", "seen"]);
/** A name or a value that no field of ours would send is not read. */
const LONGEST = 20_000;

export function readForm(body: unknown): Typed {
  const all = Object.entries(typeof body === "object" && body !== null ? body : {}).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).flatMap((each: unknown): [string, string][] =>
      typeof each === "string" && each.length <= LONGEST ? [[name, each]] : [],
    ),
  );
  const list = (name: string) => all.flatMap(([each, value]) => (each === name ? [value.trim()] : []));
  const text = (name: string) => list(name)[0] ?? "";
  return { text, list, maybe: (name) => text(name) || undefined, entries: all.filter(([name]) => !OURS.has(name)) };
}

/** Values to begin with, as if they had been typed. */
export function typedAs(values: { readonly [name: string]: string | readonly string[] | null | undefined }): Typed {
  return readForm(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)));
}

/** A whole number without a sign; undefined for anything else. */
export function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
