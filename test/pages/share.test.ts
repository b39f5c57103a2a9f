import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { at, NOW } from "../domain/aspen-ridge.ts";
import { checksum } from "../http/support/checksum.ts";
import { type Enqueued, enqueueExample, openClinic, PUBLIC_BASE_URL, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader, toText } from "../http/support/reader.ts";
import { PAGE_STYLESHEET } from "../../src/http/page-stylesheet.ts";
import { describeInBrowser, DESKTOP, findBarriers, NARROW, PHONE } from "../support/browser.ts";
import { makeVisitor, openVisit, type Visitor } from "./support/visitor.ts";

let web: Web;
let reader: Reader;
let ben: Enqueued;
let dee: Enqueued;
let eva: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 5_000, perSecond: 100, addresses: 100 } });
  reader = makeReader(web);
  await openClinic(web, ["im-ketamine", "kap-lozenge", "lozenge-home"]);
  ben = await enqueueExample(web, "ben-im");
  dee = await enqueueExample(web, "dee-kap");
  eva = await enqueueExample(web, "eva-home");
});

/** The address that the patient's page of this visit has to pass on, on this server. */
async function shareOf(of: Enqueued, number: number): Promise<string> {
  const { visitor, path } = await openVisit(web, of, number);
  const [, address = ""] = /<p class="link">([^<]+)<\/p>/.exec((await visitor.get(path)).body) ?? [];
  expect(address.startsWith(`${PUBLIC_BASE_URL}/v/`)).toBe(true);
  return address.slice(PUBLIC_BASE_URL.length);
}

async function openShare(of: Enqueued, number: number): Promise<{ visitor: Visitor; path: string }> {
  const visitor = makeVisitor(web);
  return { visitor, path: await visitor.enter(await shareOf(of, number)) };
}

const SAM = { name: "Sam Walker", phone: "(720) 555-0149", scope: "visit" };

describe("the patient's page of a visit", () => {
  test("has a link to pass on, by text, by mail, or copied, in words that say nothing of who or what for", async () => {
    const { visitor, path } = await openVisit(web, ben, 1);
    const { body } = await visitor.get(path);
    const text = toText(body);
    expect(text).toContain("Send this to whoever takes you home");
    const [, sms = ""] = /href="sms:\?&amp;body=([^"]+)"/.exec(body) ?? /href="sms:\?&body=([^"]+)"/.exec(body) ?? [];
    const [, mail = ""] = /href="mailto:\?subject=([^"]+)"/.exec(body) ?? [];
    expect(decodeURIComponent(sms)).toMatch(
      /^Can you take me home after an appointment\? Day, time and address: https:\/\/visits[^ ]+\/v\/[\w-]{43}$/,
    );
    expect(decodeURIComponent(mail.replaceAll("&amp;", "&"))).toMatch(/^Can you help me that day\?&body=Can you take me home/);
    expect(decodeURIComponent(sms + mail)).not.toMatch(/Ben|treat|ketamine|dose|infusion|session|clinic/i);
  });

  test("has none for a talk, and none once the visit has begun", async () => {
    const talk = await openVisit(web, dee, 1);
    expect((await talk.visitor.get(talk.path)).body).not.toContain('id="share"');
    const begun = await openVisit(web, ben, 2);
    const page = await reader.withSession(await reader.sessionOf(ben, 2), { status: "dosed" }, () => begun.visitor.get(begun.path));
    expect(page.body).not.toContain('id="share"');
  });
});

describe("the page that was passed on", () => {
  test("says when, where, when to pick up, what to know and whom to call, and names nobody and no treatment", async () => {
    const { visitor, path } = await openShare(ben, 1);
    expect(path).toMatch(/^\/p\/share\/[\w-]{12}$/);
    const { body } = await visitor.get(path);
    const text = toText(body);
    for (const said of [
      "Taking somebody home",
      "Pick-up",
      "12 Aspen Road",
      "Please be there at",
      "cannot drive that day",
      "Call (303) 555-0100",
    ])
      expect(text).toContain(said);
    expect(text).not.toMatch(/Ben\b|Whitaker|treat|ketamine|dose|infusion|session|eat|drink|liquid|prepare/i);
  });

  test("is in the reader's language, and says to stay where the visit is at home", async () => {
    const { visitor, path } = await openShare(eva, 1);
    const text = toText((await visitor.get(path)).body);
    expect(text).toContain("Acompañar a alguien");
    expect(text).toContain("¿Le enviamos mensajes?");
    const other = await visitor.get(`${path}?lang=en`);
    expect(other).toMatchObject({ status: 303, location: path });
    expect(toText((await visitor.get(path)).body)).toContain("Staying with somebody");
  });

  test("follows the visit: cancelled, moved, over, and opens no more two hours after the discharge", async () => {
    const id = await reader.sessionOf(ben, 3);
    const { visitor, path } = await openShare(ben, 3);
    const cancelled = await reader.withSession(id, { status: "cancelled" }, () => visitor.get(path));
    expect(toText(cancelled.body)).toContain("You do not need to come.");
    expect(cancelled.body).not.toContain("<form");
    const { startsAt } = await web.db.selectFrom("sessions").select("startsAt").where("id", "=", id).executeTakeFirstOrThrow();
    const discharged = new Date(startsAt + 3_600_000).toISOString();
    await sql`update sessions set status = 'discharged', discharged_at = ${discharged}::timestamptz where id = ${id}`.execute(web.db);
    const look = async (minutes: number) => {
      await setSteppedClock(web.db, at(new Date(startsAt + 3_600_000 + minutes * 60_000).toISOString()));
      const { status } = await visitor.get(path);
      await setSteppedClock(web.db, NOW);
      return status;
    };
    expect([await look(119), await look(120)]).toEqual([200, 404]);
    await sql`update sessions set status = 'scheduled', discharged_at = null where id = ${id}`.execute(web.db);
  });

  test("opens no more a day after the visit should have ended", async () => {
    const id = await reader.sessionOf(ben, 4);
    const { visitor, path } = await openShare(ben, 4);
    const { endsAt } = await web.db.selectFrom("sessions").select("endsAt").where("id", "=", id).executeTakeFirstOrThrow();
    const look = async (hours: number) => {
      await setSteppedClock(web.db, at(new Date(endsAt + hours * 3_600_000).toISOString()));
      const { status } = await visitor.get(path);
      await setSteppedClock(web.db, NOW);
      return status;
    };
    expect([await look(23), await look(24)]).toEqual([200, 404]);
  });

  test("can be read in a browser without cookies, and agreed to only with them", async () => {
    const address = await shareOf(ben, 5);
    const { status, body } = await makeVisitor(web).get(`${address}/read`);
    expect(status).toBe(200);
    expect(toText(body)).toContain("Taking somebody home");
    expect(body).not.toContain("<form");
  });

  test("changes nothing however often a scanner fetches it", async () => {
    const address = await shareOf(ben, 5);
    const before = await checksum(web.db);
    for (let time = 0; time < 20; time++) {
      const visitor = makeVisitor(web);
      await visitor.get(await visitor.enter(address));
    }
    expect(await checksum(web.db)).toEqual(before);
  });

  test("opens nothing of the patient's: not the visit, no answer, no calendar", async () => {
    const { visitor, path } = await openShare(ben, 5);
    const session = path.replace("/share/", "/session/");
    expect((await visitor.get(session)).status).toBe(404);
    expect((await visitor.post(`${session}/answer`, { answer: "confirmed" })).status).toBe(404);
    expect((await visitor.post(`${path}/answer`, { answer: "confirmed" })).status).toBe(404);
    expect((await visitor.get(`${session}/calendar.ics`)).status).toBe(404);
  });
});

describe("texts for whoever helps", () => {
  const optIns = (of: Enqueued) =>
    web.db
      .selectFrom("escortOptIns")
      .select(["standing", "scope", "wording"])
      .where("patientId", "=", of.patientId)
      .orderBy("at")
      .execute();

  test("begin when they agree on the page, once however often the form is sent, and nothing they wrote is shown again", async () => {
    const { visitor, path } = await openShare(dee, 2);
    const sent = await Promise.all(Array.from({ length: 5 }, () => visitor.post(`${path}/texts`, SAM)));
    for (const answer of sent) expect(answer).toMatchObject({ status: 303, location: path });
    const page = (await visitor.get(path)).body;
    expect(toText(page)).toContain("We text you about this visit.");
    expect(page).not.toMatch(/Sam|0149/);
    expect(await optIns(dee)).toEqual([{ standing: "taken", scope: "visit", wording: "share-page-1" }]);
  });

  test("wait for staff where somebody was never named, and say so", async () => {
    const { visitor, path } = await openShare(ben, 1);
    await visitor.post(`${path}/texts`, { name: "Finn", phone: "(303) 555-0181", scope: "all" });
    expect(toText((await visitor.get(path)).body)).toContain("Before we text you, we ask the person you are helping.");
    expect(await optIns(ben)).toMatchObject([{ standing: "review" }]);
  });

  test.each([
    [{ name: " ", phone: "(303) 555-0181" }, "Please write your name."],
    [{ name: "Finn", phone: "12" }, "Please check this number."],
    [{ name: "Finn", phone: "" }, "Please check this number."],
    [{ name: "Fi\u202Enn", phone: "(303) 555-0181" }, "Please write your name."],
  ])("ask again after %j, with what was written still there", async (fields, said) => {
    const { visitor, path } = await openShare(ben, 2);
    const answer = await visitor.post(`${path}/texts`, fields);
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(said);
    expect(answer.body).toContain('aria-invalid="true"');
    expect(
      await web.db
        .selectFrom("escortOptIns")
        .select("id")
        .where("sessionId", "=", await reader.sessionOf(ben, 2))
        .execute(),
    ).toEqual([]);
  });

  test("are taken from no other site, from nobody without the cookie, and from nobody who tries number after number", async () => {
    const { visitor, path } = await openShare(ben, 6);
    expect((await visitor.post(`${path}/texts`, SAM, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await makeVisitor(web).post(`${path}/texts`, SAM)).status).toBe(403);
    const statuses: number[] = [];
    for (let number = 0; number < 7; number++)
      statuses.push((await visitor.post(`${path}/texts`, { name: "Finn", phone: `(303) 555-021${number}` })).status);
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429, 429]);
    expect(toText((await visitor.post(`${path}/texts`, SAM)).body)).toContain("This page takes no more numbers. Please call us.");
  });

  test("are not promised to a number that has asked for none", async () => {
    const { visitor, path } = await openShare(dee, 4);
    const { groupId } = await web.db.selectFrom("patients").select("groupId").where("id", "=", dee.patientId).executeTakeFirstOrThrow();
    await sql`insert into opt_outs (group_id, channel, address_index, source, at)
      values (${groupId}, 'sms', ${web.vault.blindIndex("phone", "+17205550149")}, 'STOP', ${new Date(NOW).toISOString()})`.execute(web.db);
    await visitor.post(`${path}/texts`, SAM);
    expect(toText((await visitor.get(path)).body)).toContain("This number has asked us not to text.");
    await sql`delete from opt_outs`.execute(web.db);
  });

  test("are not taken once the visit is off", async () => {
    const { visitor, path } = await openShare(dee, 6);
    const late = await reader.withSession(await reader.sessionOf(dee, 6), { status: "cancelled" }, () =>
      visitor.post(`${path}/texts`, SAM),
    );
    expect(late.status).toBe(409);
  });
});

describeInBrowser("the page that was passed on", (surfer) => {
  test("has no barrier that axe finds, in light and dark, wide and narrow, unfolded and faulty, and weighs less than 50 kB", async () => {
    const addresses = [await shareOf(ben, 1), await shareOf(ben, 3), await shareOf(eva, 1), await shareOf(dee, 2)];
    for (const address of addresses)
      for (const look of [
        { ...NARROW, colorScheme: "light" },
        { ...DESKTOP, colorScheme: "dark" },
      ] as const) {
        const page = await surfer.open({ ...look, reducedMotion: "reduce" });
        await page.goto(web.url + address);
        for (const summary of await page.locator("summary").all()) await summary.click();
        expect(await findBarriers(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")).toBeLessThanOrEqual(0);
        expect(Buffer.byteLength(await page.content()) + Buffer.byteLength(PAGE_STYLESHEET)).toBeLessThan(50_000);
        expect(await page.locator("script, img, iframe").count()).toBe(0);
        await page.context().close();
      }
  });

  test("is reached from the patient's page, filled in, and thanks", async () => {
    const patient = await surfer.open(PHONE);
    const { path } = await openVisit(web, eva, 2);
    expect(path).toContain("/p/session/");
    await patient.goto(web.url + (await shareOf(eva, 2)));
    await patient.fill("#name", "Luis Núñez");
    await patient.fill("#phone", "12");
    await patient.getByRole("button").first().click();
    await patient.getByText("Revise este número").waitFor();
    expect(await findBarriers(patient)).toEqual([]);
    await patient.fill("#phone", "(970) 555-0162");
    await patient.getByRole("button").first().click();
    await patient.getByText("Le enviaremos mensajes sobre esta cita.").waitFor();
    for (const target of await patient.locator("button, .call, input, summary, header a").all())
      if (await target.isVisible()) expect((await target.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(44);
  });
});
