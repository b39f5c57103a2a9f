/** The play itself: the series of the examples are enqueued, their weeks go by, and what happens is shown and written down. */
import { monotonicMs } from "../clock.ts";
import type { CoreDeps } from "../deps.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import type { Span } from "../domain/touchpoint.ts";
import type { ScriptedFact } from "../producers/step-through.ts";
import { staffDesk } from "./demo-desk.ts";
import type { DemoFolder } from "./demo-folder.ts";
import { formatMoment, type Happening, type Person } from "./demo-happening.ts";
import { observe } from "./demo-observer.ts";
import { describeAside, type Phrase, type Tell } from "./demo-phrases.ts";
import type { Post } from "./demo-post.ts";
import { type Scenery, setScenes } from "./demo-scenes.ts";
import type { Screen } from "./demo-screen.ts";
import { writeScript } from "./demo-script.ts";
import { type SeededSeries, seedSeries } from "./demo-seed.ts";
import { type Lived, liveThroughWeeks } from "./demo-weeks.ts";
import { count } from "./show-faults.ts";

export type Stage = {
  readonly clinic: ClinicSettings;
  readonly begin: Instant;
  readonly folder: DemoFolder;
  readonly screen: Screen;
  readonly post: Post;
  readonly signal: AbortSignal;
  /** See demo-scenes.ts. */
  readonly silence: Scenery["silence"];
  readonly answer: Scenery["answer"];
  /** Told at each moment once everything it asked for has happened. */
  readonly onSettled: (now: Instant) => void;
  /** See demo-weeks.ts. */
  readonly isTaken: (now: Instant) => boolean;
  /** What stands at the foot of the screen behind the counts. */
  readonly foot: string;
};

/** How the play goes on after the weeks that went by themselves. */
export type GoOn = {
  /** What was still to happen, from this moment on. */
  readonly rest: Lived["rest"];
  /** What else happens within a span; of visits only what was not handed out yet. */
  readonly visitsBefore: (until: Instant) => Promise<readonly ScriptedFact[]>;
  readonly deskWithin: (span: Span) => readonly ScriptedFact[];
  /** Shows and writes down what has happened; call it while the clock stands. */
  readonly onSettled: (now: Instant) => Promise<void>;
};

export type Played = {
  readonly series: readonly SeededSeries[];
  readonly goOn: GoOn;
  /** Somebody comes who was not there from the beginning. */
  readonly meet: (series: SeededSeries) => void;
  readonly cast: ReadonlyMap<PatientId, Person>;
  readonly patients: ReadonlyMap<SeriesId, PatientId>;
  readonly weeks: number;
  readonly steps: number;
  /** Seconds from the start of the process to the first message; null when none was sent. */
  readonly firstMessageSeconds: number | null;
};

/** Workers must run already. Throws when the signal aborts it. */
export async function playDemo(deps: CoreDeps, stage: Stage): Promise<Played> {
  const { clinic, begin, screen, folder, post, signal, silence, answer, isTaken } = stage;
  const series = await seedSeries(deps, { clinic, now: begin });
  const cast = new Map(series.map(({ patientId, request }): [PatientId, Person] => [patientId, toPerson(request)]));
  const observer = observe(deps.db, { cast, post, clinic });
  const tally = makeTally(screen, clinic, stage.foot);
  const script = writeScript(deps, { externalIds: new Map(series.map(({ seriesId, request }) => [seriesId, request.externalId])) });
  const asides: Phrase[] = [];
  const tell: Tell = (aside) => asides.push(describeAside(aside));
  const deskWithin = (span: Span) => staffDesk(deps, { clinic, tell }, span);
  const onSettled = async (now: Instant) => {
    const told = asides.splice(0).map((aside): Happening => ({ at: now, zone: clinic.zone, ...aside }));
    const happenings = [...told, ...(await observer.look(now))];
    for (const each of happenings) screen.show(each);
    tally.add(now, happenings);
    await folder.save(happenings);
    stage.onSettled(now);
  };
  const { weeks, steps, rest } = await liveThroughWeeks(deps.db, {
    begin,
    factsWithin: async (span) => [...(await script.factsBefore(span.to)), ...deskWithin(span)],
    scenes: setScenes(deps, { clinic, series, silence, answer, tell }),
    signal,
    onWeek: (week, begins) => screen.tell(screen.paint.bold(`Week ${week}, from ${formatMoment(clinic.zone, begins)}`)),
    onSettled,
    isTaken,
  });
  return {
    series,
    meet: ({ patientId, request }) => void cast.set(patientId, toPerson(request)),
    goOn: { rest, visitsBefore: script.factsBefore, deskWithin, onSettled },
    cast,
    patients: new Map(series.map(({ seriesId, patientId }) => [seriesId, patientId])),
    weeks,
    steps,
    firstMessageSeconds: tally.firstMessageSeconds(),
  };
}

function toPerson({ patient }: SeededSeries["request"]): Person {
  return { patient: patient.name, escort: patient.escort?.name ?? null };
}

type Tally = { add(now: Instant, happenings: readonly Happening[]): void; firstMessageSeconds(): number | null };

/** Counts what went out, for the foot of the screen. */
function makeTally(screen: Screen, { zone }: ClinicSettings, foot: string): Tally {
  const counts = { email: 0, sms: 0, task: 0, session: 0, series: 0, patient: 0, clinic: 0 };
  let first: number | null = null;
  return {
    add: (now, happenings) => {
      for (const { label, tone } of happenings) if (tone === "said" || tone === "work") counts[label]++;
      if (counts.email + counts.sms > 0) first ??= monotonicMs() / 1_000;
      const { email, sms, task } = counts;
      screen.status([formatMoment(zone, now), count(email, "email"), count(sms, "text"), count(task, "task"), foot].join("  "));
    },
    firstMessageSeconds: () => first,
  };
}
