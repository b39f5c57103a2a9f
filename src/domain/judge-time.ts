/** Whether a session may stand at a time that staff wish for: by the rules, and in the words, of enqueueing. */
import { formatLocal, type Instant } from "./calendar.ts";
import { checkSessions } from "./check-sessions.ts";
import type { Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import { placeWritten, type WrittenTime } from "./parse-session.ts";
import { toLocal, type Zone } from "./place-in-time.ts";

/** When the patient is busy, and with what: `session 3 of this series`. */
export type TakenBy = { readonly startsAt: Instant; readonly endsAt: Instant; readonly zone: Zone; readonly name: string };

export type JudgedTime = {
  readonly localStart: string;
  readonly resolution: "exact" | "overlap-first" | "overlap-second";
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

export type TimeContext = {
  /** Where the time stands in what was asked for. */
  readonly path: string;
  readonly now: Instant;
  readonly taken: readonly TakenBy[];
  /** When a session that starts then is over, observation included. */
  readonly endOf: (startsAt: Instant) => Instant;
};

/** Refused: a time that the clocks jump over (with the two nearest), one that is over or more than three years ahead, one at which the patient is busy. */
export function judgeTime(wish: WrittenTime, { path, now, taken, endOf }: TimeContext): Parsed<JudgedTime> {
  const list = faultList();
  const place = { path, value: formatLocal(wish.local) };
  const placed = placeWritten({ list }, wish, path);
  if (!placed) return list.conclude<JudgedTime>(undefined);
  const { startsAt, resolution } = placed;
  const endsAt = endOf(startsAt);
  if (startsAt <= now) list.add(place, "a time to come");
  else
    for (const { expected } of checkSessions([{ startsAt, endsAt, zone: wish.zone, status: null, path }], { now }).faults)
      list.add(place, expected);
  const other = taken.find((each) => startsAt < each.endsAt && each.startsAt < endsAt);
  if (other) list.add(place, `a time at which this patient has no other session; ${other.name} lasts from ${wallOf(other)}`);
  // The wall is read back from the moment: what was written in another zone is stored as it stands where the session happens.
  return list.conclude({ localStart: formatLocal(toLocal(wish.zone, startsAt)), resolution, startsAt, endsAt });
}

function wallOf({ zone, startsAt, endsAt }: TakenBy): string {
  return `${formatLocal(toLocal(zone, startsAt))} to ${formatLocal(toLocal(zone, endsAt))}`;
}
