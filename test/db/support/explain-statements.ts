/** Runs the statements of a piece of code through EXPLAIN instead, as they are, and keeps the plans. */
import { type KyselyPlugin, type RootOperationNode, sql } from "kysely";
import type { Database } from "../../../src/db/database.ts";

/** `db` plans every raw statement and executes none; each answers no rows. */
export function explainStatements<Db extends Database>(
  db: Db,
  { planned = "for these values" }: { readonly planned?: "for these values" | "for any values" } = {},
): { readonly db: Db; readonly plans: string[] } {
  const plans: string[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }): RootOperationNode => {
      if (node.kind !== "RawNode") throw new Error("Only statements in SQL can be explained here");
      if (planned === "for any values")
        return sql.raw(`explain (generic_plan, costs off) ${db.getExecutor().compileQuery(node, queryId).sql}`).toOperationNode();
      const [first = "", ...rest] = node.sqlFragments;
      return { ...node, sqlFragments: [`explain (costs off) ${first}`, ...rest] };
    },
    transformResult: async ({ result }) => {
      plans.push(result.rows.map((row) => String(Object.values(row)[0])).join("\n"));
      return { rows: [] };
    },
  };
  const explaining = db.withPlugin(plugin);
  // What goes past the plugins is to be explained all the same.
  return { db: Object.assign(explaining, { withoutPlugins: () => explaining }) as Db, plans };
}
