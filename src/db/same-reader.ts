/** Who hears a touchpoint and what it is about, in SQL: as the planner wrote it into the key, and `domain/reader.ts` reads it there. */
import { type RawBuilder, sql } from "kysely";

/** Whether the touchpoints of these two names in a query speak to the same person: an escort who took the place of another is somebody else. */
export function isSameReader(one: string, other: string): RawBuilder<boolean> {
  const of = (column: string) => [sql.ref(`${one}.${column}`), sql.ref(`${other}.${column}`)] as const;
  const [[recipient, otherRecipient], [key, otherKey]] = [of("recipient"), of("key")];
  return sql<boolean>`(${recipient} = ${otherRecipient} and split_part(${key}, '/', 4) = split_part(${otherKey}, '/', 4))`;
}

/** Whether they are about the same: what reminds of surveys is about one of them, and the same rule reminds of many within a session or series. */
export function isSameSubject(one: string, other: string): RawBuilder<boolean> {
  return sql<boolean>`split_part(${sql.ref(`${one}.key`)}, '/', 2) = split_part(${sql.ref(`${other}.key`)}, '/', 2)`;
}
