/**
 * What happens in the demo beside the visits: times that change, a snowy morning, a number that wants no more texts. Each scene is entered by the same producer
 * as staff use, at its moment on the clinic's wall. Whom the examples do not know (a folder of one's own, say) has no scene.
 */
import { sql } from "kysely";
import { findClinic } from "../db/clinics.ts";
import type { CoreDeps } from "../deps.ts";
import { type Instant, type LocalDateTime, parseLocalDateTime } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { SessionId } from "../domain/ids.ts";
import { placeLocal, type Zone } from "../domain/place-in-time.ts";
import { addSession } from "../producers/add-session.ts";
import { cancelSession } from "../producers/cancel-session.ts";
import type { Refused } from "../producers/change-facts.ts";
import { closeClinic } from "../producers/close-clinic.ts";
import { moveSession } from "../producers/move-session.ts";
import type { ScriptedFact } from "../producers/step-through.ts";
import { watchPatient } from "../producers/watch-patient.ts";
import { firstNameOf } from "./demo-happening.ts";
import type { Tell } from "./demo-phrases.ts";
import type { SeededSeries } from "./demo-seed.ts";

const STAFF = { actor: "staff:demo", dryRun: false, ifRevision: null } as const;

export type Scenery = {
  readonly clinic: ClinicSettings;
  readonly series: readonly SeededSeries[];
  /** Has the carrier refuse every text to this number from now on; undefined where a real one stands in its place. */
  readonly silence: ((number: string) => void) | undefined;
  /** Has somebody text the clinic; undefined where a real carrier stands in its place. */
  readonly answer: ((from: string, body: string) => Promise<void>) | undefined;
  readonly tell: Tell;
};

type Stage = { readonly deps: CoreDeps; readonly set: Scenery; readonly series: SeededSeries };

type Scene = {
  /** On the clinic's wall. */
  readonly at: string;
  /** External id of the series. */
  readonly of: string;
  readonly play: (stage: Stage) => Promise<unknown>;
};

/** In order of time. Sessions are named by their start, which a viewer finds in the examples. Chen's of the snowy day stays without a date: his weeks are full. */
const SCENES: readonly Scene[] = [
  { at: "2027-01-04T18:10", of: "demo-finn", play: optOut },
  { at: "2027-01-10T19:05", of: "demo-ana", play: text("1") },
  { at: "2027-01-13T10:05", of: "demo-gia", play: move("2027-01-14T11:00", { to: "2027-01-15T14:00", because: "patient" }) },
  { at: "2027-01-15T09:10", of: "demo-hugo", play: watch },
  { at: "2027-01-18T18:50", of: "demo-gia", play: text("2") },
  { at: "2027-01-20T11:30", of: "demo-gia", play: addAssessment("2027-01-26T09:30") },
  { at: "2027-01-22T08:00", of: "demo-ana", play: cancel("2027-01-22T09:00") },
  { at: "2027-01-26T05:40", of: "demo-gia", play: closeFor("snow", { from: "2027-01-26T06:00", to: "2027-01-26T16:00" }) },
  { at: "2027-01-26T10:05", of: "demo-ben", play: move("2027-01-26T10:30", { to: "2027-01-27T10:30", because: "clinic" }) },
  { at: "2027-01-26T10:15", of: "demo-dee", play: move("2027-01-26T13:00", { to: "2027-01-27T13:00", because: "clinic" }) },
  { at: "2027-01-26T10:25", of: "demo-gia", play: move("2027-01-26T11:00", { to: "2027-02-01T11:00", because: "clinic" }) },
  { at: "2027-01-26T11:40", of: "demo-gia", play: move("2027-01-26T09:30", { to: "2027-01-29T09:30", because: "clinic" }) },
  { at: "2027-01-29T10:20", of: "demo-hugo", play: text("no más mensajes por favor") },
];

/** The scenes as facts of the stepped clock. */
export function setScenes(deps: CoreDeps, set: Scenery): ScriptedFact[] {
  return SCENES.flatMap(({ at, of, play }) => {
    const series = set.series.find(({ request }) => request.externalId === of);
    return series ? [{ at: momentOf(set.clinic.zone, at), happen: () => play({ deps, set, series }) }] : [];
  });
}

async function optOut({ set, series }: Stage): Promise<void> {
  const { name, phone } = series.request.patient;
  if (!set.silence || !phone) return;
  set.silence(phone);
  set.tell({ label: "patient", who: firstNameOf(name), says: "answers STOP to the carrier" });
}

/** Patients answer the last text they got. */
function text(body: string) {
  return async ({ set, series }: Stage) => {
    const { name, phone } = series.request.patient;
    if (!set.answer || !phone) return;
    set.tell({ label: "patient", who: firstNameOf(name), says: `answers "${body}"` });
    await set.answer(phone, body);
  };
}

async function watch({ deps, series }: Stage): Promise<void> {
  accept(await watchPatient(deps, series.patientId, { ...STAFF, watch: "watched" }));
}

function move(startsAt: string, { to, because }: { to: string; because: "patient" | "clinic" }) {
  return async ({ deps, series }: Stage) =>
    accept(await moveSession(deps, await findSession(deps, { series, startsAt }), { ...STAFF, move: { to: wallOf(to), because } }));
}

function cancel(startsAt: string) {
  return async ({ deps, series }: Stage) =>
    accept(await cancelSession(deps, await findSession(deps, { series, startsAt }), { ...STAFF, because: "clinic" }));
}

function addAssessment(startsAt: string) {
  return async ({ deps, series }: Stage) =>
    accept(await addSession(deps, series.seriesId, { ...STAFF, session: { kind: "assessment", startsAt, minutes: 45 } }));
}

function closeFor(reason: string, { from, to }: { from: string; to: string }) {
  return async ({ deps, set: { clinic } }: Stage) => {
    const stored = await findClinic(deps.db, clinic.slug);
    if (!stored) throw new Error("The demo's clinic is not stored");
    const span = { from: momentOf(clinic.zone, from), to: momentOf(clinic.zone, to) };
    accept(await closeClinic(deps, { clinicId: stored.id, ...span, wholeDay: null, reason }, STAFF));
  };
}

async function findSession({ db }: CoreDeps, { series, startsAt }: { series: SeededSeries; startsAt: string }): Promise<SessionId> {
  const { rows } = await sql<{ id: SessionId }>`
    select id from sessions where series_id = ${series.seriesId} and local_start = ${startsAt} order by number limit 1`.execute(db);
  const [session] = rows;
  if (!session) throw new Error(`${series.request.externalId} has no session at ${startsAt}`);
  return session.id;
}

/** A scene that is refused would leave the demo telling something else than it shows. */
function accept(result: { readonly kind: string } | Refused): void {
  if (result.kind === "refused" && "faults" in result)
    throw new Error(
      `A scene of the demo was refused: ${result.faults.map(({ path, expected }) => `${path}: expected ${expected}`).join("; ")}`,
    );
}

function momentOf(zone: Zone, text: string): Instant {
  return placeLocal(zone, wallOf(text));
}

function wallOf(text: string): LocalDateTime {
  const local = parseLocalDateTime(text);
  if (local === undefined) throw new Error(`${text} is no time on a wall`);
  return local;
}
