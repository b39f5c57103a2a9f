/** `roster show` and `roster check`. */
import { readClinicTime } from "../db/clinic-clock.ts";
import { type StoredClinic } from "../db/clinics.ts";
import { loadSafety } from "../db/safety-settings.ts";
import type { StoreDeps } from "../deps.ts";
import { formatDay, formatInstant, formatWallClock, type Instant, parseLocalDateTime, WEEKDAYS } from "../domain/calendar.ts";
import { placeLocal } from "../domain/place-in-time.ts";
import { everybodyOn, findGap, inPagingOrder, isOnDuty } from "../domain/roster.ts";
import type { DutyHours, RosterEntry, SafetySettings } from "../domain/safety-settings.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { sayWhen } from "./say-when.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ShowRosterFlags = { readonly at?: string; readonly reveal?: true; readonly json?: true };
export type CheckRosterFlags = { readonly days: string; readonly json?: true };

type Read = { readonly clinic: StoredClinic; readonly safety: SafetySettings; readonly now: Instant };

async function read({ db, vault }: StoreDeps, slug: string): Promise<Read> {
  const clinic = await getClinic(db, slug);
  return { clinic, safety: await loadSafety(db, clinic.id, vault), now: (await readClinicTime(db)).now };
}

export async function showRoster(slug: string, { at: asked, reveal, json }: ShowRosterFlags): Promise<ExitCode> {
  const { clinic, safety, now } = await withStore((store) => read(store, slug));
  const at = asked === undefined ? now : readMoment(asked, clinic);
  const people = everybodyOn(safety.roster).map((entry) => ({ entry, onDuty: isOnDuty(entry, clinic, at) }));
  if (json) {
    const roster = people.map(({ entry, onDuty }) => ({ ...toPerson(entry, reveal), onDuty }));
    printJson({
      clinic: slug,
      at: formatInstant(at),
      acknowledge: safety.acknowledge,
      surveys: safety.surveys,
      noAfterHoursCover: sayCover(safety),
      roster,
    });
    return EXIT.done;
  }
  print(`On ${sayWhen(clinic.zone, at)} ${clinic.zone}, in the order in which they are paged; the desk about visits only:`);
  for (const line of toTable(people.map(({ entry, onDuty }) => toCells(entry, { onDuty, reveal })))) print(line);
  if (inPagingOrder(safety.roster).length === 0)
    print(paint.red("Nobody is on the roster: an alert pages the clinic's own phone and mailbox."));
  else if (people.every(({ entry, onDuty }) => !onDuty || entry.role === "desk"))
    print(paint.red("Nobody is on duty then: an alert pages everybody in turn."));
  print(
    `The next person is asked after ${safety.acknowledge.criticalMinutes} min (critical) or ${safety.acknowledge.highMinutes} staffed min (high).`,
  );
  const cover = sayCover(safety);
  print(`Surveys about self-harm: ${safety.surveys ? "on" : "off"}${cover === null ? "" : `; no after-hours cover, signed by ${cover}`}.`);
  return EXIT.done;
}

function readMoment(text: string, { zone }: StoredClinic): Instant {
  const local = parseLocalDateTime(text);
  if (local === undefined) throw new UsageError(`--at ${text}: expected a date and time on the clinic's wall, such as 2027-01-09T23:00.`);
  return placeLocal(zone, local);
}

function toPerson({ name, role, when, from, until, phone, email }: RosterEntry, reveal: true | undefined) {
  const reach = reveal ? { phone, email } : { phone: phone !== null, email: email !== null };
  return {
    name,
    role,
    when: sayHours(when),
    from: from === null ? null : formatDay(from),
    until: until === null ? null : formatDay(until),
    ...reach,
  };
}

function toCells(entry: RosterEntry, { onDuty, reveal }: { onDuty: boolean; reveal: true | undefined }): string[] {
  const { name, role, when, from, until, phone, email } = entry;
  const range = from === null && until === null ? "" : `${from === null ? "" : formatDay(from)}..${until === null ? "" : formatDay(until)}`;
  const reach = reveal ? [phone ?? "", email ?? ""] : [phone === null ? "" : "sms", email === null ? "" : "email"];
  return [onDuty ? "on duty" : "", role, name, sayHours(when), range, ...reach];
}

function sayHours(when: DutyHours): string {
  if (typeof when === "string") return when;
  return WEEKDAYS.flatMap((day) =>
    (when[day] ?? []).map(({ from, to }) => `${day} ${formatWallClock(from)}-${to === 1440 ? "24:00" : formatWallClock(to)}`),
  ).join(", ");
}

function sayCover({ noAfterHoursCover: cover }: SafetySettings): string | null {
  return cover === null ? null : `${cover.signedBy} on ${formatDay(cover.on)}`;
}

const MOST_DAYS = 366;

export async function checkRoster(slug: string, { days, json }: CheckRosterFlags): Promise<ExitCode> {
  const length = /^\d{1,3}$/.test(days) ? Number(days) : 0;
  if (length < 1 || length > MOST_DAYS) throw new UsageError(`--days ${days}: expected a whole number from 1 to ${MOST_DAYS}.`);
  const { clinic, safety, now } = await withStore((store) => read(store, slug));
  const gap = findGap(safety, clinic, { from: now, days: length });
  if (json) printJson({ clinic: slug, days: length, covered: gap === undefined, firstGap: gap === undefined ? null : formatInstant(gap) });
  else if (gap === undefined) print(`Somebody is on the roster at every hour of the next ${length} days.`);
  else print(paint.red(`Nobody is on the roster from ${sayWhen(clinic.zone, gap)} ${clinic.zone} on.`));
  return gap === undefined ? EXIT.done : EXIT.refused;
}
