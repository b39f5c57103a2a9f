import { beforeAll, describe, expect, test } from "vitest";
import { transact } from "../../../src/db/transact.ts";
import { newId } from "../../../src/clock.ts";
import { insertAlerts } from "../../../src/db/alerts.ts";
import { insertResponse } from "../../../src/db/survey-responses.ts";
import { toPublicId } from "../../../src/domain/ids.ts";
import { ALERT_OUTCOMES } from "../../../src/domain/alert.ts";
import { NOW } from "../../domain/aspen-ridge.ts";
import { readAlertCard } from "../../../src/producers/read-alert-card.ts";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { keyOf, signInAs } from "../support/sign-in.ts";
import { ask, setStage, type Stage } from "./support.ts";

let stage: Stage;
let path: string;
const alertId = newId<"alert">();
const responseId = newId<"response">();

beforeAll(async () => {
  stage = await setStage(await startWeb({ api: { callsAMinute: 1_000_000 } }));
  const { web, clinicId, enqueued } = stage;
  const { seriesId, patientId } = enqueued;
  await transact(web.db, async (tx) => {
    const about = { clinicId, patientId, seriesId, sessionId: null };
    const result = {
      total: 21,
      band: "severe",
      subscales: [],
      pattern: null,
      missing: [],
      alarms: [{ item: "9", kind: "self-harm-answer", level: "critical" }],
    } as const;
    const survey = { instrument: "phq-9", instrumentVersion: 1, locale: "en", answeredAt: NOW } as const;
    await insertResponse(
      tx,
      {
        id: responseId,
        ...about,
        invitationId: null,
        source: "patient",
        actor: "patient",
        ...survey,
        answers: { "9": 2 },
        result: { ...result, subscales: [], missing: [], alarms: [...result.alarms] },
      },
      web.vault,
    );
    await insertAlerts(tx, [
      { id: alertId, ...about, kind: "self-harm-answer", level: "critical", source: "survey-response", sourceId: responseId },
    ]);
  });
  path = `GET /alerts/${toPublicId("alert", alertId)}`;
});

async function eventsOf(actor: string): Promise<string[]> {
  const rows = await stage.web.db.selectFrom("events").select("kind").where("actor", "=", actor).orderBy("id").execute();
  return rows.map(({ kind }) => kind);
}

describe("the card of an alert over the API", () => {
  test("has what the console's and the terminal's have: whom to call, where they are, the visits, what was answered, what to close it with", async () => {
    const { headers, login } = await signInAs(stage.web, { role: "nurse" });
    const card = await readAlertCard(stage.web, alertId, { actor: "test", where: "test" });
    if (!card) expect.unreachable();
    const answer = await ask(stage.web, path, { headers });
    expect(answer.status).toBe(200);
    const person = { ...card.patient };
    expect(answer.body).toMatchObject({
      kind: "self-harm-answer",
      level: "critical",
      person,
      place: null,
      answers: [
        { response: toPublicId("response", responseId), instrument: "phq-9", raised: true, answers: { "9": 2 }, result: { total: 21 } },
      ],
      unsent: null,
      outcomes: ALERT_OUTCOMES,
    });
    expect(person.phone).toMatch(/^\+1\d{10}$/);
    expect(person.name).toBe("Ana Ortiz");
    expect(answer.body["sessions"]).toMatchObject({ last: null, next: { number: 1 } });
    expect(await eventsOf(`staff:${login}`)).toEqual(["patient.revealed", "outcome.shown"]);
  });

  test("shows the front desk whom to call, and nothing of what was answered", async () => {
    const { headers, login } = await signInAs(stage.web, { role: "front-desk" });
    const answer = await ask(stage.web, path, { headers });
    expect(answer.body).toMatchObject({ person: { name: "Ana Ortiz" }, answers: null, unsent: null });
    expect(await eventsOf(`staff:${login}`)).toEqual(["patient.revealed"]);
  });

  test("shows a program nothing for which it has no scope", async () => {
    const answer = await ask(stage.web, path, { headers: await keyOf(stage.web, { scopes: ["alerts.read"] }) });
    expect(answer.body).toMatchObject({
      kind: "self-harm-answer",
      person: null,
      place: null,
      sessions: null,
      note: null,
      text: null,
      answers: null,
    });
    expect(answer.text).not.toMatch(/Ana|Ortiz|phq|\+1303/);
    const reader = await ask(stage.web, path, {
      headers: await keyOf(stage.web, { scopes: ["alerts.read", "patients.read", "outcomes.read"] }),
    });
    expect(reader.body).toMatchObject({ person: { name: "Ana Ortiz" }, answers: [{ raised: true }], text: null });
  });

  test("is not found from another clinic, and nothing is told of it", async () => {
    const { headers, login } = await signInAs(stage.web, { clinic: "bell-harbor", role: "clinician" });
    expect((await ask(stage.web, path, { headers })).status).toBe(404);
    expect(await eventsOf(`staff:${login}`)).toEqual([]);
  });
});
