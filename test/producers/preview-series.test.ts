import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { addDays } from "../../src/domain/calendar.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { loadPreviewBasis, previewSeries } from "../../src/producers/preview-series.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { byText } from "../support/by-text.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens } = world.deps;

beforeEach(() => setSteppedClock(db, EXAMPLES_BEGIN));

async function preview(request: EnqueueRequest) {
  const basis = await loadPreviewBasis(world.deps, request);
  if ("faults" in basis) throw new Error(JSON.stringify(basis.faults));
  const shown = previewSeries(request, basis);
  if (!shown.ok) throw new Error(JSON.stringify(shown.faults));
  return shown;
}

async function enqueue(request: EnqueueRequest): Promise<PatientId> {
  const [result] = await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "also" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  const { patientId } = result;
  await transact(db, (tx) => planPatient(tx, patientId, tokens));
  return patientId;
}

type Columns = readonly (string | number | null)[];

/** What both tell of a touchpoint, in one order. */
function toComparable(row: Readonly<Record<string, unknown>>): Columns {
  const columns = [
    "rule",
    "session",
    "occurrence",
    "recipient",
    "purpose",
    "channel",
    "template",
    "locale",
    "zone",
    "state",
    "reason",
    "awaits",
    "dueAt",
    "sendBy",
    "expiresAt",
    "taskKind",
    "taskDueBy",
    "importance",
    "onUnknown",
  ];
  const told = columns.map((name) => (typeof row[name] === "string" || typeof row[name] === "number" ? row[name] : null));
  return [...told, JSON.stringify(row["legal"] ?? row["legalAt"])];
}

const inOrder = (rows: readonly Columns[]) => rows.map((row) => row.join(" | ")).toSorted(byText);

async function readStored(patientId: PatientId, seriesId?: string) {
  const rows = await db
    .selectFrom("touchpoints")
    .leftJoin("sessions", "sessions.id", "touchpoints.sessionId")
    .selectAll("touchpoints")
    .select("sessions.number as session")
    .where("touchpoints.patientId", "=", patientId)
    .execute();
  return rows.filter((row) => seriesId === undefined || row.seriesId === seriesId);
}

describe("a preview", () => {
  test.each(["ana-iv", "ben-im", "chen-esketamine", "dee-kap", "eva-home", "mid-course"])(
    "shows the rows that enqueueing %s stores, and stores none itself",
    async (name) => {
      const [request] = await readSeriesExample(name);
      if (!request) expect.unreachable();
      const shown = await preview(request);
      expect(
        await db
          .selectFrom("patients")
          .select("id")
          .where("refIndex", "=", world.deps.vault.blindIndex("ref", request.patient.ref))
          .execute(),
      ).toEqual([]);
      const stored = await readStored(await enqueue(request));
      expect(shown.rows.length).toBeGreaterThan(10);
      expect(inOrder(stored.map(toComparable))).toEqual(inOrder(shown.rows.map(toComparable)));
    },
  );

  test("comes in order of time and says on what it stands", async () => {
    const [request] = await readSeriesExample("ana-iv");
    if (!request) expect.unreachable();
    const { rows, basis } = await preview({ ...request, externalId: "other", patient: { ...request.patient, ref: "unknown" } });
    expect(rows.map(({ dueAt }) => dueAt)).toEqual(rows.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b));
    expect(basis).toEqual(["approval in force of iv-ketamine@1 at aspen-ridge", "nothing stored of the patient yet"]);
  });

  test("of a second series shows what is stored of the patient, with what the request adds: an escort, a consent", async () => {
    const [request] = await readSeriesExample("ana-iv");
    if (!request) expect.unreachable();
    const alone = {
      ...request,
      externalId: "alone",
      patient: { ...request.patient, ref: "second", escort: null, consents: request.patient.consents.filter(({ to }) => to === "sms") },
    };
    await enqueue(alone);
    const inSpring = request.cadence && { ...request.cadence, first: addDays(request.cadence.first, 56) };
    const more = {
      ...request,
      externalId: "with-escort",
      patient: { ...request.patient, ref: "second" },
      sessions: null,
      cadence: inSpring,
    };
    const shown = await preview(more);
    expect(shown.basis).toContain("what is stored of the patient, with 1 other active series");
    expect(shown.rows.some(({ recipient, state }) => recipient === "escort" && state === "planned")).toBe(true);
    expect(shown.rows.some(({ channel, state }) => channel === "email" && state === "planned")).toBe(true);
    const patientId = await enqueue(more);
    const newest = await db
      .selectFrom("series")
      .select("id")
      .where("patientId", "=", patientId)
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const stored = await readStored(patientId, newest.id);
    expect(inOrder(stored.map(toComparable))).toEqual(inOrder(shown.rows.map(toComparable)));
  });

  test("says what keeps it from being made: an unknown clinic, a protocol nobody approved", async () => {
    const [request] = await readSeriesExample("ana-iv");
    if (!request) expect.unreachable();
    expect(await loadPreviewBasis(world.deps, { ...request, clinic: "nowhere" })).toMatchObject({
      faults: [{ path: "clinic", value: "nowhere" }],
    });
    expect(await loadPreviewBasis(world.deps, { ...request, protocol: { id: "iv-ketamine", version: 2 } })).toMatchObject({
      faults: [{ path: "protocol", value: "iv-ketamine@2" }],
    });
  });
});
