/** What a visitor of the demo has in hand: the clock, the phones and mailboxes, the tour. Made when the weeks that go by themselves are over, or somebody has come. */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import { listConsoleClinics } from "../db/view-console.ts";
import type { CoreDeps } from "../deps.ts";
import { addDays, atTime, DAY, dayOf, HOUR, type Instant, instant, parseLocalDateTime, wallClock } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import { toPublicId } from "../domain/ids.ts";
import { placeLocal, toLocal, type Zone } from "../domain/place-in-time.ts";
import { acknowledgeAlert } from "../producers/acknowledge-alert.ts";
import { moveSession } from "../producers/move-session.ts";
import { type Going, makeDemoClock } from "./demo-clock.ts";
import type { EnterConsole } from "./demo-console.ts";
import { formatMoment } from "./demo-happening.ts";
import type { DemoInbox } from "./demo-inbox.ts";
import type { DemoPerson } from "./demo-people.ts";
import type { GoOn } from "./demo-play.ts";
import type { ReadMail } from "./demo-post.ts";
import type { Scenery } from "./demo-scenes.ts";
import type { SeededSeries } from "./demo-seed.ts";
import { AWAITED, countSent, readTour, TOUR, type TourFacts, type TourStep } from "./demo-tour.ts";

export const WISHES = ["message", "hour", "day", "play", "pause"] as const;
export type Wish = (typeof WISHES)[number];

export type DemoState = {
  readonly clock: { readonly now: string; readonly isMoving: boolean; readonly fault: string | null };
  readonly waiting: { readonly alerts: number; readonly replies: number; readonly tasks: number };
  readonly people: readonly { readonly key: string; readonly name: string; readonly role: string; readonly count: number }[];
  readonly who: { readonly key: string; readonly name: string; readonly writes: boolean };
  readonly texts: readonly { readonly number: number; readonly at: string; readonly isMine: boolean; readonly body: string }[];
  readonly mails: readonly { readonly number: number; readonly at: string; readonly subject: string; readonly isRead: boolean }[];
  readonly tour: {
    readonly done: readonly TourStep[];
    readonly alert: "none" | "open" | "answered";
    /** Pages of the console that the steps speak of. */
    readonly patientPath: string;
    readonly alertPath: string | null;
  };
};

export type DemoHouse = {
  readonly enterConsole: EnterConsole;
  read(who: string | null): Promise<DemoState>;
  /** Returns false when the clock moves already. */
  move(wish: Wish, who: string | null): Promise<boolean>;
  /** Goes on to the message that a step of the tour speaks of; returns why not. */
  seek(step: TourStep): Promise<string | null>;
  /** Does at the clinic what a step asks for; returns why it could not. */
  help(step: TourStep): Promise<string | null>;
  /** Somebody of the play texts the clinic; returns false for whom that is not possible. */
  write(who: string, body: string): Promise<boolean>;
  openMail(number: number): Promise<ReadMail | undefined>;
};

export type HouseParts = {
  readonly clinic: ClinicSettings;
  readonly stored: StoredClinic;
  readonly guest: SeededSeries;
  readonly people: readonly DemoPerson[];
  readonly inbox: DemoInbox;
  readonly goOn: GoOn;
  readonly signal: AbortSignal;
  readonly answer: Scenery["answer"];
  readonly enterConsole: EnterConsole;
};

export const BUSY = "The clock moves already.";
/** No failure: what was sought stands on the phone or in the mailbox. */
export const ALREADY = "It is there already.";
/** The longest that one wish lets go by. */
const AT_MOST = 21 * DAY;
const PLAY_FOR = 70 * DAY;
const PLAY_PACE_MS = 350;
const OPENS_AT = wallClock(8 * 60);
const AFTERNOON = wallClock(14 * 60);
const STAFF = { actor: "staff:newcomer", dryRun: false, ifRevision: null } as const;

export function openHouse(deps: CoreDeps, parts: HouseParts): DemoHouse {
  const { db } = deps;
  const { clinic, stored, guest, people, inbox, signal, answer, enterConsole } = parts;
  const goOn: GoOn = {
    ...parts.goOn,
    onSettled: async (now) => {
      await parts.goOn.onSettled(now);
      inbox.collect(now);
    },
  };
  const clock = makeDemoClock(deps, { goOn, signal });
  const personOf = (key: string | null): DemoPerson => {
    const person = people.find((each) => each.key === key) ?? people[0];
    if (!person) throw new Error("Nobody lives in the demo");
    return person;
  };
  const timeOf = async () => (await readClinicTime(db)).now;
  return {
    enterConsole,
    openMail: inbox.open,
    read: async (who) => {
      const now = await timeOf();
      const { isMoving, fault } = clock.state();
      if (!isMoving) inbox.collect(now);
      const person = personOf(who);
      const [waiting] = await listConsoleClinics(db, [stored.id]);
      const mails = await inbox.mails(person);
      const { alerts = 0, replies = 0, tasks = 0 } = waiting ?? {};
      return {
        clock: { now: formatMoment(clinic.zone, now).replace("  ", " "), isMoving, fault },
        waiting: { alerts, replies, tasks },
        people: people.map((each) => ({ key: each.key, name: each.name, role: each.role, count: inbox.count(each) })),
        who: { key: person.key, name: person.name, writes: answer !== undefined && person.phones.length > 0 && person.role !== "staff" },
        texts: inbox.texts(person).map(({ number, at, isMine, body }) => ({ number, at: shortly(clinic.zone, at), isMine, body })),
        mails: mails.map((each) => ({ ...each, at: shortly(clinic.zone, each.at) })),
        tour: await toTour(parts, await readTour(db, guest.patientId)),
      };
    },
    move: async (wish, who) => {
      if (wish === "pause") {
        clock.stop();
        return true;
      }
      return clock.go(toGoing(wish, { now: await timeOf(), zone: clinic.zone, inbox, person: personOf(who) }));
    },
    seek: async (step) => {
      const stems = AWAITED[step] ?? [];
      const asked = { patientId: guest.patientId, stems };
      const isThere = async () => (await countSent(db, asked)) > 0;
      if (await isThere()) return ALREADY;
      const { isKeptBack } = await readTour(db, guest.patientId);
      if (isKeptBack)
        return "An alert about June is open, and until somebody has closed it she is sent nothing that can wait. Open the alert at the clinic, and close it there.";
      // Whoever is told of a move is told at once.
      const until = instant((await timeOf()) + (step === "move" ? DAY : AT_MOST));
      return clock.go({ until, isThere }) ? null : BUSY;
    },
    help: async (step) => help(deps, { step, facts: await readTour(db, guest.patientId) }),
    write: async (who, body) => {
      const { phones, role } = personOf(who);
      const [phone] = phones;
      if (!answer || phone === undefined || role === "staff") return false;
      inbox.collect(await timeOf());
      inbox.write({ at: await timeOf(), phone, body });
      await answer(phone, body);
      return true;
    },
  };
}

/** `Fri 15 Jan 09:00` */
function shortly(zone: Zone, at: Instant): string {
  return formatMoment(zone, at).replace("  ", " ");
}

type Hand = { readonly now: Instant; readonly zone: Zone; readonly inbox: DemoInbox; readonly person: DemoPerson };

function toGoing(wish: Exclude<Wish, "pause">, { now, zone, inbox, person }: Hand): Going {
  switch (wish) {
    case "message": {
      const before = inbox.count(person);
      return { until: instant(now + AT_MOST), isThere: async () => inbox.count(person) > before };
    }
    case "hour":
      return { until: instant(now + HOUR) };
    case "day":
      return { until: placeLocal(zone, atTime(addDays(dayOf(toLocal(zone, now)), 1), OPENS_AT)) };
    case "play":
      return { until: instant(now + PLAY_FOR), paceMs: PLAY_PACE_MS };
  }
}

async function toTour({ guest, inbox, people }: HouseParts, facts: TourFacts): Promise<DemoState["tour"]> {
  const [first] = people;
  const hasRead = first ? (await inbox.mails(first)).some(({ isRead }) => isRead) : false;
  const isDone: { readonly [Step in TourStep]: boolean } = {
    welcome: hasRead,
    confirm: facts.confirmed,
    driver: facts.driver,
    move: facts.moved,
    "next-day": facts.nextDay,
    safety: facts.hadAlert && facts.openAlert === null,
  };
  return {
    done: TOUR.filter((step) => isDone[step]),
    alert: facts.openAlert !== null ? "open" : facts.hadAlert ? "answered" : "none",
    patientPath: `/console/patients/${toPublicId("patient", guest.patientId)}`,
    alertPath: facts.openAlert === null ? null : `/console/alerts/${toPublicId("alert", facts.openAlert)}`,
  };
}

async function help(deps: CoreDeps, { step, facts }: { step: TourStep; facts: TourFacts }): Promise<string | null> {
  if (step === "safety" && facts.openAlert !== null) {
    await acknowledgeAlert(deps, facts.openAlert, { actor: STAFF.actor, wish: "over" });
    return null;
  }
  const start = parseLocalDateTime(facts.nextStart ?? "");
  if (step !== "move" || facts.nextSession === null || start === undefined) return "There is nothing to do for this step now.";
  const to = atTime(dayOf(start), AFTERNOON);
  const moved = await moveSession(deps, facts.nextSession, { ...STAFF, move: { to, because: "clinic" } });
  if (moved.kind === "refused")
    return "faults" in moved ? `It could not be moved: expected ${moved.faults[0]?.expected ?? "another time"}.` : "It has just changed.";
  return null;
}
