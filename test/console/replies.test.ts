import { beforeAll, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { findReceivingSender, insertInbound } from "../../src/db/inbound-messages.ts";
import { type InboundId, toPublicId } from "../../src/domain/ids.ts";
import { approveProtocol } from "../../src/producers/approve-protocol.ts";
import { handleReply } from "../../src/producers/handle-reply.ts";
import { enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let desk: Clerk;
let count = 0;
const INBOX = "/console/clinics/aspen-ridge/replies";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, []);
  const clinicId = (await web.db.selectFrom("clinics").select("id").executeTakeFirstOrThrow()).id;
  await approveProtocol(web, { id: "iv-ketamine", version: 1, clinicId, by: "Dr. Lee, clinician" }, { actor: "test", dryRun: false });
  await enqueueExample(web, "ana-iv");
  await stepClock(web.db, at("2027-01-10T20:30:00Z"));
  desk = await clerk(web, "front-desk");
});

async function receive(body: string, from = "+13035550111"): Promise<InboundId> {
  const { address } = await web.db.selectFrom("senders").select("address").where("channel", "=", "sms").executeTakeFirstOrThrow();
  const sender = await findReceivingSender(web.db, address);
  if (!sender) throw new Error("The clinic has no number");
  const text = { sender, providerMessageId: `SM-${++count}`, from, body, media: 0, carrierKeyword: null };
  const id = await insertInbound(web.db, text, web.vault);
  if (!id) throw new Error("Not stored");
  await handleReply(web, id);
  return id;
}

const pathOf = (id: InboundId, verb = "") => `/console/replies/${toPublicId("inbound", id)}${verb === "" ? "" : `/${verb}`}`;
const messages = () => web.db.selectFrom("staffMessages").select(["touchpointId", "actor"]).execute();
const newestIn = (body: string) => /name="newest" value="([^"]*)"/.exec(body)?.[1] ?? expect.unreachable();

describe("replies", () => {
  test("what a patient wrote waits in the inbox with their name, and the audit says who read it", async () => {
    await receive("Can my sister wait in the room with me?");
    const page = await desk.get(INBOX);
    expect(page.body).toContain("Ana Ortiz");
    expect(page.body).toContain("my sister wait");
    const read = await web.db.selectFrom("events").select("kind").where("actor", "=", `staff:${desk.login}`).execute();
    expect(read.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["patient.revealed", "replies.listed"]));
  });

  test("one is answered with a saved phrase, shown in both languages with what it costs", async () => {
    const id = await receive("Do you have my form?");
    const page = await desk.get(pathOf(id));
    expect(page.body).toContain("thank you, we have read your message");
    expect(page.body).toContain("gracias, leímos su mensaje");
    expect(page.body).toMatch(/\d segments?/);
    const before = (await messages()).length;
    const shown = await desk.post(pathOf(id, "answer"), { phrase: "thank-you", newest: newestIn(page.body) });
    expect(shown.body).toContain("As it arrives");
    expect((await messages()).length).toBe(before);
    const sent = await desk.post(pathOf(id, "answer"), { phrase: "thank-you", newest: newestIn(shown.body), step: "send-and-close" });
    expect(sent).toMatchObject({ status: 303, location: INBOX });
    expect((await messages()).length).toBe(before + 1);
    expect((await desk.get(pathOf(id))).body).toContain(desk.login);
  });

  test("words that would say what is treated are refused, and what was typed stays", async () => {
    const id = await receive("What was it again?");
    const page = await desk.get(pathOf(id));
    const refused = await desk.post(pathOf(id, "answer"), {
      phrase: "",
      text: "Your ketamine infusion is on Monday",
      newest: newestIn(page.body),
    });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("Your ketamine infusion is on Monday");
    expect(refused.body).toContain("Nothing was sent");
  });

  test("a second press of the same button sends nothing more", async () => {
    const id = await receive("Thank you");
    const page = await desk.get(pathOf(id));
    const fields = { phrase: "call-us", newest: newestIn(page.body), step: "send" };
    expect((await desk.post(pathOf(id, "answer"), fields)).status).toBe(303);
    const before = (await messages()).length;
    const again = await desk.post(pathOf(id, "answer"), fields);
    expect(again.status).toBe(409);
    expect(again.body).toContain("in the meantime");
    expect((await messages()).length).toBe(before);
  });

  test("whoever closed a text while somebody else wrote is named, nothing is sent unasked, and what was typed stays", async () => {
    const id = await receive("May I bring a book?");
    const other = await clerk(web, "nurse");
    const page = await desk.get(pathOf(id));
    const fields = { newest: newestIn(page.body), inbox: "open", phrase: "", text: "Yes, please do." };
    await other.post(pathOf(id, "close"));
    const look = await desk.post(pathOf(id, "answer"), fields);
    expect(look.body).toContain(`${other.login} closed this text`);
    const before = (await messages()).length;
    const late = await desk.post(pathOf(id, "answer"), { ...fields, step: "send" });
    expect(late.status).toBe(409);
    expect(late.body).toContain(">Yes, please do.</textarea>");
    expect((await messages()).length).toBe(before);
    const again = await desk.post(pathOf(id, "answer"), { ...fields, newest: newestIn(late.body), inbox: "closed", step: "send" });
    expect(again.status).toBe(303);
    expect((await messages()).length).toBe(before + 1);
  });

  test("whoever has written meanwhile is named, with the moment", async () => {
    const id = await receive("And a blanket?");
    const other = await clerk(web, "nurse");
    const newest = newestIn((await desk.get(pathOf(id))).body);
    await other.post(pathOf(id, "answer"), { newest, phrase: "", text: "Yes, bring one.", step: "send" });
    const late = await desk.post(pathOf(id, "answer"), { newest, phrase: "", text: "We have some.", step: "send" });
    expect(late.status).toBe(409);
    expect(late.body).toMatch(new RegExp(`${other.login} has written in the meantime \\(<time`));
    expect(late.body).toContain(">We have some.</textarea>");
  });

  test("a wrong number is listed for the privacy officer", async () => {
    await receive("Wrong number, I don't know you");
    const page = await desk.get(`${INBOX}/incidents`);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Ana Ortiz");
    expect(page.body).toMatch(/class="pill amber">open</);
  });

  test("a wrong number is closed once, with what was found, by whoever looks after privacy", async () => {
    const { id } = await web.db.selectFrom("privacyIncidents").select("id").executeTakeFirstOrThrow();
    const path = `/console/incidents/${toPublicId("incident", id)}`;
    expect((await desk.get(path)).body).not.toContain("Close it");
    expect((await desk.post(`${path}/close`, { outcome: "low-risk" })).status).toBe(403);
    const [lee, late] = [await clerk(web, "clinician"), await clerk(web, "admin")];
    const unsaid = await lee.post(`${path}/close`, { note: "called the owner" });
    expect(unsaid.status).toBe(400);
    expect(unsaid.body).toContain(">called the owner</textarea>");
    expect((await lee.post(`${path}/close`, { outcome: "low-risk", note: "called the owner" })).location).toBe(path);
    const closed = (await desk.get(path)).body;
    expect(closed).toContain("Harm is improbable");
    expect(closed).toContain("called the owner");
    const second = await late.post(`${path}/close`, { outcome: "notified", note: "wrote a letter" });
    expect(second.status).toBe(409);
    expect(second.body).toContain(`${lee.login} closed this`);
    expect(second.body).toMatch(/<textarea[^>]* readonly[^>]*>wrote a letter</);
    expect((await desk.get(`${INBOX}/incidents`)).body).toMatch(/class="pill plain">closed</);
  });

  test("a viewer reads and neither answers nor closes", async () => {
    const id = await receive("Is parking free?");
    const viewer = await clerk(web, "viewer");
    expect((await viewer.get(pathOf(id))).body).not.toContain("/answer");
    expect((await viewer.post(pathOf(id, "answer"), { phrase: "call-us", step: "send" })).status).toBe(403);
    expect((await viewer.post(pathOf(id, "close"))).status).toBe(403);
    expect((await (await clerk(web, "auditor")).get(INBOX)).status).toBe(403);
  });
});

describeInBrowser("replies in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    const id = await receive("I think I left my jacket with you");
    await receive("Wrong number, sorry");
    const { id: incident } = await web.db.selectFrom("privacyIncidents").select("id").executeTakeFirstOrThrow();
    const pages = {
      replies: INBOX,
      reply: pathOf(id),
      incidents: `${INBOX}/incidents`,
      incident: `/console/incidents/${toPublicId("incident", incident)}`,
    };
    await lookAt({ web, who: await clerk(web, "clinician"), surfer, look: { name, options } }, pages);
  });

  test("are closed by keyboard alone", async () => {
    const id = await receive("See you then");
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, desk);
    await page.goto(web.url + pathOf(id));
    await page.locator("button", { hasText: "Close" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${INBOX}`);
    const row = await web.db.selectFrom("inboundMessages").select("inbox").where("id", "=", id).executeTakeFirstOrThrow();
    expect(row.inbox).toBe("closed");
  });
});
