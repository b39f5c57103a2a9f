/** Holds the rows of one patient against each other and against everything else they have: where all of it will stand, so that sessions can change places. Pure. */
import { formatLocal } from "../domain/calendar.ts";
import type { TakenBy } from "../domain/judge-time.ts";
import { toLocal } from "../domain/place-in-time.ts";
import { findTaken, type PatientSessions } from "./patient-sessions.ts";
import type { JudgedRow } from "./sync-patient.ts";

/** Refuses rows until none of those left clashes; of two that want the same time the later line gives way. A refused move leaves its session where it was. */
export function refuseClashes(rows: readonly JudgedRow[], patient: PatientSessions): JudgedRow[] {
  let standing = [...rows];
  for (;;) {
    const clash = findClash(standing, patient);
    if (!clash) return standing;
    standing = standing.map((row) => (row.line === clash.line ? { ...row, verdict: clash.verdict } : row));
  }
}

type Clash = Pick<JudgedRow, "line" | "verdict">;

function findClash(rows: readonly JudgedRow[], patient: PatientSessions): Clash | undefined {
  const wanted = rows.map((row) => ({ line: row.line, time: wantedBy(row) }));
  const leaving = new Set(rows.flatMap(({ verdict, session }) => (session && LEAVES.has(verdict.kind) ? [session] : [])));
  const taken = findTaken(patient, { besides: leaving, seriesId: null });
  for (const { line, time } of wanted.toReversed()) {
    if (!time) continue;
    const others = [...taken, ...wanted.flatMap((other) => (other.time && other.line !== line ? [other.time] : []))];
    const other = others.find(({ startsAt, endsAt }) => startsAt < time.endsAt && time.startsAt < endsAt);
    if (other) return { line, verdict: { kind: "refused", faults: [faultOf(time, other)] } };
  }
  return undefined;
}

const LEAVES: ReadonlySet<JudgedRow["verdict"]["kind"]> = new Set(["move", "resize", "cancel"] as const);

function wantedBy({ line, verdict }: JudgedRow): TakenBy | undefined {
  const name = `what line ${line} asks for`;
  switch (verdict.kind) {
    case "move":
      return verdict.alteration.time ? { ...verdict.alteration.time, zone: verdict.alteration.session.zone, name } : undefined;
    case "resize":
      return { startsAt: verdict.session.startsAt, endsAt: verdict.endsAt, zone: verdict.session.zone, name };
    case "add":
      return { ...verdict.time, zone: verdict.request.zone, name };
    case "cancel":
    case "unchanged":
    case "refused":
      return undefined;
  }
}

function faultOf({ zone, startsAt }: TakenBy, other: TakenBy) {
  const expected = `a time at which this patient has no other session; ${other.name} lasts from ${wallOf(other)}`;
  return { path: "startsAt", value: formatLocal(toLocal(zone, startsAt)), expected };
}

function wallOf({ zone, startsAt, endsAt }: TakenBy): string {
  return `${formatLocal(toLocal(zone, startsAt))} to ${formatLocal(toLocal(zone, endsAt))}`;
}
