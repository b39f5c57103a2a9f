/** `series show`. */
import {
  findSeriesView,
  listSessions,
  listTouchpoints,
  type SeriesView,
  type SessionView,
  type TouchpointView,
} from "../db/view-series.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { countByState, countStates } from "./count-states.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { showTouchpoints } from "./show-touchpoints.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { toTouchpointFields, toWall } from "../domain/touchpoint-fields.ts";
import { withStore } from "./with-store.ts";

export async function showSeries(text: string, { json }: { json?: true }): Promise<ExitCode> {
  const id = parsePublicId("series", text);
  if (!id) throw new UsageError(`${text}: expected the id of a series, such as ser_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  const found = await withStore(async ({ db }) => ({
    series: await findSeriesView(db, id),
    sessions: await listSessions(db, id),
    touchpoints: await listTouchpoints(db, id),
  }));
  const { series, ...rest } = found;
  if (!series) throw new Refusal([{ path: "series", value: text, expected: "the id of a series that is stored" }], "nothing to show");
  if (json) printJson(toJson(series, rest));
  else showAsText(series, rest);
  return EXIT.done;
}

type Rest = { readonly sessions: readonly SessionView[]; readonly touchpoints: readonly TouchpointView[] };

function toJson({ id, patientId, clinic, protocol, version, condition, status, ...series }: SeriesView, { sessions, touchpoints }: Rest) {
  return {
    series: toPublicId("series", id),
    clinic,
    patient: toPublicId("patient", patientId),
    protocol: `${protocol}@${version}`,
    condition,
    status,
    enqueuedAt: formatInstant(series.enqueuedAt),
    quietUntil: formatInstant(series.quietUntil),
    pausedAt: series.pausedAt && formatInstant(series.pausedAt),
    endedAt: series.endedAt && formatInstant(series.endedAt),
    replacedBy: series.replacedBy && toPublicId("series", series.replacedBy),
    revision: series.revision,
    planIsFresh: series.planIsFresh,
    counts: countByState(touchpoints),
    sessions: sessions.map(toSession),
    touchpoints: touchpoints.map(({ id, awaits, ...touchpoint }) => ({
      id: toPublicId("touchpoint", id),
      ...toTouchpointFields(touchpoint),
      awaits,
    })),
  };
}

/** `paused since Mon 2027-01-11 09:00`, on the clinic's wall. */
function sayStatus({ status, pausedAt, endedAt, replacedBy, clinicZone }: SeriesView): string {
  const since = status === "paused" ? pausedAt : endedAt;
  const by = replacedBy === null ? "" : `, replaced by ${toPublicId("series", replacedBy)}`;
  return since === null ? status : `${status} since ${sayWhen(clinicZone, since)}${by}`;
}

function toSession({ id, number, kind, setting, owner, status, zone, startsAt, endsAt, outcomeReason }: SessionView) {
  const times = { startsAt: formatInstant(startsAt), endsAt: formatInstant(endsAt), local: toWall(zone, startsAt), zone };
  return { id: toPublicId("session", id), number, kind, setting, owner, status, ...times, reason: outcomeReason };
}

function showAsText(series: SeriesView, { sessions, touchpoints }: Rest): void {
  print(`${paint.bold(toPublicId("series", series.id))}  ${series.protocol}@${series.version} at ${series.clinic}, ${sayStatus(series)}`);
  print(`patient ${toPublicId("patient", series.patientId)}, plan at revision ${series.revision}`);
  print();
  const rows = sessions.map(({ id, number, kind, setting, status, outcomeReason, zone, startsAt }) => [
    String(number),
    sayWhen(zone, startsAt),
    kind,
    setting,
    outcomeReason ? `${status} (${outcomeReason})` : status,
    toPublicId("session", id),
  ]);
  for (const line of toTable(rows)) print(line);
  print();
  showTouchpoints(touchpoints);
  print(countStates(touchpoints));
  if (!series.planIsFresh) say("warning: a change waits to be planned; a worker does that within seconds");
}
