/** The one check that SQL cannot make: PostgreSQL's time-zone data is not ours, and only one of the two decides. */
import { sql } from "kysely";
import { formatInstant, type Instant, parseLocalDateTime } from "../domain/calendar.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import { resolveLocal } from "../domain/place-in-time.ts";
import { readZone } from "./clinics.ts";
import type { Tx } from "./database.ts";
import { CLINIC_NOW, type Found, type LedgerCheck, type LedgerScope, MOST_SHOWN, type Offence } from "./ledger-check.ts";

export const keepsWallClock: LedgerCheck = {
  name: "wall-clock-is-kept",
  promise: "a session to come begins when the wall of its zone shows its local time",
  find: findMisplaced,
};

type SessionTime = { id: SessionId; localStart: string; zone: string; resolution: string; startsAt: Instant };

/** Few enough to hold, many enough that a statement costs little each. */
const BATCH = 10_000;

async function findMisplaced(tx: Tx, scope: LedgerScope): Promise<Found> {
  const offences: Offence[] = [];
  for (let last: SessionId | null = null; ; ) {
    const sessions: SessionTime[] = await readSessions(tx, scope, last);
    offences.push(...sessions.flatMap(judge));
    if (sessions.length < BATCH) return { count: offences.length, offences: offences.slice(0, MOST_SHOWN) };
    last = sessions.at(-1)?.id ?? null;
  }
}

async function readSessions(tx: Tx, { inClinic }: LedgerScope, last: SessionId | null): Promise<SessionTime[]> {
  const { rows } = await sql<SessionTime>`
    select v.id, v.local_start, v.zone, v.resolution, v.starts_at from sessions v
    where v.status = 'scheduled' and v.starts_at > ${CLINIC_NOW} and (${last}::uuid is null or v.id > ${last}::uuid) and ${inClinic("v.clinic_id")}
    order by v.id limit ${sql.lit(BATCH)}`.execute(tx);
  return rows;
}

function judge({ id, localStart, zone, resolution, startsAt }: SessionTime): Offence[] {
  const should = place({ localStart, zone, resolution });
  if (should === startsAt) return [];
  const says = should === undefined ? "a time that does not exist" : formatInstant(should);
  return [
    { id: toPublicId("session", id), why: `${localStart} in ${zone} (${resolution}) is ${says}, stored is ${formatInstant(startsAt)}` },
  ];
}

/** Where the clocks are set back, the stored choice decides; a time over which they jump is no time. */
function place({ localStart, zone, resolution }: Pick<SessionTime, "localStart" | "zone" | "resolution">): Instant | undefined {
  const local = parseLocalDateTime(localStart);
  if (local === undefined) return undefined;
  const placement = resolveLocal(readZone(zone), local);
  if (placement.kind === "gap") return undefined;
  if (placement.kind === "exact") return placement.at;
  return resolution === "overlap-second" ? placement.second : placement.first;
}
