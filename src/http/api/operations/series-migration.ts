/** Series that go on with another approved version of their protocol: one, or all of a clinic. */
import { z } from "zod";
import { listSeriesOn } from "../../../db/series-changes.ts";
import { type PatientId, type SeriesId, toPublicId } from "../../../domain/ids.ts";
import { parseProtocolName } from "../../../domain/protocol.ts";
import type { Changed } from "../../../producers/change-facts.ts";
import { type MigratedSeries, migrateSeries, type ProtocolVersion } from "../../../producers/migrate-series.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toProblem, withoutCommands } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pagedBy, pageOf, toPage } from "../cursor.ts";
import { clinicParam, idText, seriesParam } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const migrated = z.strictObject({
  series: idText,
  patient: idText,
  kind: z.enum(["changed", "same", "refused"]),
  differences: z.int().meta({ description: "Messages that are new, change, or are not sent any more." }),
  warnings: z.array(z.string()),
  faults: z.array(z.strictObject({ path: z.string(), expected: z.string() })),
});

function toMigrated({ id, patientId }: { id: SeriesId; patientId: PatientId }, result: Changed<MigratedSeries>): z.output<typeof migrated> {
  const isChanged = result.kind === "changed";
  return {
    series: toPublicId("series", id),
    patient: toPublicId("patient", patientId),
    kind: result.kind,
    differences: isChanged ? result.touchpoints.length : 0,
    warnings: isChanged ? [...result.warnings] : [],
    faults: result.kind === "refused" ? result.faults.map(({ path, expected }) => ({ path, expected: withoutCommands(expected) })) : [],
  };
}

function readVersion(path: string, text: string): ProtocolVersion {
  const version = parseProtocolName(text);
  if (!version) throw toProblem([{ path, expected: "a protocol and its version, such as iv-ketamine@2" }]);
  return version;
}

export const seriesMigration: readonly Operation[] = [
  operation({
    ...bare,
    id: "series.migrate",
    method: "POST",
    path: "/series/{series}/migrate",
    summary: "Go on with another approved version of the protocol",
    command: "series migrate",
    access: requirePermission("series.change", { of: "series" }).access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    body: z.strictObject({ to: z.string().max(100).meta({ example: "iv-ketamine@2" }) }),
    answer: changed(z.strictObject({ from: z.string(), to: z.string() })),
  })(async (deps, { params, body, options }) => {
    const to = readVersion("to", body.to);
    return replyChanged(await migrateSeries(deps, params.series, { ...options, to }), (value) => ({ ...value }));
  }),
  operation({
    ...bare,
    id: "series.migrate-all",
    method: "POST",
    path: "/clinics/{clinic}/series/migrate",
    summary: "Go on with another approved version, for all series of a clinic that are on one; a page at a time",
    detail:
      "One patient a transaction: what is refused for one never keeps the others from it. Ask again with `after` until `next` is null; show it first with `dryRun`.",
    command: "series migrate",
    access: requirePermission("series.change", { of: "clinic" }).access,
    dryRun: true,
    params: clinicParam,
    query: z.strictObject({ ...pagedBy("id"), limit: z.coerce.number("a whole number from 1 to 50").int().min(1).max(50).default(20) }),
    body: z.strictObject({ from: z.string().max(100), to: z.string().max(100).meta({ example: "iv-ketamine@2" }) }),
    answer: pageOf(migrated).extend({ dryRun: z.boolean() }),
  })(async (deps, { body, query: { limit, after }, options, request }) => {
    const [from, to] = [readVersion("from", body.from), readVersion("to", body.to)];
    const all = (await listSeriesOn(deps.db, clinicOf(request), from)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const rows = all.filter(({ id }) => after === undefined || id > after[1]).slice(0, limit + 1);
    const { entries, next } = toPage(rows, { limit, keyOf: ({ id }) => ["", id], toEntry: (row) => row });
    const done: z.output<typeof migrated>[] = [];
    for (const row of entries) done.push(toMigrated(row, await migrateSeries(deps, row.id, { ...options, to })));
    return { body: { entries: done, next, dryRun: options.dryRun } };
  }),
];
