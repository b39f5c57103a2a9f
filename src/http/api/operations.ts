/** Everything that the API does. */
import type { Operation } from "./operation.ts";
import { access } from "./operations/access.ts";
import { alerts } from "./operations/alerts.ts";
import { clinics } from "./operations/clinics.ts";
import { fhir } from "./operations/fhir.ts";
import { incidents } from "./operations/incidents.ts";
import { patients } from "./operations/patients.ts";
import { series } from "./operations/series.ts";
import { seriesMigration } from "./operations/series-migration.ts";
import { queues } from "./operations/queues.ts";
import { roster } from "./operations/roster.ts";
import { sessions } from "./operations/sessions.ts";
import { signingIn } from "./operations/signing-in.ts";
import { system } from "./operations/system.ts";
import { tasks } from "./operations/tasks.ts";
import { talking } from "./operations/talking.ts";
import { webhooks } from "./operations/webhooks.ts";
import { touchpoints } from "./operations/touchpoints.ts";
import { wording } from "./operations/wording.ts";

export const OPERATIONS: readonly Operation[] = [
  ...signingIn,
  ...clinics,
  ...series,
  ...seriesMigration,
  ...sessions,
  ...patients,
  ...fhir,
  ...touchpoints,
  ...tasks,
  ...alerts,
  ...talking,
  ...incidents,
  ...wording,
  ...access,
  ...webhooks,
  ...system,
  ...roster,
  ...queues,
];
