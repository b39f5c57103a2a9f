/** What a protocol file may hold, as JSON Schema: editors complete and check from it while somebody writes. */
import { z } from "zod";
import { protocolSchema } from "./protocol.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const OFFSET = {
  pattern: "^[+-]?P(\\d+W)?(\\d+D)?(T(\\d+H)?(\\d+M)?)?$",
  description: "An ISO 8601 duration with an optional sign, such as -P3D or PT2H",
};
const WALL_CLOCK = { pattern: "^([01]\\d|2[0-3]):[0-5]\\d$", description: "A time of day from 00:00 to 23:59, in quotes" };

/** The schema of a protocol file as written, before defaults and durations are read. It is looser than `parseProtocol`, never stricter. */
export function protocolJsonSchema(): JsonSchema {
  return z.toJSONSchema(protocolSchema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      // JSON Schema knows nothing of the functions behind these texts; which one it is shows in what it takes.
      if (!(zodSchema instanceof z.ZodPipe)) return;
      if (z.safeParse(zodSchema, "PT0M").success) Object.assign(jsonSchema, OFFSET);
      else if (z.safeParse(zodSchema, "00:00").success) Object.assign(jsonSchema, WALL_CLOCK);
    },
  });
}

/** The keys that may stand at a path of a protocol file; empty where no object belongs. */
export function findKnownKeys(path: readonly PropertyKey[]): string[] {
  let at: JsonSchema | undefined = protocolJsonSchema();
  for (const key of path) at = stepInto(at, key);
  return Object.keys(at?.properties ?? {});
}

function stepInto(schema: JsonSchema | undefined, key: PropertyKey): JsonSchema | undefined {
  const next = typeof key === "number" ? schema?.items : schema?.properties?.[String(key)];
  return typeof next === "object" && !Array.isArray(next) ? next : undefined;
}
