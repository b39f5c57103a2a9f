/** What must hold after every command: by the model, and by what the rows themselves promise. */
import { sql } from "kysely";
import { monotonicMs } from "../../../src/clock.ts";
import { checkLedger } from "../../../src/db/ledger.ts";
import { DAY, HOUR, type Instant } from "../../../src/domain/calendar.ts";
import type { SessionId, TouchpointId } from "../../../src/domain/ids.ts";
import type { Clinic } from "./clinic.ts";
import { CHANGE, say } from "./judge-call.ts";
import { isCalledOff, isSilent, type Person, type Visit } from "./model.ts";

/** One sentence for each promise that is broken. */
export async function judgeBooks(clinic: Clinic): Promise<string[]> {
  return [...clinic.broken.splice(0), ...judgeRepeats(clinic), ...(await judgeLedger(clinic, OF_WORKERS)), ...(await judgeDoubles(clinic))];
}

/**
 * What workers make good within seconds: a plan may ask for a call whose last moment is over, which the sweep opens; and late evidence of what is held already
 * for staff is settled by the settler.
 */
const OF_WORKERS: ReadonlySet<string> = new Set(["ended-or-to-come", "sent-is-recorded"]);
const NONE: ReadonlySet<string> = new Set();

async function judgeLedger({ deps: { db } }: Clinic, besides: ReadonlySet<string>): Promise<string[]> {
  const results = await checkLedger(db, { clinicId: null, now: monotonicMs });
  return results
    .filter(({ state, name }) => (state === "violated" || state === "unfinished") && !besides.has(name))
    .flatMap(({ name, offences }) => offences.map(({ why }) => `ledger, ${name}: ${why}`));
}

/** Accepted once, and once more where the rule says so and it was decided. */
async function judgeDoubles({ deps: { db }, model }: Clinic): Promise<string[]> {
  const accepted = Map.groupBy(
    model.calls.filter((call) => call.accepted),
    ({ touchpointId }) => touchpointId,
  );
  const twice = [...accepted].filter(([, calls]) => calls.length > 1);
  if (twice.length === 0) return [];
  const { rows } = await sql<{ id: TouchpointId; rule: string; allowed: number }>`
    select id, rule, case on_unknown when 'resend' then 1 + resends else 1 end as allowed from touchpoints
    where id = any(${twice.map(([id]) => id)}::uuid[])`.execute(db);
  return rows.flatMap(({ id, rule, allowed }) => {
    const count = accepted.get(id)?.length ?? 0;
    return count > Math.min(2, allowed) ? [`${rule} was accepted ${count} times, allowed are ${allowed}`] : [];
  });
}

/** The same is not said twice by two touchpoints: the same rule about the same start, to the same person over the same channel. Changes may come and go. */
function judgeRepeats({ model }: Clinic): string[] {
  const arrived = model.calls.filter(
    ({ accepted, lostAt, about }) => accepted && lostAt === null && about !== null && !CHANGE.test(about.rule),
  );
  const said = Map.groupBy(arrived, ({ about, channel }) => JSON.stringify([about, channel]));
  return [...said].flatMap(([what, calls]) =>
    new Set(calls.map(({ touchpointId }) => touchpointId)).size > 1 ? [`said twice: ${what}`] : [],
  );
}

/** What must hold once the workers have done what there was to do at this moment; cheap enough for every moment. */
export async function judgeMoment(clinic: Clinic): Promise<string[]> {
  return [...clinic.broken.splice(0), ...(await judgeEnds(clinic)), ...(await judgeTold(clinic))];
}

/** The same with all books, for when a command has ended with the workers' turn. */
export async function judgeRest(clinic: Clinic): Promise<string[]> {
  return [...(await judgeMoment(clinic)), ...judgeRepeats(clinic), ...(await judgeDoubles(clinic)), ...(await judgeLedger(clinic, NONE))];
}

/** Whatever is past its last moment has ended. */
async function judgeEnds({ deps: { db } }: Clinic): Promise<string[]> {
  const { rows } = await sql<{ rule: string; channel: string; state: string; awaits: string | null }>`
    select rule, channel, state, awaits from touchpoints
    where send_by <= (select afterglow_now()) and (state = 'planned' or (state = 'held' and reason is distinct from 'unknown'))`.execute(
    db,
  );
  return rows.map(({ rule, channel, state }) => `${rule} over ${channel} is past its last moment and still ${state}`);
}

/** Nobody comes to a visit that is off, and nobody misses one for want of a word: whoever was not told is on somebody's list. */
async function judgeTold({ deps: { db }, model, now }: Clinic): Promise<string[]> {
  const at = await now();
  const due = model.people.flatMap((person) => person.visits.flatMap((visit) => toJudge(person, visit, at)));
  if (due.length === 0) return [];
  const { rows } = await sql<{ sessionId: SessionId; openedAt: Instant }>`
    select session_id, opened_at from tasks where kind in ('call', 'settle-unknown') and state <> 'cancelled'`.execute(db);
  const isListed = ({ id, since }: Visit) => rows.some(({ sessionId, openedAt }) => sessionId === id && openedAt >= since);
  return due.flatMap(({ visit, start }) => {
    const last = lastTelling(visit, start);
    const isTrue = isCalledOff(visit) ? last === undefined || last.what === "off" : last?.what === visit.startsAt;
    if (isTrue || isListed(visit)) return [];
    return [
      `a visit at ${say(start)} is ${visit.status}, what was said last is ${typeof last?.what === "number" ? say(last.what) : last?.what}`,
    ];
  });
}

/** How long before the visit news that a text did not arrive can still be made good. */
const MENDABLE_MS = 18 * HOUR;

/** What comes last before a visit, and matters, is of use until so long before it. */
const LAST_WORD_MS = 6 * HOUR;

function lastTelling({ tellings }: Visit, start: Instant) {
  return tellings.findLast(({ call }) => call.accepted && (call.lostAt === null || call.lostAt > start - MENDABLE_MS));
}

/** A visit whose start is here: the one that holds, or the last one that somebody was told. Looked at once each. */
function toJudge(person: Person, visit: Visit, at: Instant): { visit: Visit; start: Instant }[] {
  const start = !isCalledOff(visit) ? visit.startsAt : visit.tellings.findLast(({ what }) => what !== "off")?.what;
  if (typeof start !== "number" || start > at) return [];
  const place = `${visit.id}/${start}`;
  if (person.judged.has(place)) return [];
  person.judged.add(place);
  // A time that staff give at the last moment, to somebody who had heard of none, they say themselves; the plan shows that it says nothing.
  if (visit.tellings.length === 0 && start - visit.since < LAST_WORD_MS) return [];
  // Who was turned away, or is missed, has been spoken to or is called. Staff who ask for silence take it upon themselves to say what must be said.
  const wasSilent =
    visit.status === "not_dosed" ||
    visit.status === "no_show" ||
    isSilent(person) ||
    person.isOver ||
    (person.freeSince !== null && person.freeSince > start - 4 * DAY);
  return wasSilent ? [] : [{ visit, start }];
}
