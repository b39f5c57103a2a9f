/**
 * Adds a session to a series, such as a booster that patient and clinician ask for.
 *
 * Trigger: staff (`session add`). Re-checks: the series is under way, or has run its course and its protocol has such sessions on request; the time exists, is to
 * come and free, the external id is new, under the patient's lock. Effect: the session and a plan that includes it, of a series that goes on again; a spacing that
 * it breaks is shown with a proposal. A repeat (the same kind at the same moment) changes nothing.
 */
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
import type { SessionKind, Setting } from "../domain/protocol.ts";
import { endOf } from "../domain/resolve-sessions.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { insertSession } from "./insert-session.ts";
import { judgeSpacing, type ProposedChange } from "./judge-spacing.ts";
import { findTaken, loadPatientSessions } from "./patient-sessions.ts";
import { expectGoingOn, reopenSeries } from "./reopen-series.ts";

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
  const expected = expectGoingOn(place, request.kind, protocol);
  if (expected !== undefined) return refuse("series.status", place.status, expected);
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
  const reopened = await reopenSeries(tx, place, { patient, actor });
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
