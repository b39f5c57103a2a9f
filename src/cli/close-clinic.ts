/** `clinic close` and `clinic reopen`. */
import { findClosure } from "../db/closures.ts";
import type { CoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { type ClinicClosed, closeClinic } from "../producers/close-clinic.ts";
import { reopenClinic } from "../producers/reopen-clinic.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { type Concerned, countPatients, endClinicChange, showCalls, toConcerned, toSessionFields } from "./clinic-change.ts";
import { hoursOf, readDay, wholeDay } from "./clinic-day.ts";
import type { ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, toTable } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type CloseOptions = ChangeFlags & { readonly day: string; readonly from?: string; readonly to?: string; readonly reason: string };

export async function closeClinicDay(
  slug: string,
  { day: text, from, to, reason: words, json, ...flags }: CloseOptions,
): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const day = readDay(text, "--day");
  const reason = readReason(words);
  const isWhole = from === undefined && to === undefined;
  return withCore(async (core) => {
    const clinic = await getClinic(core.db, slug);
    const span = isWhole ? wholeDay(clinic.zone, day) : hoursOf(clinic.zone, day, { from, to });
    const result = await closeClinic(core, { clinicId: clinic.id, ...span, wholeDay: isWhole ? day : null, reason }, options);
    return endClinicChange(result, {
      json,
      toJson: (closed) => ({
        ...toJson(closed, { clinic: slug, reason, core }),
        closure: options.dryRun ? null : toPublicId("closure", closed.closure),
      }),
      show: (closed, { dryRun }) => {
        const hours = isWhole ? "the whole day" : `${sayWhen(clinic.zone, span.from)} to ${sayWhen(clinic.zone, span.to)}`;
        print(`${dryRun ? "Would be: " : ""}${slug} closed on ${text}, ${hours} (${clinic.zone}): ${reason}`);
        show(closed, core);
        if (!dryRun) print(`Who is not reached yet: afterglow clinic closure show ${toPublicId("closure", closed.closure)}`);
      },
    });
  });
}

function readReason(text: string): string {
  const reading = parseLine(text, { most: 200 });
  if (!reading.ok) throw new UsageError(`--reason: expected ${reading.expected}.`);
  return reading.value;
}

function concernedBy({ postponed, now }: ClinicClosed, { vault }: Pick<CoreDeps, "vault">): Concerned[] {
  return postponed.map((session) => toConcerned(session, { now, vault }));
}

function show(closed: ClinicClosed, core: CoreDeps): void {
  const concerned = concernedBy(closed, core);
  const urgent = concerned.filter(({ isUrgent }) => isUrgent);
  const unreachable = concerned.filter(({ mustBeCalled }) => mustBeCalled);
  const { left, silenced } = closed;
  const rows: [string, string][] = [
    ["postponed", `${count(concerned.length, "session")} of ${count(countPatients(concerned), "patient")}`],
    ["within 18 h", urgent.length === 0 ? "nobody" : `${count(countPatients(urgent), "patient")}, told at once, from 05:30`],
    ["no channel", unreachable.length === 0 ? "nobody" : paint.red(`${count(countPatients(unreachable), "patient")}, to be called`)],
    ["silenced", `${count(silenced.ended, "touchpoint")}${silenced.inFlight > 0 ? `; ${silenced.inFlight} on their way already` : ""}`],
    ...(left.length > 0
      ? [["left as they are", `${count(left.length, "session")}, under way or held by others`] satisfies [string, string]]
      : []),
  ];
  for (const line of toTable(rows.map(([name, value]) => [`  ${name}`, value]))) print(line);
  showCalls(concerned);
}

function toJson(closed: ClinicClosed, { clinic, reason, core }: { clinic: string; reason: string; core: CoreDeps }): object {
  const concerned = concernedBy(closed, core);
  const { span, now, left, silenced } = closed;
  return {
    clinic,
    from: formatInstant(span.from),
    to: formatInstant(span.to),
    reason,
    patients: countPatients(concerned),
    urgent: countPatients(concerned.filter(({ isUrgent }) => isUrgent)),
    mustBeCalled: countPatients(concerned.filter(({ mustBeCalled }) => mustBeCalled)),
    silenced,
    postponed: concerned.map(toSessionFields),
    left: left.map((session) => toSessionFields(toConcerned(session, { now, vault: core.vault }))),
  };
}

/** Takes a closure back for what is booked from now on; what it postponed is listed by `clinic closure show`. */
export async function reopenClinicDay(text: string, { json, ...flags }: ChangeFlags): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const id = parsePublicId("closure", text);
  if (!id)
    throw new UsageError(`${text}: expected the id of a closure, such as clo_0197c3a4-5a1e-7c00-8f00-0123456789ab (clinic closure list).`);
  return withCore(async (core) => {
    const closure = await findClosure(core.db, id);
    if (!closure)
      throw new Refusal([{ path: "closure", value: text, expected: "the id of a closure (afterglow clinic closure list SLUG)" }]);
    return endClinicChange(await reopenClinic(core, closure, options), {
      json,
      toJson: () => ({ closure: toPublicId("closure", id), clinic: closure.clinic }),
      show: (_, { dryRun }) => {
        print(
          `${dryRun ? "Would be: " : ""}${closure.clinic} open again from ${sayWhen(closure.zone, closure.from)} to ${sayWhen(closure.zone, closure.to)}.`,
        );
        print(`Its sessions stay postponed; for rebooking: afterglow clinic closure show ${toPublicId("closure", id)} --all`);
      },
    });
  });
}
