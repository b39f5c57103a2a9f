/**
 * Adds a session to a series, such as a booster that patient and clinician ask for.
 *
 * Trigger: staff (`session add`). Re-checks: the series is under way, or has run its course and its protocol has such sessions on request; the time exists, is to
 * come and free, the external id is new, under the patient's lock. Effect: the session and a plan that includes it, of a series that goes on again; a spacing that
 * it breaks is shown with a proposal. A repeat (the same kind at the same moment) changes nothing.
 */
import { setReopened } from "../db/completed-series.ts";
import type { AuditEvent } from "../db/events.ts";
import { findSeriesPlace, type SeriesPlace } from "../db/session-places.ts";
import type { Tx } from "../db/database.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SessionRequest } from "../domain/enqueue-request.ts";
import type { Parsed } from "../domain/fault.ts";
import { faultList } from "../domain/fault-list.ts";
import { type SeriesId, toPublicId } from "../domain/ids.ts";
import { type JudgedTime, judgeTime } from "../domain/judge-time.ts";
import { parseSession } from "../domain/parse-session.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Protocol, SessionKind, Setting } from "../domain/protocol.ts";
import { endOf } from "../domain/resolve-sessions.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse, type Refused, type Written } from "./change-facts.ts";
import { UNDER_WAY } from "./change-series.ts";
import { insertSession, type Inserting } from "./insert-session.ts";
import { judgeSpacing, type ProposedChange } from "./judge-spacing.ts";
import { findTaken, loadPatientSessions } from "./patient-sessions.ts";

/** As in a file of series, and read by the same rules. */
export type NewSession = {
  readonly kind?: SessionKind;
  readonly startsAt: string;
  readonly minutes?: number;
  readonly setting?: Setting;
  readonly place?: string;
  readonly with?: string;
  readonly joinUrl?: string;
  readonly externalId?: string;
  readonly occurrence?: "first" | "second";
};

export type AddedSession = {
  readonly session: string;
  readonly number: number;
  readonly kind: SessionKind;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly proposal: readonly ProposedChange[];
};

export async function addSession(
  deps: ChangeDeps,
  seriesId: SeriesId,
  { session, ...options }: ChangeOptions & { session: NewSession },
): Promise<Changed<AddedSession>> {
  const found = await findSeriesPlace(deps.db, seriesId);
  if (!found) return refuse("series", seriesId, "the id of a series that is stored");
  return changeFacts(
    deps,
    {
      patientIds: [found.patientId],
      write: async (tx, { now }) => {
        const place = await findSeriesPlace(tx, seriesId);
        if (!place) return refuse("series", seriesId, "the id of a series that is stored");
        return write(tx, session, { place, now, actor: options.actor, vault: deps.vault });
      },
    },
    options,
  );
}

type Adding = { readonly place: SeriesPlace; readonly now: Instant; readonly actor: string; readonly vault: Vault };

async function write(tx: Tx, input: NewSession, { place, now, actor, vault }: Adding): Promise<Written<AddedSession>> {
  const parsed = parseNew(input, { place, now });
  if (!parsed.ok) return { kind: "refused", faults: parsed.faults };
  const request = parsed.value;
  const patient = await loadPatientSessions(tx, place.patientId);
  const twin = patient.sessions.find(
    ({ seriesId, kind, startsAt, status }) =>
      seriesId === place.id && kind === request.kind && startsAt === request.startsAt && status === "scheduled",
  );
  if (twin) return { kind: "same" };
  const protocol = patient.protocolOf(place);
  const refused = refuseOver(place, request.kind, protocol);
  if (refused) return refused;
  const judged = judgeTime(
    { local: request.local, zone: request.zone, occurrence: input.occurrence ?? null },
    {
      path: "startsAt",
      now,
      taken: findTaken(patient, { besides: new Set(), seriesId: place.id }),
      endOf: (startsAt) => endOf({ ...request, startsAt }, protocol),
    },
  );
  if (!judged.ok) return { kind: "refused", faults: judged.faults };
  const inserted = await insertSession(tx, { request, time: judged.value }, { place, patient, now, actor, vault });
  if (inserted.kind === "refused") return inserted;
  const reopened = place.status === "completed" ? await reopen(tx, place, { patient, actor }) : NOTHING_REOPENED;
  const after = await loadPatientSessions(tx, place.patientId);
  const { warnings, proposal } = judgeSpacing(patient, { after: after.sessions, changed: new Set([inserted.id]), now });
  const number = after.sessions.find(({ id }) => id === inserted.id)?.number ?? 0;
  return {
    kind: "written",
    value: { ...describe(request, judged.value), session: toPublicId("session", inserted.id), number, proposal },
    events: [...reopened.events, inserted.event],
    warnings: [...judged.warnings, ...reopened.warnings, ...warnings],
  };
}

/** A course that has run may be followed by what its protocol has on request, such as a booster; what was stopped or undone stays so. */
function refuseOver({ status }: SeriesPlace, kind: SessionKind, { phases }: Protocol): Refused | undefined {
  if (UNDER_WAY.includes(status)) return undefined;
  const onRequest = phases.filter((phase) => phase.onRequest).map((phase) => phase.kind);
  if (status === "completed" && onRequest.includes(kind)) return undefined;
  const besides =
    status === "completed" && onRequest.length > 0 ? ` or, of one that is completed, a session of kind ${onRequest.join(" or ")}` : "";
  return refuse(
    "series.status",
    status,
    `a series that goes on${besides}; enqueue a new series for this session (afterglow series enqueue)`,
  );
}

type Reopened = { readonly events: readonly AuditEvent[]; readonly warnings: readonly string[] };
const NOTHING_REOPENED: Reopened = { events: [], warnings: [] };

async function reopen(tx: Tx, { id, clinicId }: SeriesPlace, { patient, actor }: Pick<Inserting, "patient" | "actor">): Promise<Reopened> {
  await setReopened(tx, id);
  const isBesides = patient.sessions.some(({ seriesId, seriesStatus }) => seriesId !== id && UNDER_WAY.includes(seriesStatus));
  return {
    events: [{ kind: "series.reopened", clinicId, subjectId: id, actor, data: {} }],
    warnings: ["the series was completed and goes on again", ...(isBesides ? ["the patient has another series under way"] : [])],
  };
}

function describe({ kind, zone }: SessionRequest, { startsAt, endsAt }: JudgedTime) {
  return { kind, zone, startsAt, endsAt };
}

function parseNew(
  input: NewSession,
  { place: { slug, clinicZone: zone, country, locale, patientZone }, now }: Pick<Adding, "place" | "now">,
): Parsed<SessionRequest> {
  const list = faultList();
  const { session } = parseSession({ clinic: { slug, zone, country, locale }, now, list }, input, { path: "", homeZone: patientZone });
  const parsed = list.conclude(session);
  if (parsed.ok) return parsed;
  return { ok: false, faults: parsed.faults.map((fault) => ({ ...fault, path: fault.path.replace(/^\./, "") })) };
}
