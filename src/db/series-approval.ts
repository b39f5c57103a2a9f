/** From which approval a series is planned. */
import { sql } from "kysely";
import type { ApprovalId, SeriesId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export async function findSeriesApproval(db: Database, id: SeriesId): Promise<ApprovalId | undefined> {
  const { rows } = await sql<{ approvalId: ApprovalId }>`select approval_id from series where id = ${id}`.execute(db);
  return rows[0]?.approvalId;
}
