/** What a page says where a word could mislead: a time in a Spanish sentence, a visit that begins where nobody is on the way, one that is called off. */
import { beforeAll, expect, test } from "vitest";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader, toText } from "../http/support/reader.ts";
import { openVisit } from "./support/visitor.ts";

let web: Web;
let reader: Reader;
let ben: Enqueued;
let eva: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 5_000, perSecond: 100, addresses: 100 } });
  reader = makeReader(web);
  await openClinic(web, ["im-ketamine", "lozenge-home"]);
  ben = await enqueueExample(web, "ben-im");
  eva = await enqueueExample(web, "eva-home");
});

test("a Spanish sentence that ends in a clock time has its article and one full stop", async () => {
  const { visitor, path } = await openVisit(web, ben, 1);
  await visitor.post(`${path}/answer`, { answer: "asks-to-move", when: "" });
  await visitor.get(`${path}?lang=es`);
  const text = toText((await visitor.get(path)).body);
  expect(text).toContain("sigue como está: martes 12 de enero, a las 10:30 a. m. Contestamos");
  expect(text).not.toContain("..");
});

test("Eva, at home, is not asked whether she is on her way when her visit begins", async () => {
  const id = await reader.sessionOf(eva, 1);
  const text = await reader.withSession(id, { status: "dosed", startsAt: "2027-01-01T10:00:00Z" }, () => reader.openText(id));
  expect(text).toContain("Esta cita ya empezó. Si todavía no le hemos llamado");
  expect(text).not.toContain("en camino");
});

test("a visit for which there was nothing to prepare is called off without a word about eating", async () => {
  const id = await reader.sessionOf(ben, 2);
  const said = async (kind: string) => {
    await web.db.updateTable("sessions").set({ kind }).where("id", "=", id).execute();
    return reader.withSession(id, { status: "cancelled" }, () => reader.openText(id));
  };
  expect(await said("dosing")).toContain(
    "This visit is cancelled. You may eat and drink as usual. Call us when you would like another time.",
  );
  expect(await said("integration")).toContain("This visit is cancelled. Call us when you would like another time.");
});
