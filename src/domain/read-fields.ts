import { z } from "zod";
import type { FaultList } from "./fault-list.ts";
import { findNearestWord } from "./nearest-word.ts";
import { pathTo } from "./show-value.ts";

export type FieldsRead<Output> = {
  /** Every field, when all of them are right. */
  readonly whole: Output | undefined;
  /** The fields that are right, so that what depends on them alone is checked although others are wrong. */
  readonly part: Partial<Output>;
};

type Into = { readonly path: string; readonly list: FaultList; readonly also?: readonly string[] };
type Fields = { readonly [key: string]: unknown };

/** Reads the fields of one object; every fault goes to the list, unknown keys with the known one that was probably meant (`also`: known paths elsewhere). */
export function readFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  input: unknown,
  into: Into,
): FieldsRead<z.output<z.ZodObject<Shape, z.core.$strict>>>;
export function readFields(
  schema: z.ZodObject<z.ZodRawShape, z.core.$strict>,
  input: unknown,
  { path, list, also = [] }: Into,
): FieldsRead<Fields> {
  const result = schema.safeParse(input);
  if (result.success) return { whole: result.data, part: result.data };
  const known = [...Object.keys(schema.shape), ...also];
  const wrong = new Set<PropertyKey>();
  for (const issue of result.error.issues) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) list.add({ path: pathTo(path, key), value: valueAt(input, [key]) }, knownKey(key, known));
    } else {
      const [field] = issue.path;
      if (field !== undefined) wrong.add(field);
      list.add({ path: issue.path.reduce<string>(pathTo, path), value: valueAt(input, issue.path) }, issue.message);
    }
  }
  return { whole: undefined, part: readRight(schema, input, wrong) };
}

/** A wrong field is left out rather than replaced by its default: what depends on it would be judged by a value that nobody wrote. */
function readRight(schema: z.ZodObject<z.ZodRawShape, z.core.$strict>, input: unknown, wrong: ReadonlySet<PropertyKey>): Fields {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return {};
  const right = Object.keys(schema.shape).filter((key) => !wrong.has(key));
  return Object.fromEntries(right.map((key) => [key, z.safeParse(schema.shape[key] ?? z.never(), valueAt(input, [key])).data]));
}

function knownKey(key: string, known: readonly string[]): string {
  const near = findNearestWord(key, known);
  return near ? `a known key; did you mean ${near}?` : `a known key (${known.filter((name) => !name.includes(".")).join(", ")})`;
}

/** What stood at a path of an input; undefined where the path leads nowhere. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined),
    input,
  );
}
