/** Everything that the API does. */
import type { Operation } from "./operation.ts";
import { access } from "./operations/access.ts";
import { clinics } from "./operations/clinics.ts";
import { fhir } from "./operations/fhir.ts";
import { patients } from "./operations/patients.ts";
import { series } from "./operations/series.ts";
import { sessions } from "./operations/sessions.ts";
import { signingIn } from "./operations/signing-in.ts";
import { system } from "./operations/system.ts";
import { talking } from "./operations/talking.ts";
import { webhooks } from "./operations/webhooks.ts";
import { touchpoints } from "./operations/touchpoints.ts";
import { wording } from "./operations/wording.ts";
import { alerts, tasks } from "./operations/work.ts";

export const OPERATIONS: readonly Operation[] = [
  ...signingIn,
  ...clinics,
  ...series,
  ...sessions,
  ...patients,
  ...fhir,
  ...touchpoints,
  ...tasks,
  ...alerts,
  ...talking,
  ...wording,
  ...access,
  ...webhooks,
  ...system,
];
