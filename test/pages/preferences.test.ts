import { beforeAll, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { findPreferences } from "../../src/db/preferences.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { toText } from "../http/support/reader.ts";
import { makeVisitor, type Visitor } from "./support/visitor.ts";

let web: Web;
let ana: Enqueued;
let visitor: Visitor;
let link: string;
let path: string;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 5_000, perSecond: 100, addresses: 100 } });
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  visitor = makeVisitor(web);
  link = await pathOf(web, ana.patientId);
  path = await visitor.enter(link);
});

const AS_SHOWN = { shown: "sms", sms: "on", email: "on", stream: "surveys", quietFrom: "20:00", quietTo: "09:00", locale: "en" };
const statesOf = async (where: string) => {
  const { rows } = await sql<{ state: string; reason: string | null }>`
    select distinct state, reason from touchpoints where series_id = ${ana.seriesId} and state in ('planned', 'held', 'suppressed') and ${sql.raw(where)}`.execute(
    web.db,
  );
  return rows.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`)).toSorted();
};
/** A form with several boxes of one name, as a browser sends it. */
async function save(changes: Record<string, string | null>) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...AS_SHOWN, tips: "tips", ...changes })) {
    if (value === null) continue;
    form.append(name === "tips" ? "stream" : name, value);
  }
  form.append("shown", "email");
  return visitor.postForm(path, form.toString());
}

describe("a patient's preferences", () => {
  test("show what is stored, and not a whole number or address", async () => {
    const page = (await visitor.get(path)).body;
    const text = toText(page);
    expect(text).toContain("Texts to the number that ends in 11");
    expect(text).toContain("Emails to a•••@patients.example.org");
    expect(page).not.toMatch(/ana@|555-?0111|Ana /);
    expect(page.match(/checked/g)).toHaveLength(5);
  });

  test("saved as they were change nothing", async () => {
    const revision = () => web.db.selectFrom("patients").select("planRevision").where("id", "=", ana.patientId).executeTakeFirstOrThrow();
    const before = await revision();
    expect(await save({})).toMatchObject({ status: 303, location: `${path}/saved` });
    expect(await revision()).toEqual(before);
  });

  test("without texts take consent back with the wording that was shown, and the plan follows; given again, so does the plan", async () => {
    const before = await statesOf("channel = 'sms' and recipient = 'patient'");
    expect(before).toContain("planned");
    await save({ sms: null });
    expect(toText((await visitor.get(`${path}/saved`)).body)).toContain("Saved. We follow this from now on.");
    expect(await statesOf("channel = 'sms' and recipient = 'patient'")).not.toContain("planned");
    const { rows } = await sql<object>`
      select action, wording, source, actor from consents where patient_id = ${ana.patientId} and channel = 'sms' order by recorded_at desc limit 1`.execute(
      web.db,
    );
    expect(rows[0]).toEqual({ action: "revoked", wording: "preferences-page-1", source: "preferences page", actor: "patient" });
    expect((await save({})).status).toBe(303);
    expect(await statesOf("channel = 'sms' and recipient = 'patient'")).toContain("planned");
  });

  test("give no consent to a number that has opted out, and say how it is taken back", async () => {
    const point = sql`select group_id, channel, address_index from contact_points where patient_id = ${ana.patientId} and person = 'patient' and channel = 'sms'`;
    await sql`insert into opt_outs (group_id, channel, address_index, source, at) select group_id, channel, address_index, 'STOP', now() from (${point}) p`.execute(
      web.db,
    );
    const page = toText((await visitor.get(path)).body);
    expect(page).toContain("The number that ends in 11 has stopped our texts. To have them again, text START from that phone.");
    expect((await save({})).status).toBe(303);
    expect((await findPreferences(web.db, ana.patientId))?.sms).toBe("opted-out");
    await sql`delete from opt_outs`.execute(web.db);
  });

  test("make quiet hours longer and back again, and never shorter than staff set them", async () => {
    const quiet = () =>
      web.db.selectFrom("patients").select(["quietFrom", "quietTo"]).where("id", "=", ana.patientId).executeTakeFirstOrThrow();
    await save({ quietFrom: "18:00", quietTo: "11:00" });
    expect(await quiet()).toEqual({ quietFrom: 18 * 60, quietTo: 11 * 60 });
    const shorter = await save({ quietFrom: "22:00", quietTo: "06:00" });
    expect(shorter.status).toBe(422);
    expect(toText(shorter.body)).toContain("This could not be saved.");
    expect(await quiet()).toEqual({ quietFrom: 18 * 60, quietTo: 11 * 60 });
    await save({});
    expect(await quiet()).toEqual({ quietFrom: 20 * 60, quietTo: 9 * 60 });
  });

  test("change the language of the page and of everything still to be sent", async () => {
    const saved = await save({ locale: "es" });
    expect(saved).toMatchObject({ status: 303, location: `${path}/saved?lang=es` });
    expect(await visitor.get(`${path}/saved?lang=es`)).toMatchObject({ status: 303, location: `${path}/saved` });
    expect((await visitor.get(`${path}/saved`)).body).toContain('<html lang="es">');
    const locales = await web.db
      .selectFrom("touchpoints")
      .select("locale")
      .distinct()
      .where("seriesId", "=", ana.seriesId)
      .where("recipient", "=", "patient")
      .where("state", "=", "planned")
      .execute();
    expect(locales).toEqual([{ locale: "es" }]);
    await save({});
  });
});

describe("one click of a mail program", () => {
  const address = () => `${link.replace("/v/", "/u/")}/surveys`;

  test("asks on a GET, and ends the stream on a POST without cookies, once and for all", async () => {
    expect(await statesOf("purpose = 'survey' and recipient = 'patient'")).toContain("planned");
    const asked = await makeVisitor(web).get(address());
    expect(toText(asked.body)).toContain("Stop questionnaires?");
    expect((await findPreferences(web.db, ana.patientId))?.unsubscribed.size).toBe(0);
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]) {
      const answer = await fetch(web.url + address(), {
        method: "POST",
        redirect: "manual",
        body: "List-Unsubscribe=One-Click",
        headers: { "content-type": type },
      });
      expect(answer.status).toBe(200);
      expect(toText(await answer.text())).toContain(
        "We will not send you questionnaires any more. Reminders and changes of your visits still come.",
      );
    }
    const surveys = await statesOf("purpose = 'survey' and recipient = 'patient'");
    expect(surveys).toContain("suppressed: unsubscribed");
    expect(surveys).not.toContain("planned");
    expect(await statesOf("purpose = 'reminder'")).toContain("planned");
    const told = await web.db
      .selectFrom("events")
      .select("data")
      .where("kind", "=", "patient.preferred")
      .where("subjectId", "=", ana.patientId)
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(told.data).toEqual({ what: "surveys" });
  });

  test("is taken back on the page of preferences, and the plan with it", async () => {
    await save({});
    expect(await statesOf("purpose = 'survey' and recipient = 'patient'")).toContain("planned");
  });

  test("does nothing for another kind of link, an unknown stream or token", async () => {
    const session = (await pathOf(web, ana.seriesId)).replace("/v/", "/u/");
    for (const wrong of [`${session}/surveys`, `${link.replace("/v/", "/u/")}/reminders`, `/u/${"A".repeat(43)}/surveys`])
      expect((await fetch(web.url + wrong, { method: "POST" })).status).toBe(404);
  });

  test("works for a patient on hold, whose other pages are closed", async () => {
    await web.db.updateTable("patients").set({ holdCode: "complaint" }).where("id", "=", ana.patientId).execute();
    expect((await fetch(web.url + address(), { method: "POST" })).status).toBe(200);
    expect((await makeVisitor(web).get(await pathOf(web, ana.seriesId))).status).toBe(404);
    await web.db.updateTable("patients").set({ holdCode: null }).where("id", "=", ana.patientId).execute();
  });
});
