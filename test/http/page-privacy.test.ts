import { beforeAll, describe, expect, test } from "vitest";
import { SESSION_STATUSES } from "../../src/domain/patient-facts.ts";
import { findForbiddenWords } from "../../src/messages/forbidden-words.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { makeVisitor } from "../pages/support/visitor.ts";
import { makeReader, type Reader, toText } from "./support/reader.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;
let dee: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 10_000, perSecond: 1, addresses: 10 } });
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"]);
  ana = await enqueueExample(web, "ana-iv");
  await enqueueExample(web, "chen-esketamine");
  dee = await enqueueExample(web, "dee-kap");
  await enqueueExample(web, "eva-home");
});

/** Names, phones, chart numbers and clinicians of the examples. */
const PERSONAL = /Ana|Ortiz|Marta|Chen|Grace|Dee|Walker|Eva|Núñez|Luis|Rosa|Diaz|Dr\.|555-01[1-9]|104\d\d|105\d\d/;

test("no page but a questionnaire holds a name, a number of the patient, a drug or a diagnosis, whatever became of the sessions", async () => {
  const links = await web.db.selectFrom("links").select(["id", "generation", "keyId"]).where("kind", "<>", "survey").execute();
  expect(links.length).toBeGreaterThan(50);
  const open = await Promise.all(
    links.map(async (link) => {
      const visitor = makeVisitor(web);
      return { visitor, path: await visitor.enter(`/v/${web.tokens.tokenOf(link)}`) };
    }),
  );
  for (const status of SESSION_STATUSES) {
    await web.db.updateTable("sessions").set({ status }).execute();
    for (const page of await Promise.all(open.map(({ visitor, path }) => visitor.get(path)))) {
      expect(page.status).toBe(200);
      expect(findForbiddenWords(toText(page.body), "body")).toEqual([]);
      expect(page.body).not.toMatch(PERSONAL);
    }
  }
  await web.db.updateTable("sessions").set({ status: "scheduled" }).execute();
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='x'>`;
const ESCAPED = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;x&#39;&gt;";

describe("hostile text stays text", () => {
  test("in a session's place", async () => {
    const id = await reader.sessionOf(ana, 1);
    const page = await reader.withSession(id, { place: HOSTILE }, () => reader.open(id));
    expect(page).toContain(ESCAPED);
    expect(page).not.toMatch(/<script|<img/);
  });

  test("in a clinic's address and name", async () => {
    const before = await web.db.selectFrom("clinics").select(["name", "address"]).executeTakeFirstOrThrow();
    await web.db
      .updateTable("clinics")
      .set({ name: HOSTILE.slice(0, 30), address: HOSTILE })
      .execute();
    const page = await reader.open(await reader.sessionOf(ana, 1));
    await web.db.updateTable("clinics").set(before).execute();
    expect(page).toContain(ESCAPED);
    expect(page).toContain("<title>Your visit - &quot;&gt;&lt;script&gt;");
    expect(page).not.toMatch(/<script|<img/);
  });

  test.each(["javascript:alert(1)", "http://visit.example.org", `https://visit.example.org/${HOSTILE}`, "data:text/html,x"])(
    "a link to join that reads %s is none",
    async (joinUrl) => {
      const id = await reader.sessionOf(dee, 3);
      const page = await reader.withSession(id, { joinUrl }, () => reader.open(id));
      expect(page).toContain("By video");
      expect(page).not.toMatch(/class="call video"|javascript:|<script|data:/);
    },
  );
});
