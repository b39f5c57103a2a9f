import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { newId } from "../../../src/clock.ts";
import { insertResponse, type NewResponse } from "../../../src/db/survey-responses.ts";
import { transact } from "../../../src/db/transact.ts";
import { SESSION_STATUSES } from "../../../src/domain/patient-facts.ts";
import { toAppointment, toCommunication } from "../../../src/http/api/to-fhir.ts";
import { NOW } from "../../domain/aspen-ridge.ts";
import { sessionsOf, startWeb } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";
import { appointment, bundleOf, communication, questionnaireResponse } from "./fhir-r4.ts";
import { ask, setStage, type Stage } from "./support.ts";

let stage: Stage;
let clinician: SignedIn;

beforeAll(async () => {
  stage = await setStage(await startWeb({ api: { callsAMinute: 1_000_000 } }));
  clinician = await signInAs(stage.web, { role: "clinician" });
});

async function read<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
): Promise<{ type: string | null; read: z.ZodSafeParseResult<z.output<Schema>> }> {
  const answer = await ask(stage.web, `GET /fhir/${stage.ids["patient"]}/${type}`, { headers: clinician.headers });
  return { type: answer.headers.get("content-type"), read: schema.safeParse(answer.body) };
}

const faultsOf = (result: z.ZodSafeParseResult<unknown>) =>
  result.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

/** Every state in which a visit can be, one visit each, and the eighth confirmed. */
async function spreadStatuses(): Promise<void> {
  const ids = await sessionsOf(stage.web, stage.enqueued);
  for (const [index, status] of SESSION_STATUSES.entries())
    if (ids[index]) await sql`update sessions set status = ${status} where id = ${ids[index]}`.execute(stage.web.db);
}

describe("a patient's visits, as FHIR R4 Appointments", () => {
  test("are what R4 says, in every state", async () => {
    await spreadStatuses();
    const { type, read: result } = await read("Appointment", bundleOf(appointment));
    expect([type, faultsOf(result)]).toEqual(["application/fhir+json; charset=utf-8", []]);
    expect(result.data?.total).toBeGreaterThan(3);
  });

  test("are what R4 says for each state, confirmed or not", () => {
    const visit = {
      id: newId<"session">(),
      patientId: stage.enqueued.patientId,
      clinic: "aspen-ridge",
      kind: "dosing",
      startsAt: NOW,
      endsAt: NOW,
    };
    for (const status of SESSION_STATUSES)
      for (const isConfirmed of [true, false])
        expect(faultsOf(appointment.safeParse(toAppointment({ ...visit, status, isConfirmed })))).toEqual([]);
  });
});

describe("what a patient was sent, as FHIR R4 Communications", () => {
  test("are what R4 says, whatever became of them", () => {
    const row = { id: newId<"touchpoint">(), patientId: stage.enqueued.patientId, template: "day-before", endedAt: NOW, providerAt: NOW };
    for (const state of ["sent", "failed", "sending", "unknown"])
      for (const channel of ["sms", "email"])
        for (const recipient of ["patient", "escort"])
          for (const [providerState, reason] of [
            ["delivered", null],
            [null, "bad-address"],
          ] as const) {
            const sessionId = recipient === "patient" ? newId<"session">() : null;
            const resource = toCommunication({ ...row, state, channel, recipient, providerState, reason, sessionId });
            expect(faultsOf(communication.safeParse(resource))).toEqual([]);
          }
  });

  test("come as a bundle without an entry where there are none", async () => {
    const { read: result } = await read("Communication", bundleOf(communication));
    expect([faultsOf(result), result.data?.total, result.data?.entry]).toEqual([[], 0, undefined]);
  });

  test("come as a bundle of those that were sent", async () => {
    await sql`alter table touchpoints disable trigger user`.execute(stage.web.db);
    await sql`update touchpoints set state = 'sent', ended_at = due_at where series_id = ${stage.enqueued.seriesId} and channel <> 'task' and not isempty(legal_at)`.execute(
      stage.web.db,
    );
    await sql`alter table touchpoints enable trigger user`.execute(stage.web.db);
    const { read: result } = await read("Communication", bundleOf(communication));
    expect(faultsOf(result)).toEqual([]);
    expect(result.data?.total).toBeGreaterThan(3);
  });
});

describe("what a patient answered, as FHIR R4 QuestionnaireResponses", () => {
  const answered = (changes: Partial<NewResponse>): NewResponse => ({
    id: newId<"response">(),
    clinicId: stage.clinicId,
    patientId: stage.enqueued.patientId,
    seriesId: stage.enqueued.seriesId,
    sessionId: null,
    invitationId: null,
    source: "patient",
    actor: "patient",
    instrument: "phq-9",
    instrumentVersion: 1,
    locale: "en",
    answeredAt: NOW,
    answers: { "1": 2, "9": null },
    result: { total: 2, band: "minimal", subscales: [], pattern: null, missing: ["9"], alarms: [] },
    ...changes,
  });

  test("are what R4 says, with an item left out, by phone, and of a score of which only the total is known", async () => {
    await transact(stage.web.db, async (tx) => {
      for (const changes of [{}, { source: "staff" }, { source: "import", answers: null }] as const)
        await insertResponse(tx, answered(changes), stage.web.vault);
    });
    const { read: result } = await read("QuestionnaireResponse", bundleOf(questionnaireResponse));
    expect(faultsOf(result)).toEqual([]);
    expect(result.data?.entry?.map(({ resource }) => resource.item?.map(({ linkId }) => linkId))).toEqual([
      ["1", "9"],
      ["1", "9"],
      ["total"],
    ]);
  });
});

test("what is no R4 is found by the same definitions", () => {
  const visit = {
    resourceType: "Appointment",
    id: "ses-1",
    status: "booked",
    start: "2027-01-11T16:00:00Z",
    end: "2027-01-11T17:00:00Z",
    participant: [{ actor: { reference: "Patient/p" }, status: "accepted" }],
  };
  expect(appointment.safeParse(visit).success).toBe(true);
  for (const wrong of [
    { id: "ses_1" },
    { status: "confirmed" },
    { participant: [] },
    { start: "2027-01-11T16:00:00" },
    { start: "2027-01-11 16:00:00Z" },
    { end: undefined },
    { start: undefined, end: undefined },
    { note: "x" },
    { serviceType: [] },
    { participant: [{ status: "accepted" }] },
    { participant: [{ actor: { reference: "pat-1" }, status: "accepted" }] },
  ])
    expect([wrong, appointment.safeParse({ ...visit, ...wrong }).success]).toEqual([wrong, false]);
});
