/** What happens at the clinic while the demo runs: who comes, is dosed and goes home, as staff would record it, and the three sessions that go otherwise. What staff change beforehand stands in demo-scenes.ts. */
import { sql } from "kysely";
import { type Database, toTimestamp } from "../db/database.ts";
import { type Instant, instant, MINUTE } from "../domain/calendar.ts";
import type { SeriesId, SessionId } from "../domain/ids.ts";
import { type Outcome, type OutcomeDeps, recordOutcome } from "../producers/record-outcome.ts";
import type { ScriptedFact } from "../producers/step-through.ts";

/** A session that goes otherwise than the rest, by the series' external id and the session's number from 1. */
type Exception = { readonly externalId: string; readonly number: number; readonly goes: "no-show" | "no-food-kept" | "unrecorded" };

export const EXCEPTIONS: readonly Exception[] = [
  { externalId: "demo-hugo", number: 2, goes: "no-show" },
  { externalId: "demo-finn", number: 7, goes: "no-food-kept" },
  { externalId: "demo-ben", number: 4, goes: "unrecorded" },
];

export type DemoScript = {
  /** The facts of sessions that start before `until` and were not handed out yet, so that sessions made or moved meanwhile are found too. */
  factsBefore(until: Instant): Promise<ScriptedFact[]>;
};

export function writeScript(deps: OutcomeDeps, { externalIds }: { externalIds: ReadonlyMap<SeriesId, string | null> }): DemoScript {
  // A session that is moved is another one to the script.
  const scripted = new Set<string>();
  const nameOf = ({ id, startsAt }: Session) => `${id} ${startsAt}`;
  return {
    factsBefore: async (until) => {
      const fresh = (await findSessions(deps.db, until)).filter((session) => !scripted.has(nameOf(session)));
      for (const session of fresh) scripted.add(nameOf(session));
      return fresh.flatMap((session) => toFacts(deps, session, externalIds.get(session.seriesId) ?? null));
    },
  };
}

type Session = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly number: number;
  readonly kind: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

async function findSessions(db: Database, until: Instant): Promise<Session[]> {
  const { rows } = await sql<Session>`
    select id, series_id, number, kind, starts_at, ends_at from sessions
    where status = 'scheduled' and starts_at < ${toTimestamp(until)}::timestamptz order by starts_at`.execute(db);
  return rows;
}

function toFacts(deps: OutcomeDeps, session: Session, externalId: string | null): ScriptedFact[] {
  const { startsAt, endsAt, kind } = session;
  const fact = (at: number, outcome: Outcome): ScriptedFact => ({
    at: instant(at),
    happen: async () => {
      if (await stands(deps.db, session, outcome)) await record(deps, session, outcome);
    },
  });
  const exception = EXCEPTIONS.find((each) => each.externalId === externalId && each.number === session.number);
  // Nobody is to the minute; the same session is so in every run.
  const drift = (((session.number * 7) % 4) - 1) * 5 * MINUTE;
  switch (exception?.goes) {
    case "no-show":
      return [fact(startsAt + 20 * MINUTE, { status: "no_show" })];
    case "no-food-kept":
      return [fact(startsAt - 10 * MINUTE, { status: "arrived" }), fact(startsAt + 5 * MINUTE, { status: "not_dosed", reason: "food" })];
    case "unrecorded":
      return [];
    case undefined: {
      const arrived = fact(startsAt - 10 * MINUTE, { status: "arrived" });
      if (kind !== "dosing" && kind !== "booster") return [arrived];
      return [arrived, fact(startsAt + 10 * MINUTE, { status: "dosed" }), fact(endsAt + drift, { status: "discharged" })];
    }
  }
}

/** What a session is before somebody records this of it. */
const BEFORE: { readonly [Status in Outcome["status"]]?: string } = {
  arrived: "scheduled",
  no_show: "scheduled",
  dosed: "arrived",
  not_dosed: "arrived",
  discharged: "dosed",
};

/** False when it was called off or given another time since its facts were handed out, or when somebody at the console has recorded something else. */
async function stands(db: Database, { id, startsAt }: Session, { status }: Outcome): Promise<boolean> {
  const { rows } = await sql<{ stands: boolean }>`
    select starts_at = ${toTimestamp(startsAt)}::timestamptz and status = ${BEFORE[status] ?? "scheduled"} as stands from sessions where id = ${id}`.execute(
    db,
  );
  return rows[0]?.stands ?? false;
}

async function record(deps: OutcomeDeps, { id, number }: Session, outcome: Outcome): Promise<void> {
  const result = await recordOutcome(deps, id, { outcome, actor: "staff:demo" });
  if (result.kind === "refused")
    throw new Error(
      `Session ${number} (${id}) did not take ${outcome.status}: ${result.faults.map(({ expected }) => expected).join("; ")}`,
    );
}
