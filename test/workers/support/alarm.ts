/** A clinic with a roster, a patient, and an answer that worries somebody. */
import { findDueAlert } from "../../../src/db/alert-pages.ts";
import { saveSafety } from "../../../src/db/safety-settings.ts";
import { transact } from "../../../src/db/transact.ts";
import { newId } from "../../../src/clock.ts";
import type { AlertCause } from "../../../src/domain/alert.ts";
import type { AlertId } from "../../../src/domain/ids.ts";
import type { SafetySettings } from "../../../src/domain/safety-settings.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { pageAfterCommit } from "../../../src/producers/page-after-commit.ts";
import { raiseAlerts } from "../../../src/producers/raise-alerts.ts";
import { readSeriesExample, type World } from "../../support/world.ts";

export const RUTH = { phone: "+13035550160", email: "ruth.gray@aspen-ridge.example.org" };
export const SAM = { phone: "+13035550161", email: "sam.ortiz@aspen-ridge.example.org" };
export const MARIA = { phone: "+13035550162", email: "maria.lopez@aspen-ridge.example.org" };
export const ROBIN = { phone: "+13035550163", email: "robin.lee@aspen-ridge.example.org" };

/** Stores the roster of the example clinic, or another one, and Ana with her series. */
export async function enrolAna(world: World, safety: SafetySettings = world.clinic.safety) {
  const { deps, clinicId } = world;
  await transact(deps.db, (tx) => saveSafety(tx, clinicId, { vault: deps.vault, safety }));
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) throw new Error("No example");
  const [result] = await enqueueSeries(deps, [ana], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (!result || result.kind === "refused") throw new Error("Ana was refused");
  const { patientId } = await deps.db.selectFrom("series").select("patientId").where("id", "=", result.seriesId).executeTakeFirstOrThrow();
  return { patientId, seriesId: result.seriesId, request: ana };
}

export type Ana = Awaited<ReturnType<typeof enrolAna>>;

/** Commits an alert as the transaction of an answer does, and pages nobody. */
export async function commitAlert({ deps, clinicId }: World, ana: Ana, cause: Partial<AlertCause> = {}): Promise<AlertId> {
  const usual: AlertCause = {
    clinicId,
    patientId: ana.patientId,
    seriesId: ana.seriesId,
    sessionId: null,
    kind: "self-harm-answer",
    level: "critical",
    source: "survey-response",
    sourceId: newId(),
  };
  const [id] = await transact(deps.db, (tx) => raiseAlerts(tx, [{ ...usual, ...cause }], { actor: "patient" }));
  if (!id) throw new Error("The alert is not new");
  return id;
}

/** The same, and has staff paged as every producer does. */
export async function worry(world: World, ana: Ana, cause: Partial<AlertCause> = {}): Promise<AlertId> {
  const id = await commitAlert(world, ana, cause);
  await pageAfterCommit(world.deps, [id]);
  return id;
}

/** The pages of an alert in the order in which they were begun: to whom, how, how it ended. */
export async function listPages({ deps: { db } }: World, id: AlertId): Promise<string[]> {
  const rows = await db.selectFrom("alertPages").select(["person", "channel", "outcome"]).where("alertId", "=", id).orderBy("id").execute();
  return rows.map(({ person, channel, outcome }) => `${person}: ${channel} ${outcome}`);
}

/** As if the time until the next page were over. */
export async function letPageFallDue({ deps: { db } }: World, id: AlertId): Promise<void> {
  await db.updateTable("alerts").set({ pageAt: "2000-01-01T00:00:00Z" }).where("id", "=", id).where("pageAt", "is not", null).execute();
}

export async function isDue({ deps: { db } }: World, id: AlertId): Promise<boolean> {
  return (await findDueAlert(db, id)) !== undefined;
}
