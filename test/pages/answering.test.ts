import { beforeAll, describe, expect, test } from "vitest";
import { placeOfAnswer } from "../../src/db/session-answers.ts";
import { readCompanion } from "../../src/domain/named-companion.ts";
import { NOW } from "../domain/aspen-ridge.ts";
import { checksum } from "../http/support/checksum.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader, toText } from "../http/support/reader.ts";
import { makeVisitor, openVisit } from "./support/visitor.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;
let ben: Enqueued;
let eva: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 5_000, perSecond: 100, addresses: 100 } });
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine", "im-ketamine", "lozenge-home"]);
  ana = await enqueueExample(web, "ana-iv");
  ben = await enqueueExample(web, "ben-im");
  eva = await enqueueExample(web, "eva-home");
});

const answersOf = (id: string) =>
  web.db
    .selectFrom("sessionAnswers")
    .select(["id", "kind", "via", "actor", "detailSealed"])
    .where("sessionId", "=", toSession(id))
    .orderBy("id")
    .execute();
const tasksOf = (id: string) =>
  web.db.selectFrom("tasks").selectAll().where("sessionId", "=", toSession(id)).where("touchpointId", "is", null).orderBy("id").execute();

/** Ids come from the page of the series itself. */
const known = new Map<string, Awaited<ReturnType<typeof sessionsOf>>[number]>();
function toSession(id: string) {
  const found = known.get(id);
  if (!found) throw new Error(`No session ${id}`);
  return found;
}

beforeAll(async () => {
  for (const each of [ana, ben, eva]) for (const id of await sessionsOf(web, each)) known.set(id, id);
});

describe("a patient who confirms", () => {
  test("is thanked on the page, and once however often and at the same moment the form is sent", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 1);
    const sent = await Promise.all(Array.from({ length: 8 }, () => visitor.post(`${path}/answer`, { answer: "confirmed" })));
    for (const answer of sent) expect(answer).toMatchObject({ status: 303, location: path });
    expect(toText((await visitor.get(path)).body)).toContain("You told us that you will be there.");
    expect(await visitor.post(`${path}/answer`, { answer: "confirmed" })).toMatchObject({ status: 303, location: path });
    expect(await answersOf(id)).toMatchObject([{ kind: "confirmed", via: "page", actor: "patient", detailSealed: null }]);
  });

  test("is asked anew when the visit moves", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 2);
    await visitor.post(`${path}/answer`, { answer: "confirmed" });
    const moved = await reader.withSession(toSession(id), { arming: 1 }, () => visitor.get(path));
    expect(toText(moved.body)).toContain("Will you be there?");
  });
});

describe("a patient who asks for another time", () => {
  test("leaves the visit as it is, and work for the desk within thirty staffed minutes, with the words sealed", async () => {
    const { visitor, path, id } = await openVisit(web, ben, 3);
    const before = await web.db
      .selectFrom("sessions")
      .select(["status", "startsAt"])
      .where("id", "=", toSession(id))
      .executeTakeFirstOrThrow();
    expect(await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "Thursdays\r\nafter 3" })).toMatchObject({ status: 303 });
    const page = toText((await visitor.get(path)).body);
    expect(page).toContain("We have your message and will call you about another time.");
    expect(page).toMatch(/Until then your visit stays as planned: Tuesday, January 19, 10:30 AM\. We answer the phone Monday/);
    expect(page).not.toContain("Thursdays");
    const [answer] = await answersOf(id);
    expect(answer && answer.detailSealed && web.vault.open(answer.detailSealed, placeOfAnswer(answer.id))).toBe("Thursdays\nafter 3");
    const [task] = await tasksOf(id);
    expect(task).toMatchObject({ kind: "reply", template: "wants-to-move", importance: "high", state: "open" });
    const { startsAt, status } = await web.db
      .selectFrom("sessions")
      .select(["status", "startsAt"])
      .where("id", "=", toSession(id))
      .executeTakeFirstOrThrow();
    expect({ startsAt, status }).toEqual(before);
    await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "or Fridays" });
    expect(await tasksOf(id)).toHaveLength(1);
  });

  test("is asked to shorten more than 300 characters, and finds them still there", async () => {
    const { visitor, path, id } = await openVisit(web, ben, 4);
    const long = await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: `<b>${"x".repeat(300)}` });
    expect(long.status).toBe(422);
    expect(long.body).toContain("Please shorten this to 300 characters.");
    expect(long.body).toContain(`&lt;b&gt;${"x".repeat(300)}`);
    expect(await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "x".repeat(300) })).toMatchObject({ status: 303 });
    expect(await answersOf(id)).toHaveLength(1);
  });

  test("sees at once whom to call when the words sound as if help were needed now, and an alert is raised", async () => {
    const { visitor, path } = await openVisit(web, ben, 5);
    const sent = await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "I want to kill myself" });
    expect(sent).toMatchObject({ status: 303, location: `${path}/help` });
    const help = await visitor.get(`${path}/help`);
    expect(toText(help.body)).toContain("Call 988");
    expect(help.body).not.toContain("kill");
    const alerts = await web.db.selectFrom("alerts").select(["kind", "level", "state"]).where("patientId", "=", ben.patientId).execute();
    expect(alerts).toEqual([{ kind: "self-harm-words", level: "critical", state: "open" }]);
    await web.db
      .updateTable("alerts")
      .set({ state: "closed", closedAt: new Date(NOW).toISOString() })
      .where("patientId", "=", ben.patientId)
      .execute();
  });
});

describe("who takes the patient home", () => {
  test("can be named, with or without a number, and is never shown on the page", async () => {
    const { visitor, path, id } = await openVisit(web, ben, 1);
    expect(toText((await visitor.get(path)).body)).toContain("Who takes you home?");
    await visitor.post(`${path}/answer`, { answer: "driver-named", name: "Maria Lopez", phone: "(303) 555-0177" });
    const page = (await visitor.get(path)).body;
    expect(toText(page)).toContain("You told us who takes you home. Thank you.");
    expect(page).not.toMatch(/Maria|0177/);
    const [answer] = await answersOf(id);
    expect(answer?.detailSealed && readCompanion(web.vault.open(answer.detailSealed, placeOfAnswer(answer.id)))).toEqual({
      name: "Maria Lopez",
      phone: "+13035550177",
    });
  });

  test.each([
    [{ name: " ", phone: "" }, "Please write a name"],
    [{ name: "Maria", phone: "12" }, "Please check this number"],
    [{ name: "Ma\u202Eria", phone: "" }, "Please write a name"],
  ])("is asked for again after %j", async (fields, said) => {
    const { visitor, path } = await openVisit(web, ben, 6);
    const answer = await visitor.post(`${path}/answer`, { answer: "driver-named", ...fields });
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(said);
    expect(answer.body).toContain('aria-invalid="true"');
  });

  test("is looked for by the desk when the patient has nobody, until somebody is named", async () => {
    const { visitor, path, id } = await openVisit(web, ben, 2);
    await visitor.post(`${path}/answer`, { answer: "driver-missing" });
    expect(toText((await visitor.get(path)).body)).toContain("We will call you, and together we will find somebody");
    expect(await tasksOf(id)).toMatchObject([{ kind: "find-driver", state: "open" }]);
    await visitor.post(`${path}/answer`, { answer: "driver-named", name: "Finn", phone: "" });
    expect(await tasksOf(id)).toMatchObject([{ state: "cancelled", outcome: "driver-named" }]);
  });

  test("is not asked for in messages any more once named", async () => {
    const planned = () =>
      web.db
        .selectFrom("touchpoints")
        .select("id")
        .where("seriesId", "=", ben.seriesId)
        .where("template", "in", ["driver-question", "find-driver"])
        .where("state", "=", "planned")
        .execute();
    const before = await planned();
    const { visitor, path } = await openVisit(web, ben, 6);
    await visitor.post(`${path}/answer`, { answer: "driver-named", name: "Finn", phone: "" });
    expect((await planned()).length).toBeLessThan(before.length);
  });
});

describe("a visit at home", () => {
  test("asks where, and takes the address only sealed", async () => {
    const { visitor, path, id } = await openVisit(web, eva, 1);
    expect((await visitor.post(`${path}/answer`, { answer: "location-confirmed" })).body).toContain("Elija dónde va a estar.");
    expect((await visitor.post(`${path}/answer`, { answer: "location-confirmed", place: "elsewhere" })).status).toBe(422);
    await visitor.post(`${path}/answer`, { answer: "location-confirmed", place: "elsewhere", address: "1 Elm St, Denver" });
    expect((await visitor.get(path)).body).not.toContain("Elm");
    const [answer] = await answersOf(id);
    expect(answer?.kind).toBe("location-confirmed");
    expect(answer?.detailSealed && web.vault.open(answer.detailSealed, placeOfAnswer(answer.id))).toBe("1 Elm St, Denver");
  });

  test("takes its end once it has begun, and says whom to call when something is not right", async () => {
    const { visitor, path, id } = await openVisit(web, eva, 2);
    expect((await visitor.post(`${path}/answer`, { answer: "session-over" })).status).toBe(409);
    const { endsAt } = await web.db.selectFrom("sessions").select("endsAt").where("id", "=", toSession(id)).executeTakeFirstOrThrow();
    await reader.atMoment(new Date(endsAt).toISOString(), async () => {
      await visitor.post(`${path}/answer`, { answer: "session-over" });
      expect(toText((await visitor.get(path)).body)).toContain("Gracias por decirnos.");
      await visitor.post(`${path}/answer`, { answer: "home-trouble" });
      const page = (await visitor.get(path)).body;
      expect(page).toContain('href="tel:911"');
      expect(page).toContain('href="tel:+13035550100"');
    });
    expect(await tasksOf(id)).toMatchObject([{ kind: "reply", template: "home-trouble", importance: "critical" }]);
  });
});

describe("an answer that comes too late", () => {
  test("changes nothing, and the page says how things stand", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 3);
    const answer = await reader.withSession(toSession(id), { status: "cancelled" }, () =>
      visitor.post(`${path}/answer`, { answer: "confirmed" }),
    );
    expect(answer.status).toBe(409);
    expect(toText(answer.body)).toContain("This could not be taken any more.");
    expect(toText(answer.body)).toContain("This visit is cancelled.");
    expect(await answersOf(id)).toEqual([]);
  });
});

describe("nobody else answers", () => {
  test.each([
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["from a site beside ours", { "sec-fetch-site": "same-site" }],
  ])("%s", async (_name, headers) => {
    const { visitor, path, id } = await openVisit(web, ana, 4);
    expect((await visitor.post(`${path}/answer`, { answer: "confirmed" }, headers)).status).toBe(403);
    expect(await answersOf(id)).toEqual([]);
  });

  test("from another origin, in a browser that sends no Sec-Fetch-Site", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 5);
    const old = { "sec-fetch-site": "", origin: "https://evil.example.org" };
    expect((await visitor.post(`${path}/answer`, { answer: "confirmed" }, old)).status).toBe(403);
    expect(await answersOf(id)).toEqual([]);
    // Its own pages send null, because they tell nobody where their reader came from.
    const own = { "sec-fetch-site": "", origin: "null" };
    expect((await visitor.post(`${path}/answer`, { answer: "fasting-acknowledged" }, own)).status).toBe(303);
  });

  test("without the cookie, with one of another visit, or with one that was tampered with", async () => {
    const { path, id } = await openVisit(web, ana, 4);
    const other = await openVisit(web, ana, 5);
    expect((await makeVisitor(web).post(`${path}/answer`, { answer: "confirmed" })).status).toBe(403);
    expect((await other.visitor.post(`${path}/answer`, { answer: "confirmed" })).status).toBe(403);
    const forged = `visit-${path.split("/").at(-1) ?? ""}=${id}.9999999999.-.y.l1.${"A".repeat(43)}`;
    const answer = await fetch(`${web.url}${path}/answer`, {
      method: "POST",
      body: "answer=confirmed",
      headers: { cookie: `${forged}; __Host-${forged}`, "content-type": "application/x-www-form-urlencoded" },
    });
    expect(answer.status).toBe(403);
    expect(await answersOf(id)).toEqual([]);
  });

  test("as the escort, who may only read", async () => {
    const id = (await sessionsOf(web, ana))[3] ?? "";
    const visitor = makeVisitor(web);
    const path = await visitor.enter(await pathOf(web, id, "escort"));
    expect((await visitor.post(`${path}/answer`, { answer: "confirmed" })).status).toBe(404);
    expect(await answersOf(id)).toEqual([]);
  });

  test("by what no form of ours sends", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 4);
    for (const fields of [{}, { answer: "cancelled" }, { answer: "confirmed'; drop table" }])
      expect(await visitor.post(`${path}/answer`, fields)).toMatchObject({ status: 303, location: path });
    expect((await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "x".repeat(20_000) })).status).toBe(400);
    expect(await answersOf(id)).toEqual([]);
  });
});

test("following every link a hundred times, by GET and by HEAD, changes no row anywhere", async () => {
  const { visitor, path } = await openVisit(web, ana, 6);
  const series = await pathOf(web, ana.seriesId);
  const preferences = await pathOf(web, ana.patientId);
  const clean = await visitor.enter(preferences);
  const paths = [
    path,
    `${path}/calendar.ics`,
    `${path}/help`,
    series,
    `${series}/read`,
    preferences,
    clean,
    `${clean}/saved`,
    preferences.replace("/v/", "/u/") + "/surveys",
  ];
  const before = await checksum(web.db);
  const scan = async (each: string, round: number) => {
    if (round % 2) await (await fetch(web.url + each, { method: "HEAD" })).arrayBuffer();
    else expect((await visitor.get(each)).status).toBeLessThan(400);
  };
  for (let round = 0; round < 100; round++) await Promise.all(paths.map((each) => scan(each, round)));
  expect(await checksum(web.db)).toEqual(before);
}, 90_000);
