/** The planner alone: pure, on one core, series after series of new patients. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { machineNow } from "../../src/clock.ts";
import { toPatientFacts, toSeriesFacts } from "../../src/domain/foresee-series.ts";
import type { PatientFacts } from "../../src/domain/patient-facts.ts";
import { planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { protocolSchema } from "../../src/domain/protocol.ts";
import { quietUntil } from "../../src/domain/quiet-until.ts";
import { resolveSessions } from "../../src/domain/resolve-sessions.ts";
import { makeRequests, PROTOCOL, readBenchClinics, ROOT, toClinicFacts } from "../stage/requests.ts";
import { moment, serve } from "./serve.ts";

const planInput = z.object({ forMs: z.number() });

async function makePatients(): Promise<PatientFacts[]> {
  const protocol = protocolSchema.parse(parse(await readFile(join(ROOT, "protocols", `${PROTOCOL}.yaml`), "utf8")));
  const now = machineNow();
  return (await readBenchClinics()).flatMap((settings) => {
    const clinic = toClinicFacts(settings);
    // A week of starting days a patient: no two neighbours share their days, as in a clinic's year.
    return makeRequests(settings, { first: 0, count: 120, weeks: 40 }).map((request) => {
      const resolved = resolveSessions(request, { protocol, clinic, patientZone: clinic.zone, now });
      const { sessions } = resolved;
      const foreseen = { clinic, protocol, sessions, now, quietUntil: quietUntil(resolved, { now, undoMinutes: settings.undoMinutes }) };
      return { ...toPatientFacts(request, { clinic }), series: [toSeriesFacts(request, foreseen)] };
    });
  });
}

let patients: readonly PatientFacts[] = [];

serve({
  start: async () => {
    patients = await makePatients();
    return {};
  },
  plan: async (input) => {
    const { forMs } = planInput.parse(input);
    const now = machineNow();
    const startedAt = moment();
    let series = 0;
    let touchpoints = 0;
    for (; moment() - startedAt < forMs; series++) {
      const facts = patients[series % patients.length];
      if (facts) touchpoints += planTouchpoints({ facts, history: new Map(), now }).length;
    }
    return Promise.resolve({ series, touchpoints, ms: moment() - startedAt });
  },
});
