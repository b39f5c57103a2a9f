import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { hashToken } from "../../src/db/link-tokens.ts";
import { PAGE_STYLESHEET } from "../../src/http/page-stylesheet.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "../http/support/reader.ts";
import { describeInBrowser, DESKTOP, findBarriers, NARROW, PHONE } from "../support/browser.ts";

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

/** A link to a page that asks for the year of birth, of a patient who has one on the chart. */
async function addSurveyLink(): Promise<string> {
  const [id, subjectId] = [newId<"link">(), newId<"invitation">()];
  const link = { id, generation: 0, keyId: web.tokens.keyId };
  const { clinicId } = await web.db.selectFrom("series").select("clinicId").where("id", "=", ben.seriesId).executeTakeFirstOrThrow();
  await web.db
    .insertInto("links")
    .values({
      ...link,
      clinicId,
      patientId: ben.patientId,
      kind: "survey",
      subjectId,
      recipient: "patient",
      tokenHash: hashToken(web.tokens.tokenOf(link)),
      expiresAt: "2027-06-01T00:00:00Z",
    })
    .execute();
  return `/v/${web.tokens.tokenOf(link)}`;
}

/** Every page there is, by the address that leads to it. */
const PAGES: { readonly [name: string]: () => Promise<string> } = {
  "a visit": async () => pathOf(web, await reader.sessionOf(ben, 1)),
  "a visit at home, in Spanish": async () => pathOf(web, await reader.sessionOf(eva, 1)),
  "a series": () => pathOf(web, ana.seriesId),
  "an escort's visit": async () => pathOf(web, await reader.sessionOf(ana, 1), "escort"),
  preferences: () => pathOf(web, ana.patientId),
  unsubscribing: async () => `${(await pathOf(web, ana.patientId)).replace("/v/", "/u/")}/surveys`,
  "the year of birth": addSurveyLink,
  "a link that does not work": async () => `/v/${"A".repeat(43)}`,
  "a page that has closed": async () => "/p/session/AAAAAAAAAAAA",
};

describeInBrowser("every page", (surfer) => {
  test.each(Object.keys(PAGES))(
    "%s has no barrier that axe finds, in light and dark, wide and narrow, and weighs less than 50 kB",
    async (name) => {
      const address = web.url + (await PAGES[name]?.());
      for (const look of [
        { ...NARROW, colorScheme: "light" },
        { ...DESKTOP, colorScheme: "dark" },
      ] as const) {
        const page = await surfer.open({ ...look, reducedMotion: "reduce", javaScriptEnabled: true });
        await page.goto(address);
        // What can be unfolded is looked at as well.
        for (const summary of await page.locator("summary").all()) await summary.click();
        expect(await findBarriers(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")).toBeLessThanOrEqual(0);
        expect(Buffer.byteLength(await page.content()) + Buffer.byteLength(PAGE_STYLESHEET)).toBeLessThan(50_000);
        expect(await page.locator("script, img, iframe").count()).toBe(0);
        await page.context().close();
      }
    },
  );

  test("leaves no small target: what is tapped is at least 44 px high", async () => {
    const page = await surfer.open(PHONE);
    await page.goto(web.url + (await PAGES["a visit"]?.()));
    for (const target of await page.locator("button, .call, input, summary, header a, nav a").all())
      if (await target.isVisible()) expect((await target.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(44);
  });

  test("shows a form again with what is wrong beside its field, and the field in focus", async () => {
    const page = await surfer.open(PHONE);
    await page.goto(web.url + (await PAGES["a visit"]?.()));
    await page.fill("#name", "Maria");
    await page.fill("#phone", "12");
    await page.click("button[value=driver-named]");
    expect(await findBarriers(page)).toEqual([]);
    expect(await page.inputValue("#name")).toBe("Maria");
    expect(await page.evaluate("document.activeElement.id")).toBe("phone");
  });
});

describeInBrowser("a patient with a browser that runs no script", (surfer) => {
  test("confirms in one tab and once more in another, names a driver, and each counts once", async () => {
    const page = await surfer.open({ ...PHONE, javaScriptEnabled: false });
    const id = await reader.sessionOf(ben, 2);
    await page.goto(web.url + (await pathOf(web, id)));
    expect(new URL(page.url()).pathname).toMatch(/^\/p\/session\/[\w-]{12}$/);
    const second = await page.context().newPage();
    await second.goto(page.url());
    for (const tab of [page, second]) {
      await tab.click("button[value=confirmed]");
      await tab.getByText("You told us that you will be there.").waitFor();
    }
    await page.reload();
    await page.fill("#name", "Finn");
    await page.click("button[value=driver-named]");
    await page.getByText("You told us who takes you home.").waitFor();
    const answers = await web.db.selectFrom("sessionAnswers").select("kind").where("sessionId", "=", id).orderBy("id").execute();
    expect(answers.map(({ kind }) => kind)).toEqual(["confirmed", "driver-named"]);
  });

  test("reads the page in the other language, and answers in it", async () => {
    const page = await surfer.open({ ...PHONE, javaScriptEnabled: false });
    await page.goto(web.url + (await pathOf(web, await reader.sessionOf(ben, 3))));
    await page.click("text=Español");
    await page.click("text=Sí, ahí estaré");
    await page.getByText("Nos confirmó su cita.").waitFor();
    expect(page.url()).not.toContain("lang");
  });

  test("has two visits open side by side, and answers for the one that is looked at", async () => {
    const first = await surfer.open({ ...PHONE, javaScriptEnabled: false });
    const [one, two] = [await reader.sessionOf(ben, 4), await reader.sessionOf(ben, 5)];
    await first.goto(web.url + (await pathOf(web, one)));
    const second = await first.context().newPage();
    await second.goto(web.url + (await pathOf(web, two)));
    await first.click("button[value=confirmed]");
    await first.getByText("You told us that you will be there.").waitFor();
    const answers = await web.db.selectFrom("sessionAnswers").select("sessionId").where("sessionId", "in", [one, two]).execute();
    expect(answers).toEqual([{ sessionId: one }]);
  });

  test("adds the visit to a calendar", async () => {
    const page = await surfer.open({ ...PHONE, acceptDownloads: true });
    await page.goto(web.url + (await pathOf(web, await reader.sessionOf(ben, 6))));
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Add to calendar")]);
    expect(file.suggestedFilename()).toBe("visit.ics");
  });
});

describeInBrowser("a link in a mail that is read on the web", (surfer) => {
  /** A page of another site that holds the link, and what comes of a click in it with a cookie of this kind. */
  const serve = (answer: (path: string, cookie: string) => { status?: number; headers?: Record<string, string>; body?: string }) =>
    new Promise<string>((resolve) => {
      const server = createServer(({ url = "", headers }, response) => {
        const { status = 200, headers: set = {}, body = "" } = answer(url, headers.cookie ?? "");
        response.writeHead(status, { "content-type": "text/html", ...set }).end(body);
      }).listen(0, "127.0.0.1", () => {
        const address = server.address();
        if (typeof address === "object" && address) resolve(`localhost:${address.port}`);
      });
      afterAll(() => void server.close());
    });

  test("opens the page with its answers", async () => {
    const address = web.url + (await pathOf(web, await reader.sessionOf(ana, 2)));
    const mail = await serve(() => ({ body: `<a href="${address}">Your visit</a>` }));
    const page = await surfer.open(PHONE);
    await page.goto(`http://${mail}/`);
    await page.click("a");
    await page.getByText("Will you be there?").waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/p\/session\//);
  });

  test("would find no cookie after the redirect if the cookie were Strict", async () => {
    const strict = await serve((path, cookie) =>
      path === "/v"
        ? { status: 303, headers: { location: "/p", "set-cookie": "visit=1; Path=/; HttpOnly; SameSite=Strict" } }
        : { body: `<p>${cookie || "no cookie"}</p>` },
    );
    const mail = await serve(() => ({ body: `<a href="http://${strict.replace("localhost", "127.0.0.1")}/v">Your visit</a>` }));
    const page = await surfer.open(PHONE);
    await page.goto(`http://${mail}/`);
    await page.click("a");
    await page.getByText("no cookie").waitFor();
  });
});
