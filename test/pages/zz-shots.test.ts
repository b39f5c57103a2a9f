import { expect, test, beforeAll } from "vitest";
import { sql } from "kysely";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "../http/support/reader.ts";
import { describeInBrowser, DESKTOP, findBarriers, PHONE } from "../support/browser.ts";
import { answerSession } from "../../src/producers/answer-session.ts";
let web: Web;
let reader: Reader;
let ana: Enqueued;
let eva: Enqueued;
let dee: Enqueued;
beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 1000, perSecond: 10, addresses: 10 } });
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine", "im-ketamine", "lozenge-home"]);
  ana = await enqueueExample(web, "ana-iv");
  eva = await enqueueExample(web, "eva-home");
  dee = await enqueueExample(web, "ben-im");
});
describeInBrowser("shots", (surfer) => {
  test("all", async () => {
    const looks = [
      ["phone-light", { ...PHONE, colorScheme: "light" }],
      ["phone-dark", { ...PHONE, colorScheme: "dark" }],
      ["desk-light", { ...DESKTOP, colorScheme: "light" }],
      ["desk-dark", { ...DESKTOP, colorScheme: "dark" }],
    ] as const;
    const one = await reader.sessionOf(ana, 1);
    for (const [name, options] of looks) {
      const page = await surfer.open(options);
      const shoot = async (what: string) => {
        await page.screenshot({ path: `/tmp/w/${what}-${name}.png`, fullPage: true });
        const barriers = await findBarriers(page);
        if (barriers.length) console.log(what, name, barriers);
      };
      await page.goto(web.url + (await pathOf(web, one)));
      console.log(page.url());
      await shoot("visit");
      if (name === "phone-light") {
        await page.click("summary");
        await shoot("visit-move");
        await page.click("text=Yes, I will be there");
        await shoot("visit-confirmed");
        console.log(page.url());
        await page.goto(web.url + (await pathOf(web, await reader.sessionOf(dee, 2))));
        await shoot("nodriver");
        await page.fill("#phone", "12");
        await page.click("text=Save");
        await shoot("visit-fault");
        await page.fill("#name", "Maria Lopez");
        await page.fill("#phone", "303 555 0177");
        await page.click("text=Save");
        await shoot("visit-driver");
      }
      await page.goto(web.url + (await pathOf(web, eva.seriesId)));
      await shoot("series-es");
      await page.goto(web.url + (await pathOf(web, await reader.sessionOf(eva, 1))));
      await shoot("home-es");
      await page.goto(web.url + "/v/" + "A".repeat(43));
      await shoot("missing");
      await page.goto(web.url + (await pathOf(web, ana.patientId)));
      await shoot("preferences");
      if (name === "phone-light") {
        await page.click("text=Questionnaires");
        await page.check("input[value=es]");
        await page.click("text=Save");
        console.log(page.url());
        await shoot("preferences-saved");
        await page.goto(web.url + (await pathOf(web, ana.patientId)).replace("/v/", "/u/") + "/tips");
        await shoot("unsub");
        await page.click("button");
        await shoot("unsub-done");
      }
      await reader.atMoment("2027-01-11T18:00:00Z", async () => {
        await page.goto(web.url + (await pathOf(web, one)));
        await shoot("after");
        if (name === "phone-dark") {
          await page.click("button[value=home-trouble]");
          await shoot("trouble");
        }
      });
    }
    console.log(web.logged.filter((l) => /failed|refused/.test(l)).slice(0, 5));
  }, 120000);
});
