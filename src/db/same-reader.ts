/** Who hears a touchpoint, in SQL: as `domain/reader.ts` reads it out of the key. */
import { type RawBuilder, sql } from "kysely";

/** Whether the touchpoints of these two names in a query speak to the same person: an escort who took the place of another is somebody else. */
export function isSameReader(one: string, other: string): RawBuilder<boolean> {
  const of = (column: string) => [sql.ref(`${one}.${column}`), sql.ref(`${other}.${column}`)] as const;
  const [[recipient, otherRecipient], [key, otherKey]] = [of("recipient"), of("key")];
  return sql<boolean>`(${recipient} = ${otherRecipient} and split_part(${key}, '/', 4) = split_part(${otherKey}, '/', 4))`;
}
