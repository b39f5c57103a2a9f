/** `clinic move-day`. */
import type { CoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import type { Obstacle } from "../domain/shift-sessions.ts";
import { type DayMoved, moveDay } from "../producers/move-day.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { type Concerned, countPatients, endClinicChange, showCalls, toConcerned, toSessionFields } from "./clinic-change.ts";
import { readDay, wholeDay } from "./clinic-day.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, say, toTable } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type MoveDayOptions = ChangeFlags & { readonly from: string; readonly to: string; readonly shift?: true };

export async function moveClinicDay(
  slug: string,
  { from: fromText, to: toText, shift, json, ...flags }: MoveDayOptions,
): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const [from, to] = [readDay(fromText, "--from"), readDay(toText, "--to")];
  if (from === to) throw new UsageError(`--from ${fromText} --to ${toText}: expected two days.`);
  return withCore(async (core) => {
    const clinic = await getClinic(core.db, slug);
    const which = shift ? "day-and-following" : "day";
    const result = await moveDay(core, { clinic, from, to, span: wholeDay(clinic.zone, from), which }, options);
    return endClinicChange(result, {
      json,
      toJson: (moved) => ({ clinic: slug, from: fromText, to: toText, ...toJson(moved, core) }),
      show: (moved, { dryRun }) => {
        print(`${dryRun ? "Would be: " : ""}${slug}, ${fromText} moved to ${toText}${shift ? ", with what follows in each series" : ""}`);
        show(moved, core);
      },
    });
  });
}

function concernedBy({ moves, now }: DayMoved, { vault }: Pick<CoreDeps, "vault">): Concerned[] {
  return moves.map(({ session, startsAt }) => toConcerned(session, { now, vault, startsAt }));
}

const OBSTACLES: { readonly [Why in Obstacle]: string } = {
  "under-way": "it has begun",
  "no-such-time": "the clocks jump over that time on the new day",
  twice: "the clocks show that time twice on the new day",
  past: "the new time is over",
  closed: "the clinic is closed then",
  clash: "the patient has another session then",
  "with-series": "another session of its series cannot be moved",
};

function show(moved: DayMoved, core: CoreDeps): void {
  const concerned = concernedBy(moved, core);
  const urgent = concerned.filter(({ isUrgent }) => isUrgent);
  const unreachable = concerned.filter(({ mustBeCalled }) => mustBeCalled);
  const { left, silenced, now, warnings } = moved;
  for (const warning of warnings) say(`warning: ${warning}`);
  const rows: [string, string][] = [
    ["moved", `${count(concerned.length, "session")} of ${count(countPatients(concerned), "patient")}`],
    ["within 18 h", urgent.length === 0 ? "nobody" : `${count(countPatients(urgent), "patient")}, told at once, from 05:30`],
    ["no channel", unreachable.length === 0 ? "nobody" : paint.red(`${count(countPatients(unreachable), "patient")}, to be called`)],
    ["silenced", `${count(silenced.ended, "touchpoint")}${silenced.inFlight > 0 ? `; ${silenced.inFlight} on their way already` : ""}`],
  ];
  for (const line of toTable(rows.map(([name, value]) => [`  ${name}`, value]))) print(line);
  showCalls(concerned);
  if (left.length === 0) return;
  print(paint.red(`${count(left.length, "session")} could not be moved and ${left.length === 1 ? "stays" : "stay"}:`));
  const lines = left.map(({ session, why }) => {
    const { chart } = toConcerned(session, { now, vault: core.vault });
    return [`  chart ${chart}`, sayWhen(session.zone, session.startsAt), OBSTACLES[why]];
  });
  for (const line of toTable(lines)) print(line);
}

function toJson(moved: DayMoved, core: CoreDeps): object {
  const concerned = concernedBy(moved, core);
  const { moves, left, silenced, warnings, now } = moved;
  return {
    patients: countPatients(concerned),
    urgent: countPatients(concerned.filter(({ isUrgent }) => isUrgent)),
    mustBeCalled: countPatients(concerned.filter(({ mustBeCalled }) => mustBeCalled)),
    silenced,
    warnings,
    moved: concerned.map((each, index) => ({
      ...toSessionFields(each),
      to: formatInstant(moves[index]?.startsAt ?? each.session.startsAt),
    })),
    left: left.map(({ session, why }) => ({ ...toSessionFields(toConcerned(session, { now, vault: core.vault })), why })),
  };
}
