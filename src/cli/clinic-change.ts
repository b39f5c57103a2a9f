/** What every verb about a whole clinic has in common: how it ends, and how sessions are shown to those who will call. */
import type { DaySession } from "../db/day-sessions.ts";
import type { Vault } from "../db/vault.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { SOON } from "../domain/change-soon.ts";
import { toPublicId } from "../domain/ids.ts";
import type { ClinicChanged } from "../producers/change-clinic.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { print, printJson, toTable } from "./terminal.ts";
import { toWall } from "../domain/touchpoint-fields.ts";

type Showing<Value> = {
  readonly json: true | undefined;
  /** One object for programs. */
  readonly toJson: (value: Value) => object;
  /** Lines for people, without what is common. */
  readonly show: (value: Value, changed: { readonly dryRun: boolean }) => void;
};

/** Prints what became of a clinic-wide change and says how the command ended. */
export function endClinicChange<Value>(result: ClinicChanged<Value>, { json, toJson, show }: Showing<Value>): ExitCode {
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) {
    const { value, ...rest } = result.kind === "same" ? { ...result, value: null } : result;
    printJson({ ...rest, ...(value === null ? {} : toJson(value)) });
    return EXIT.done;
  }
  if (result.kind === "same") {
    print("That is how it is already; nothing was stored.");
    return EXIT.done;
  }
  const { value, dryRun, replanned, revision } = result;
  show(value, { dryRun });
  print(
    dryRun
      ? `Nothing was stored: this was a dry run. The clinic is at revision ${revision - 1}.`
      : `${count(replanned, "patient")} ${replanned === 1 ? "is" : "are"} planned again within moments; the clinic is at revision ${revision}.`,
  );
  return EXIT.done;
}

/** A session whose patient is told something, with what decides how. */
export type Concerned = {
  readonly session: DaySession;
  readonly chart: string;
  /** It begins, or would have begun, so soon that whoever was told of it may be preparing for it. */
  readonly isUrgent: boolean;
  /** No message can reach the patient, and a call may. */
  readonly mustBeCalled: boolean;
};

/** `startsAt`: where it moves to; the earlier of the two starts decides how urgent it is. */
export function toConcerned(
  session: DaySession,
  { now, vault, startsAt = session.startsAt }: { now: Instant; vault: Vault; startsAt?: Instant },
): Concerned {
  return {
    session,
    chart: vault.open(session.refSealed, { table: "patients", column: "ref_sealed", row: session.patientId }),
    isUrgent: Math.min(session.startsAt, startsAt) - now < SOON,
    mustBeCalled: session.channels.length === 0 && session.mayBeCalled,
  };
}

/** Patients and not sessions: one call is enough for two visits. */
export function countPatients(concerned: readonly Concerned[]): number {
  return new Set(concerned.map(({ session }) => session.patientId)).size;
}

/** One line a patient and session that staff have to call about. */
export function showCalls(concerned: readonly Concerned[]): void {
  const calls = concerned.filter(({ mustBeCalled }) => mustBeCalled);
  if (calls.length === 0) return;
  print("To call, because no message can reach them:");
  for (const line of toTable(
    calls.map(({ session, chart, isUrgent }) => [
      `  chart ${chart}`,
      toPublicId("patient", session.patientId),
      sayWhen(session.zone, session.startsAt),
      isUrgent ? "urgent" : "",
    ]),
  ))
    print(line);
}

/** A session for programs. */
export function toSessionFields({ session, chart, isUrgent, mustBeCalled }: Concerned) {
  const { id, patientId, seriesId, zone, startsAt, endsAt, channels } = session;
  return {
    session: toPublicId("session", id),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    chart,
    startsAt: formatInstant(startsAt),
    endsAt: formatInstant(endsAt),
    local: toWall(zone, startsAt),
    zone,
    channels,
    urgent: isUrgent,
    mustBeCalled,
  };
}
