/** Wordings that a clinic has published since a protocol was approved, a stem at a time. The newest that was not rolled back is in force; a release never changes. */
import { sql } from "kysely";
import { machineNow, newId } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, ReleaseId } from "../domain/ids.ts";
import { remember } from "../domain/remember.ts";
import type { Database, Tx } from "./database.ts";

/** What a clinic has published, as it is in force. */
export type Releases = {
  /** Names exactly these releases: as long as it is the same, so is the wording. Empty when nothing is released. */
  readonly version: string;
  /** The sources of each stem in every locale, as they were stored. */
  readonly sources: { readonly [stem: string]: unknown };
};

/** A wording is at most this much older than the newest release: one cheap statement a second and process, however many messages are written. */
const FRESH_FOR_MS = 1_000;

/** Of each stem that a clinic has published, the release in force. */
export type ReleasesInForce = ReadonlyMap<string, ReleaseId>;

type Cache = { readAt: Instant; byClinic: Map<ClinicId, Promise<ReleasesInForce>> };
const caches = new WeakMap<Database, Cache>();
/** Contents by release, which never change. */
const contents = new Map<ReleaseId, unknown>();
/** Some twenty thousand bytes each. */
const MOST_CONTENTS = 500;

/** The releases in force at these clinics, at most a second old. */
export async function loadReleases(db: Database, clinicIds: Iterable<ClinicId>): Promise<ReadonlyMap<ClinicId, ReleasesInForce>> {
  const now = machineNow();
  let cache = caches.get(db);
  if (!cache || now - cache.readAt >= FRESH_FOR_MS || now < cache.readAt) caches.set(db, (cache = { readAt: now, byClinic: new Map() }));
  const { byClinic } = cache;
  const wanted = [...new Set(clinicIds)];
  const missing = wanted.filter((id) => !byClinic.has(id));
  if (missing.length > 0) {
    const read = readInForce(db, missing);
    for (const id of missing) byClinic.set(id, forgetting(byClinic, id, read));
  }
  return new Map(await Promise.all(wanted.map(async (id) => [id, (await byClinic.get(id)) ?? new Map()] as const)));
}

/** A reading that failed is not kept: the next one asks again. */
async function forgetting(byClinic: Cache["byClinic"], id: ClinicId, read: ReturnType<typeof readInForce>): Promise<ReleasesInForce> {
  try {
    return (await read).get(id) ?? new Map();
  } catch (error) {
    byClinic.delete(id);
    throw error;
  }
}

async function readInForce(db: Database, clinicIds: readonly ClinicId[]): Promise<ReadonlyMap<ClinicId, ReleasesInForce>> {
  const { rows } = await sql<{ id: ReleaseId; clinicId: ClinicId; stem: string }>`
    select distinct on (clinic_id, stem) id, clinic_id, stem from template_releases
    where clinic_id = any(${clinicIds}::uuid[]) and rolled_back_at is null order by clinic_id, stem, released_at desc, id desc`.execute(db);
  const byClinic = Map.groupBy(rows, ({ clinicId }) => clinicId);
  return new Map([...byClinic].map(([clinicId, released]) => [clinicId, new Map(released.map(({ stem, id }) => [stem, id]))]));
}

/** The releases in force at this moment and what they say, past any cache. */
export async function readReleases(db: Database, clinicIds: readonly ClinicId[]): Promise<ReadonlyMap<ClinicId, Releases>> {
  const inForce = await readInForce(db, clinicIds);
  const sources = await readContents(
    db,
    [...inForce.values()].flatMap((released) => [...released.values()]),
  );
  return new Map(
    [...inForce].map(([clinicId, released]): [ClinicId, Releases] => [
      clinicId,
      {
        version: [...released.values()].join(","),
        sources: Object.fromEntries([...released].map(([stem, id]) => [stem, sources.get(id)])),
      },
    ]),
  );
}

async function readContents(db: Database, ids: readonly ReleaseId[]): Promise<ReadonlyMap<ReleaseId, unknown>> {
  const sources = new Map(ids.filter((id) => contents.has(id)).map((id) => [id, contents.get(id)]));
  const unknown = ids.filter((id) => !sources.has(id));
  if (unknown.length === 0) return sources;
  const read = await db.selectFrom("templateReleases").select(["id", "sources"]).where("id", "in", unknown).execute();
  for (const { id, sources: said } of read) sources.set(id, remember(contents, id, said, MOST_CONTENTS));
  return sources;
}

export type Release = {
  readonly id: ReleaseId;
  readonly stem: string;
  readonly hash: string;
  readonly approvedBy: string;
  readonly releasedAt: Instant;
  readonly rolledBackAt: Instant | null;
};

/** Everything a clinic has published, newest first, rolled back or not; of one stem, or of all. */
export async function listReleases(db: Database, clinicId: ClinicId, stem: string | null = null): Promise<Release[]> {
  const { rows } = await sql<Release>`
    select id, stem, hash, approved_by, released_at, rolled_back_at from template_releases
    where clinic_id = ${clinicId} and (${stem}::text is null or stem = ${stem}) order by released_at desc, id desc`.execute(db);
  return rows;
}

export type NewRelease = {
  readonly clinicId: ClinicId;
  readonly stem: string;
  /** The stem's parts in every locale. */
  readonly sources: unknown;
  readonly hash: string;
  readonly by: string;
};

/** Stores a release; it is in force from the next message on. */
export async function insertRelease(tx: Tx, { clinicId, stem, sources, hash, by }: NewRelease): Promise<ReleaseId> {
  const id = newId<"release">();
  await tx
    .insertInto("templateReleases")
    .values({ id, clinicId, stem, hash, sources: JSON.stringify(sources), approvedBy: by })
    .execute();
  return id;
}

/** Takes a release out of force. */
export async function rollBackRelease(tx: Tx, id: ReleaseId): Promise<void> {
  await sql`update template_releases set rolled_back_at = clock_timestamp() where id = ${id} and rolled_back_at is null`.execute(tx);
}

/** What a new wording of a stem changes: messages that are still to be written, and open tasks that are read from it. */
export async function countAffected(db: Database, clinicId: ClinicId, stem: string): Promise<{ messages: number; tasks: number }> {
  const { rows } = await sql<{ messages: number; tasks: number }>`
    select
      (select count(*) from touchpoints where clinic_id = ${clinicId} and template = ${stem} and state in ('planned', 'held') and unwanted_at is null) as messages,
      (select count(*) from tasks where clinic_id = ${clinicId} and template = ${stem} and state in ('open', 'taken')) as tasks`.execute(
    db,
  );
  return rows[0] ?? { messages: 0, tasks: 0 };
}
