/** A web server with two clinics that know nothing of each other, and one of everything that the API can be asked about at the first. */
import { readFileSync } from "node:fs";
import { newId } from "../../../src/clock.ts";
import { findClinic, saveClinic } from "../../../src/db/clinics.ts";
import { insertAlerts } from "../../../src/db/alerts.ts";
import { transact } from "../../../src/db/transact.ts";
import { formatInstant } from "../../../src/domain/calendar.ts";
import { type ClinicId, type PublicKind, toPublicId } from "../../../src/domain/ids.ts";
import { parseClinic } from "../../../src/domain/parse-clinic.ts";
import { parsePlainText } from "../../../src/domain/parse-series-text.ts";
import { NOW, valueOf } from "../../domain/aspen-ridge.ts";
import { type Enqueued, enqueueExample, openClinic, type Web } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";

export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly text: string; readonly headers: Headers };

/** Asks below `/api/v1`; a body that is no text is sent as JSON. */
export async function ask(
  { url }: Pick<Web, "url">,
  line: string,
  { headers = {}, body, type = "application/json" }: { headers?: Readonly<Record<string, string>>; body?: unknown; type?: string } = {},
): Promise<Answer> {
  const [method = "GET", path = ""] = line.split(" ");
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": type }) },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get("content-type") ?? "");
  return { status: answer.status, text, body: isJson ? JSON.parse(text) : {}, headers: answer.headers };
}

export type Stage = {
  readonly web: Web;
  readonly clinicId: ClinicId;
  readonly enqueued: Enqueued;
  readonly ids: Readonly<Record<string, string>>;
};

/** The example clinic with a series that is planned, and the clinic Bell Harbor of another group beside it. */
export async function setStage(web: Web): Promise<Stage> {
  await openClinic(web, ["iv-ketamine"]);
  const other = parsePlainText(readFileSync("examples/clinic.yaml", "utf8"), "yaml");
  const settings = valueOf(
    parseClinic({
      ...(valueOf(other) as object),
      slug: "bell-harbor",
      group: "bell-harbor",
      senders: { email: { address: "visits@bell-harbor.example.org" }, sms: { number: "+13035550188" } },
    }),
  );
  await transact(web.db, (tx) => saveClinic(tx, settings));
  const clinic = await findClinic(web.db, "aspen-ridge");
  if (!clinic) throw new Error("No clinic");
  const enqueued = await enqueueExample(web, "ana-iv");
  return { web, clinicId: clinic.id, enqueued, ids: await makeOne(web, clinic.id, enqueued) };
}

/** An administrator of both clinics, who may do what concerns the whole installation. */
export async function signInEverywhere({ web }: Stage): Promise<SignedIn> {
  const admin = await signInAs(web, { role: "admin" });
  const other = await findClinic(web.db, "bell-harbor");
  if (!other) throw new Error("No second clinic");
  const { id } = await web.db.selectFrom("staff").select("id").where("login", "=", admin.login).executeTakeFirstOrThrow();
  await web.db.insertInto("staffClinics").values({ staffId: id, clinicId: other.id, role: "admin" }).execute();
  return admin;
}

/** One of everything, by the name of its parameter in the paths. */
async function makeOne({ db, vault }: Web, clinicId: ClinicId, { seriesId, patientId }: Enqueued): Promise<Record<string, string>> {
  const session = await db.selectFrom("sessions").select("id").where("seriesId", "=", seriesId).orderBy("number").executeTakeFirstOrThrow();
  const touchpoint = await db.selectFrom("touchpoints").select("id").where("seriesId", "=", seriesId).executeTakeFirstOrThrow();
  const { groupId } = await db.selectFrom("clinics").select("groupId").where("id", "=", clinicId).executeTakeFirstOrThrow();
  const sender = await db.selectFrom("senders").select("id").where("clinicId", "=", clinicId).executeTakeFirstOrThrow();
  const [task, alert, reply, invitation, closure, key] = [
    newId<"task">(),
    newId<"alert">(),
    newId<"inbound">(),
    newId<"invitation">(),
    newId<"closure">(),
    newId<"api-key">(),
  ];
  const [now, later] = [formatInstant(NOW), "2030-01-01T00:00:00Z"];
  await db
    .insertInto("tasks")
    .values({
      id: task,
      clinicId,
      patientId,
      seriesId,
      kind: "call",
      template: "no-outcome-call",
      locale: "en",
      state: "open",
      importance: "normal",
      openedAt: now,
      dueBy: later,
    })
    .execute();
  await transact(db, (tx) =>
    insertAlerts(tx, [
      { id: alert, clinicId, patientId, seriesId, sessionId: null, kind: "worsening", level: "medium", source: "staff", sourceId: alert },
    ]),
  );
  const seal = (column: string, text: string) => vault.seal(text, { table: "inbound_messages", column, row: reply });
  await db
    .insertInto("inboundMessages")
    .values({
      id: reply,
      groupId,
      clinicId,
      senderId: sender.id,
      providerMessageId: "SM1",
      fromIndex: Buffer.alloc(16),
      fromSealed: seal("from_sealed", "+13035550142"),
      bodySealed: seal("body_sealed", "see you then"),
      receivedAt: now,
      patientId,
      inbox: "open",
    })
    .execute();
  await db
    .insertInto("surveyInvitations")
    .values({
      id: invitation,
      clinicId,
      patientId,
      seriesId,
      sessionId: null,
      key: "k",
      instrument: "phq-9",
      instrumentVersion: 1,
      askedAt: now,
      closesAt: later,
    })
    .execute();
  await db
    .insertInto("clinicClosures")
    .values({
      id: closure,
      clinicId,
      fromAt: "2029-01-01T00:00:00Z",
      toAt: "2029-01-02T00:00:00Z",
      reason: "snow",
      actor: "test",
      closedAt: now,
    })
    .execute();
  await db
    .insertInto("apiKeys")
    .values({
      id: key,
      clinicId,
      name: "old",
      secretHash: Buffer.alloc(32),
      scopes: ["plans.read"],
      createdBy: "test",
      expiresAt: later,
    })
    .execute();
  const webhook = newId<"webhook">();
  await db
    .insertInto("webhookEndpoints")
    .values({
      id: webhook,
      clinicId,
      url: "https://ehr.example.org/in",
      secretSealed: Buffer.alloc(8),
      kinds: ["session.moved"],
      createdBy: "test",
    })
    .execute();
  const incident = newId<"incident">();
  await db
    .insertInto("privacyIncidents")
    .values({ id: incident, groupId, clinicId, patientId, kind: "wrong-number", addressIndex: null, inboundId: reply, at: now })
    .execute();
  const named: Record<string, [PublicKind, string]> = {
    series: ["series", seriesId],
    session: ["session", session.id],
    patient: ["patient", patientId],
    touchpoint: ["touchpoint", touchpoint.id],
    task: ["task", task],
    alert: ["alert", alert],
    reply: ["inbound", reply],
    invitation: ["invitation", invitation],
    closure: ["closure", closure],
    key: ["api-key", key],
    webhook: ["webhook", webhook],
    incident: ["incident", incident],
  };
  const ids = Object.fromEntries(Object.entries(named).map(([name, [kind, id]]) => [name, toPublicId(kind, id)]));
  return {
    ...ids,
    clinic: "aspen-ridge",
    protocol: "iv-ketamine@1",
    template: "day-before",
    requirement: "enrolment",
    login: "nobody.here",
    queue: "send-email",
  };
}

/** The path of an operation with what is at the first clinic. */
export function pathWith(path: string, ids: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`Nothing stands for {${name}} in ${path}`);
    return id;
  });
}
