/** Brings a database to the newest schema, or back; knows its migrations by import, so that a built or bundled program needs no folder scan. */
import { type Migration, type MigrationInfo, Migrator, NO_MIGRATIONS } from "kysely/migration";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import * as clinicTime from "./migrations/0001_clinic_time.ts";
import * as groupsAndClinics from "./migrations/0002_groups_and_clinics.ts";
import * as patientsAndConsent from "./migrations/0003_patients_and_consent.ts";
import * as seriesAndSessions from "./migrations/0004_series_and_sessions.ts";
import * as touchpoints from "./migrations/0005_touchpoints.ts";
import * as deliveriesTasksAudit from "./migrations/0006_deliveries_tasks_audit.ts";
import * as aSeriesLives from "./migrations/0007_a_series_lives.ts";
import * as thePatientAnswers from "./migrations/0008_the_patient_answers.ts";
import * as whoWasTold from "./migrations/0009_who_was_told.ts";
import * as staff from "./migrations/0010_staff.ts";
import * as consoleActions from "./migrations/0011_console.ts";
import * as escortsOfVisits from "./migrations/0012_escorts_of_visits.ts";
import * as crisisAnswers from "./migrations/0013_crisis_answers.ts";
import * as systemsAndIncidents from "./migrations/0014_systems_and_incidents.ts";
import * as digests from "./migrations/0015_digests.ts";

const MIGRATIONS: Record<string, Migration> = {
  "0001_clinic_time": clinicTime,
  "0002_groups_and_clinics": groupsAndClinics,
  "0003_patients_and_consent": patientsAndConsent,
  "0004_series_and_sessions": seriesAndSessions,
  "0005_touchpoints": touchpoints,
  "0006_deliveries_tasks_audit": deliveriesTasksAudit,
  "0007_a_series_lives": aSeriesLives,
  "0008_the_patient_answers": thePatientAnswers,
  "0009_who_was_told": whoWasTold,
  "0010_staff": staff,
  "0011_console": consoleActions,
  "0012_escorts_of_visits": escortsOfVisits,
  "0013_crisis_answers": crisisAnswers,
  "0014_systems_and_incidents": systemsAndIncidents,
  "0015_digests": digests,
};

function migratorOf(db: Database): Migrator {
  return new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
}

/** Applies what is missing and names the environment of a new database; returns the names applied. A repeat applies nothing. */
export async function migrateToLatest(db: Database, { environment }: { environment: "production" | "demo" | "test" }): Promise<string[]> {
  const { error, results = [] } = await migratorOf(db).migrateToLatest();
  if (error) throw new Error(`Migration ${results.find(({ status }) => status === "Error")?.migrationName ?? ""} failed`, { cause: error });
  await sql`insert into clinic_clock (environment) values (${environment}) on conflict do nothing`.execute(db);
  return results.map(({ migrationName }) => migrationName);
}

/** Takes back every migration. All data are gone afterwards. */
export async function migrateToNothing(db: Database): Promise<string[]> {
  const { error, results = [] } = await migratorOf(db).migrateTo(NO_MIGRATIONS);
  if (error) throw new Error("Migrating back failed", { cause: error });
  return results.map(({ migrationName }) => migrationName);
}

/** Every known migration, with the moment it was applied. */
export async function listMigrations(db: Database): Promise<readonly MigrationInfo[]> {
  return migratorOf(db).getMigrations();
}
