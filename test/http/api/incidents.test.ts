import { beforeAll, expect, test } from "vitest";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";
import { ask, setStage, type Stage } from "./support.ts";

let stage: Stage;
let officer: SignedIn;
let desk: SignedIn;
beforeAll(async () => {
  stage = await setStage(await startWeb());
  officer = await signInAs(stage.web, { role: "admin" });
  desk = await signInAs(stage.web, { role: "front-desk" });
});

const NOTE = "one reminder, no name in it";
const list = (query = "") => ask(stage.web, `GET /clinics/aspen-ridge/incidents${query}`, { headers: desk.headers });
const close = (who: SignedIn, body: unknown) =>
  ask(stage.web, `POST /incidents/${stage.ids["incident"]}/close`, { headers: who.headers, body });

test("a privacy incident waits in the list until somebody who may has said what was found, with who and when; it is final", async () => {
  expect((await list("?state=open")).body).toMatchObject({
    entries: [
      {
        incident: stage.ids["incident"],
        kind: "wrong-number",
        state: "open",
        patient: stage.ids["patient"],
        closedBy: null,
        outcome: null,
      },
    ],
  });
  expect((await close(desk, { outcome: "low-risk" })).status).toBe(403);
  expect(await close(officer, { outcome: "forgotten" })).toMatchObject({ status: 422, body: { faults: [{ path: "outcome" }] } });
  expect(await close(officer, { outcome: "low-risk", note: NOTE })).toMatchObject({ status: 200, body: { kind: "closed" } });
  expect((await close(officer, { outcome: "low-risk", note: NOTE })).body).toMatchObject({ kind: "same" });
  expect(await close(officer, { outcome: "notified" })).toMatchObject({ status: 409, body: { faults: [{ path: "incident" }] } });
  expect((await list("?state=open")).body).toMatchObject({ entries: [] });
  const [closed] = (await list("?state=closed")).body["entries"] as Record<string, unknown>[];
  expect(closed).toMatchObject({ outcome: "low-risk", closedBy: `staff:${officer.login}`, closedAt: expect.stringMatching(/^20/) });
});

test("the note of whoever closed it is sealed, and read with an entry in the audit", async () => {
  const { db } = stage.web;
  const row = await db.selectFrom("privacyIncidents").select("noteSealed").executeTakeFirstOrThrow();
  expect(row.noteSealed?.toString("latin1")).not.toContain("reminder");
  expect((await list()).text).not.toContain("reminder");
  const shown = await ask(stage.web, `GET /incidents/${stage.ids["incident"]}`, { headers: desk.headers });
  expect(shown.body).toMatchObject({ note: NOTE });
  const read = await db.selectFrom("events").select(["kind", "data"]).where("kind", "like", "incident.%").orderBy("id").execute();
  expect(read.map(({ kind }) => kind)).toEqual(["incident.closed", "incident.read"]);
  expect(JSON.stringify(read)).not.toContain("reminder");
});
