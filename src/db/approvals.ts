/** Protocols as approved, with the template sources they name: what a series is planned from and rendered from, whatever the files say later. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { ApprovalId, ClinicId, ReleaseId } from "../domain/ids.ts";
import { type Protocol, type ProtocolFile, protocolSchema } from "../domain/protocol.ts";
import { remember } from "../domain/remember.ts";
import type { Database, Tx } from "./database.ts";

export type Approval = {
  readonly id: ApprovalId;
  readonly clinicId: ClinicId;
  /** The same object for every approval of this very text. */
  readonly protocol: Protocol;
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

type Known = Omit<Approval, "protocol"> & { readonly digest: string };

/** An approval never changes, so it is read once; and its protocol once for all clinics that approved the same text. */
const known = new Map<ApprovalId, Known>();
const protocols = new Map<string, Protocol>();
/** A few hundred bytes each, and some two hundred thousand: clinics may be many, and a process has 160 MB. */
const [MOST_KNOWN, MOST_PROTOCOLS] = [20_000, 100];

/** Throws when one of them is not stored. */
export async function getApprovals(db: Database, ids: readonly ApprovalId[]): Promise<ReadonlyMap<ApprovalId, Approval>> {
  const all = await readKnown(db, new Set(ids));
  const byDigest = await readProtocols(db, all);
  return new Map(
    all.map(({ digest, ...approval }) => {
      const protocol = byDigest.get(digest);
      if (!protocol) throw new Error(`The protocol of approval ${approval.id} is not stored`);
      return [approval.id, { ...approval, protocol }];
    }),
  );
}

async function readKnown(db: Database, ids: ReadonlySet<ApprovalId>): Promise<Known[]> {
  const missing = [...ids].filter((id) => !known.has(id));
  const read = new Map<ApprovalId, Known>();
  if (missing.length > 0) {
    const { rows } = await sql<Known>`
      select id, clinic_id, hash, md5(content::text) as digest from protocol_approvals where id = any(${missing}::uuid[])`.execute(db);
    for (const row of rows) read.set(row.id, row);
  }
  const all = [...ids].map((id) => {
    const found = known.get(id) ?? read.get(id);
    if (!found) throw new Error(`Approval ${id} is not stored`);
    return found;
  });
  for (const [id, row] of read) remember(known, id, row, MOST_KNOWN);
  return all;
}

async function readProtocols(db: Database, all: readonly Known[]): Promise<ReadonlyMap<string, Protocol>> {
  const byDigest = new Map(all.flatMap(({ digest }) => entryOf(digest)));
  const unread = new Map(all.filter(({ digest }) => !byDigest.has(digest)).map(({ id, digest }) => [id, digest]));
  const ids = [...new Map([...unread].map(([id, digest]) => [digest, id])).values()];
  if (ids.length === 0) return byDigest;
  for (const { id, content } of await db.selectFrom("protocolApprovals").select(["id", "content"]).where("id", "in", ids).execute()) {
    const digest = unread.get(id) ?? "";
    byDigest.set(digest, remember(protocols, digest, protocolSchema.parse(content), MOST_PROTOCOLS));
  }
  return byDigest;
}

function entryOf(digest: string): [string, Protocol][] {
  const protocol = protocols.get(digest);
  return protocol ? [[digest, protocol]] : [];
}

/** A megabyte and a half each. */
const MOST_TEMPLATES = 8;
const templates = new Map<ApprovalId, unknown>();

/**
 * The sources of every template that an approval names, as they were stored. For whoever shows or compares them: a process that sends reads the few that it
 * needs with {@link readWording}. Throws when the approval is not stored.
 */
export async function readApprovedTemplates(db: Database, id: ApprovalId): Promise<unknown> {
  if (templates.has(id)) return templates.get(id);
  const row = await db.selectFrom("protocolApprovals").select("templates").where("id", "=", id).executeTakeFirst();
  if (!row) throw new Error(`Approval ${id} is not stored`);
  return remember(templates, id, row.templates, MOST_TEMPLATES);
}

export type WordingPlace = {
  readonly approvalId: ApprovalId;
  /** The clinic's release of the stem that is in force. */
  readonly releaseId: ReleaseId | null;
  readonly stem: string;
  readonly locale: string;
};

/** The source of one message in one language, as it was stored: of the release, if the approval names its stem, or else of the approval. Null where there is none. */
export async function readWording(db: Database, { approvalId, releaseId, stem, locale }: WordingPlace): Promise<unknown> {
  const { rows } = await sql<{ parts: unknown }>`
    select case when r.id is null then a.templates -> ${stem}::text -> ${locale}::text when a.templates ? ${stem}::text then r.sources -> ${locale}::text end as parts
    from protocol_approvals a left join template_releases r on r.id = ${releaseId} where a.id = ${approvalId}`.execute(db);
  return rows[0]?.parts ?? null;
}
