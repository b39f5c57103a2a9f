/** What can happen at the clinic, in any order. */
import fc, { type AsyncCommand } from "fast-check";
import { expect } from "vitest";
import { HOUR, MINUTE } from "../../../src/domain/calendar.ts";
import type { Outcome } from "../../../src/producers/record-outcome.ts";
import type { Clinic } from "./clinic.ts";
import { enrol } from "./enrol.ts";
import { judgeBooks, judgeRest } from "./judge-books.ts";
import { markDead, type Model } from "./model.ts";
import { goOn, liveThroughVisit, skip } from "./pass-time.ts";
import { FAULTS } from "./provider.ts";
import * as staff from "./staff.ts";

export type Command = AsyncCommand<Model, Clinic>;

type Doing = {
  readonly name: string;
  /** Whether there is anything of the kind to do. */
  readonly when?: (model: Model) => boolean;
  readonly run: (clinic: Clinic) => Promise<unknown>;
};

/** After it, everything must hold that does not wait for the workers. */
function command({ name, when = () => true, run }: Doing): Command {
  return {
    check: when,
    run: async (_, clinic) => {
      await run(clinic);
      expect(await judgeBooks(clinic)).toEqual([]);
    },
    toString: () => name,
  };
}

/** At its end the workers have done what there was to do, and everything must hold. */
function turn(doing: Doing): Command {
  return {
    ...command(doing),
    run: async (_, clinic) => {
      await doing.run(clinic);
      await clinic.work();
      expect(await judgeRest(clinic)).toEqual([]);
    },
  };
}

/** The numbers choose among whoever and whatever there is. */
const nat = fc.nat({ max: 11 });

function pick<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % items.length];
}

function aboutVisit(name: string, act: (atHand: staff.AtHand) => Promise<unknown>): fc.Arbitrary<Command> {
  return fc
    .tuple(nat, nat)
    .map(([who, which]) => command({ name: `${name} (${who}, ${which})`, run: (clinic) => withVisit(clinic, { who, which }, act) }));
}

async function withVisit(clinic: Clinic, { who, which }: { who: number; which: number }, act: (atHand: staff.AtHand) => Promise<unknown>) {
  const person = pick(clinic.model.people, who);
  const visit = person && pick(person.visits, which);
  if (person && visit) await act({ clinic, person, visit });
}

function aboutPerson(name: string, act: (atHand: staff.PersonAtHand) => Promise<unknown>): fc.Arbitrary<Command> {
  return nat.map((who) =>
    command({
      name: `${name} (${who})`,
      run: async (clinic) => {
        const person = pick(clinic.model.people, who);
        if (person) await act({ clinic, person });
      },
    }),
  );
}

const anyMove: fc.Arbitrary<staff.Move> = fc.record({
  from: fc.constantFrom("visit", "visit", "today"),
  days: fc.integer({ min: -2, max: 4 }),
  hour: fc.integer({ min: 7, max: 17 }),
  quarter: fc.nat({ max: 3 }),
});
const move = anyMove.chain((to) => aboutVisit(`move ${sayAll(to)}`, (atHand) => staff.moveTo(atHand, to)));
const moveWhileClaimed = fc.tuple(anyMove, nat, nat).map(([to, who, which]) =>
  turn({
    name: `move while claimed ${sayAll(to)} (${who}, ${which})`,
    run: async (clinic) => {
      const next = await clinic.peek();
      if (next !== undefined) await clinic.stepTo(next);
      await clinic.workDuring(() => withVisit(clinic, { who, which }, (atHand) => staff.moveTo(atHand, to)));
    },
  }),
);
const callOff = fc
  .record({ how: fc.constantFrom("cancel", "postpone"), because: fc.constantFrom("patient", "clinic") })
  .chain((off) => aboutVisit(sayAll(off), (atHand) => staff.callOff(atHand, off)));

const [ARRIVED, DOSED, DISCHARGED, NO_SHOW, NOT_DOSED] = [
  { status: "arrived" },
  { status: "dosed" },
  { status: "discharged" },
  { status: "no_show" },
  { status: "not_dosed", reason: "food" },
] as const;
const outcome = fc
  .constantFrom(ARRIVED, DOSED, DISCHARGED, NO_SHOW, NOT_DOSED)
  .chain((each) => aboutVisit(each.status, (atHand) => staff.record(atHand, each)));
const visitDay = fc
  .record({
    who: nat,
    outcomes: fc.constantFrom<readonly Outcome[]>([ARRIVED, DOSED, DISCHARGED], [DOSED], [ARRIVED, NOT_DOSED], [NO_SHOW], []),
    minutes: fc.integer({ min: 5, max: 90 }),
  })
  .map((day) =>
    turn({
      name: `next visit (${day.who}): ${day.outcomes.map(({ status }) => status).join(", ") || "nobody says"}; ${day.minutes} min each`,
      run: async (clinic) => {
        const person = pick(clinic.model.people, day.who);
        if (person) await liveThroughVisit(clinic, person, day);
      },
    }),
  );

const tick = fc.integer({ min: 1, max: 9 }).map((moments) => turn({ name: `tick ${moments}`, run: (clinic) => goOn(clinic, moments) }));
const minutes = fc.integer({ min: 1, max: 50 }).map((each) => turn({ name: `${each} min`, run: (clinic) => skip(clinic, each * MINUTE) }));
const outage = fc
  .integer({ min: 2, max: 40 })
  .map((hours) => turn({ name: `outage ${hours} h`, run: (clinic) => skip(clinic, hours * HOUR) }));

const faults = fc
  .array(fc.constantFrom(...FAULTS), { minLength: 1, maxLength: 5 })
  .map((each) => command({ name: `next calls: ${each.join(", ")}`, run: async (clinic) => clinic.arm(each) }));

type News = { readonly which: number; readonly statuses: readonly string[]; readonly code: string | null };

const news = fc
  .record({
    which: fc.nat({ max: 60 }),
    statuses: fc.array(fc.constantFrom("queued", "sent", "delivered", "undelivered", "failed"), { minLength: 1, maxLength: 4 }),
    code: fc.constantFrom(null, "30003", "30005", "30007", "21610"),
  })
  .map((each) => command({ name: `report ${sayAll(each)}`, run: (clinic) => hearNews(clinic, each) }));

/** A report says what became of a text, as often as it likes; what it says of the number is learnt when it stands. */
async function hearNews({ deps: { db }, model, now, report }: Clinic, { which, statuses, code }: News): Promise<void> {
  const texts = model.calls.filter(({ sid }) => sid !== null);
  const call = pick(texts, which);
  if (!call) return;
  for (const status of statuses) await report(call, status, status === "undelivered" || status === "failed" ? code : null);
  const delivery = await db.selectFrom("deliveries").select("providerState").where("id", "=", call.deliveryId).executeTakeFirstOrThrow();
  const isLost = delivery.providerState === "undelivered" || delivery.providerState === "failed";
  call.lostAt = isLost ? (call.lostAt ?? (await now())) : null;
  if (isLost && code === "21610") model.optedOut.add(call.to);
  if (isLost && code === "30005") markDead(model, call.to);
}

function sayAll(each: object): string {
  return Object.values(each).map(String).join(" ");
}

/** Every kind of command, as often as it is worth. */
export const anyCommand: fc.Arbitrary<Command>[] = [
  tick,
  tick,
  tick,
  tick,
  visitDay,
  visitDay,
  minutes,
  outage,
  fc.constant(
    command({ name: "enqueue Ben, on Ana's phone", when: ({ people }) => people.length === 1, run: (clinic) => enrol(clinic, "ben") }),
  ),
  move,
  move,
  aboutVisit("move back", staff.moveBack),
  moveWhileClaimed,
  callOff,
  callOff,
  outcome,
  outcome,
  aboutPerson("pause or resume", staff.pauseOrResume),
  fc
    .constantFrom("complaint", "deceased")
    .chain((code) => aboutPerson(`hold (${code}) or release`, (one) => staff.holdOrRelease(one, code))),
  fc
    .constantFrom("agrees", "says nothing")
    .chain((consent) => aboutPerson(`new phone, ${consent}`, (one) => staff.changePhone(one, consent))),
  fc.constantFrom("sms", "email").chain((to) => aboutPerson(`agree to ${to} or not`, (one) => staff.agreeOrNot(one, to))),
  aboutPerson("stop", staff.stop),
  faults,
  faults,
  news,
  fc.constant(command({ name: "queues lost", run: async (clinic) => clinic.flushQueues() })),
  fc.constant(command({ name: "sleepers wake", run: (clinic) => clinic.wakeAll() })),
];
