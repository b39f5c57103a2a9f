/** Protocols as approved, with the template sources they name: what a series is planned from and rendered from, whatever the files say later. */
import { newId } from "../clock.ts";
import type { ApprovalId, ClinicId } from "../domain/ids.ts";
import { type Protocol, type ProtocolFile, protocolSchema } from "../domain/protocol.ts";
import type { Database, Tx } from "./database.ts";

export type Approval = {
  readonly id: ApprovalId;
  readonly clinicId: ClinicId;
  readonly protocol: Protocol;
  readonly templates: unknown;
  readonly hash: string;
};

export type NewApproval = {
  readonly clinicId: ClinicId;
  readonly file: ProtocolFile;
  readonly templates: unknown;
  /** One hash over protocol and templates. */
  readonly hash: string;
  readonly by: string;
};

/** Stores an approval; it is in force at once for new series of that protocol version. */
export async function insertApproval(tx: Tx, { clinicId, file, templates, hash, by }: NewApproval): Promise<ApprovalId> {
  const id = newId<"approval">();
  const content = { content: JSON.stringify(file), templates: JSON.stringify(templates) };
  await tx
    .insertInto("protocolApprovals")
    .values({ id, clinicId, protocol: file.id, version: file.version, hash, approvedBy: by, ...content })
    .execute();
  return id;
}

/** The newest approval of a protocol version at a clinic. */
export async function findApprovalInForce(
  db: Database,
  clinicId: ClinicId,
  { id, version }: { id: string; version: number },
): Promise<Approval | undefined> {
  const row = await db
    .selectFrom("protocolApprovals")
    .select("id")
    .where("clinicId", "=", clinicId)
    .where("protocol", "=", id)
    .where("version", "=", version)
    .orderBy("approvedAt", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && (await getApprovals(db, [row.id])).get(row.id);
}

/** Every approval of a clinic, newest first, without contents. */
export async function listApprovals(db: Database, clinicId: ClinicId) {
  return db
    .selectFrom("protocolApprovals")
    .select(["id", "protocol", "version", "hash", "approvedBy", "approvedAt"])
    .where("clinicId", "=", clinicId)
    .orderBy("approvedAt", "desc")
    .execute();
}

/** An approval never changes, so it is read and parsed once a process. */
const known = new Map<ApprovalId, Approval>();

/** Throws when one of them is not stored. */
export async function getApprovals(db: Database, ids: readonly ApprovalId[]): Promise<ReadonlyMap<ApprovalId, Approval>> {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  if (missing.length > 0) {
    const rows = await db
      .selectFrom("protocolApprovals")
      .select(["id", "clinicId", "content", "templates", "hash"])
      .where("id", "in", missing)
      .execute();
    for (const { content, ...row } of rows) known.set(row.id, { ...row, protocol: protocolSchema.parse(content) });
  }
  return new Map(ids.map((id) => [id, getKnown(id)]));
}

function getKnown(id: ApprovalId): Approval {
  const approval = known.get(id);
  if (!approval) throw new Error(`Approval ${id} is not stored`);
  return approval;
}
