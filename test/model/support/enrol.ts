/** Enqueues Ana, with an escort, texts and mail; or Ben, who has no mail and shares her phone. Three visits each: two close together, and one apart. */
import { DateTime } from "luxon";
import { expect } from "vitest";
import { instant, parseLocalDateTime } from "../../../src/domain/calendar.ts";
import type { EnqueueRequest, SessionRequest } from "../../../src/domain/enqueue-request.ts";
import { parseZone } from "../../../src/domain/place-in-time.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { readSeriesExample } from "../../support/world.ts";
import type { Clinic } from "./clinic.ts";
import { ZONE } from "./judge-call.ts";
import type { Person, Visit } from "./model.ts";

const PHONE = "+13035550111";
/** Days after the clinic opens its doors in a run, and the hour; the mark is the minute. */
const VISITS = {
  ana: [
    [7, 10],
    [9, 9],
    [17, 14],
  ],
  ben: [
    [8, 11],
    [10, 13],
    [19, 8],
  ],
} as const;

export async function enrol(clinic: Clinic, who: "ana" | "ben"): Promise<void> {
  const { deps, model, now, world } = clinic;
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const at = await now();
  const begin = DateTime.fromMillis(at, { zone: ZONE }).startOf("day");
  const starts = VISITS[who].map(([days, hour], index) => begin.plus({ days }).set({ hour, minute: index + 1 }));
  const request: EnqueueRequest = {
    ...ana,
    externalId: who,
    cadence: null,
    sessions: starts.map(toSession),
    patient: toPatient(ana.patient, who),
  };
  const [result] = await enqueueSeries(deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  const { patientId, seriesId } = result;
  const sessions = await deps.db
    .selectFrom("sessions")
    .select(["id", "startsAt"])
    .where("seriesId", "=", seriesId)
    .orderBy("startsAt")
    .execute();
  const visits = sessions.map(
    ({ id, startsAt }): Visit => ({ id, status: "scheduled", startsAt, since: at, starts: [startsAt], tellings: [] }),
  );
  const person: Person = {
    patientId,
    seriesId,
    visits,
    reach: toReach(request),
    marks: new Map(visits.map((visit, index) => [index + 1, { visit, startsAt: visit.startsAt }])),
    hasHeard: false,
    isHeld: false,
    isPaused: false,
    isOver: false,
    freeSince: null,
    judged: new Set(),
  };
  model.people.push(person);
}

function toPatient(ana: EnqueueRequest["patient"], who: "ana" | "ben"): EnqueueRequest["patient"] {
  if (who === "ana") return { ...ana, phone: PHONE };
  const consents = ana.consents.filter(({ to }) => to === "sms");
  return { ...ana, ref: "20482", name: "Ben Ortiz", phone: PHONE, email: null, escort: null, consents };
}

function toReach({ patient }: EnqueueRequest): Person["reach"] {
  const reachOf = (person: EnqueueRequest["patient"]["escort"]) => {
    const agreesTo = (channel: "sms" | "email") => person?.consents.some(({ to }) => to === channel) ?? false;
    return {
      sms: { address: person?.phone ?? null, agreed: agreesTo("sms"), isDead: false },
      email: { address: person?.email ?? null, agreed: agreesTo("email"), isDead: false },
    };
  };
  return { patient: reachOf(patient), escort: reachOf(patient.escort) };
}

function toSession(wall: DateTime): SessionRequest {
  const local = parseLocalDateTime(wall.toFormat("yyyy-MM-dd'T'HH:mm"));
  const zone = parseZone(ZONE);
  if (local === undefined || zone === undefined) expect.unreachable();
  return {
    kind: "dosing",
    setting: "clinic",
    owner: "ours",
    local,
    zone,
    startsAt: instant(wall.toMillis()),
    resolution: "exact",
    minutes: null,
    place: null,
    with: null,
    joinUrl: null,
    externalId: null,
    status: null,
  };
}
