import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { readApprovedTemplates, insertApproval } from "../../src/db/approvals.ts";
import { openDatabase } from "../../src/db/database.ts";
import { countAffected, listReleases, loadReleases, readReleases } from "../../src/db/template-releases.ts";
import { transact } from "../../src/db/transact.ts";
import { overlayReleases } from "../../src/messages/overlay-releases.ts";
import { hashTemplates, type TemplateSources } from "../../src/messages/template-sources.ts";
import { publishTemplate, rollBackTemplate } from "../../src/producers/release-template.ts";
import { cloneDatabase } from "../support/database.ts";
import { PROTOCOL, storeClinic } from "./support/stored-clinic.ts";
import { storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db, url } = await cloneDatabase();
const clinic = await storeClinic(db);
const { clinicId } = clinic;
const staff = { actor: "staff:Dr. Ortiz", dryRun: false };
const say = (words: string): TemplateSources => ({ "day-before": { en: { sms: words }, es: { sms: `${words} (es)` } } });
const approved: TemplateSources = { ...say("approved"), welcome: { en: { sms: "hello" }, es: { sms: "hola" } } };
const approvalId = await transact(db, (tx) =>
  insertApproval(tx, { clinicId, file: PROTOCOL, templates: approved, hash: "a", by: "Dr. Test" }),
);

const publish = (words: string, options = staff) =>
  publishTemplate({ db }, { clinicId, stem: "day-before", sources: say(words), by: "Dr. Ortiz, MD", approvals: [approvalId] }, options);
const rollBack = (options = staff) => rollBackTemplate({ db }, { clinicId, stem: "day-before" }, options);
/** What a text of the stem says now, and one of another stem. */
const inForce = async () => {
  const { sources = {} } = (await readReleases(db, [clinicId])).get(clinicId) ?? {};
  const overlaid = overlayReleases(await readApprovedTemplates(db, approvalId), sources);
  return [overlaid["day-before"]?.en?.sms, overlaid["welcome"]?.en?.sms];
};

beforeEach(async () => {
  await sql`delete from template_releases`.execute(db);
});

describe("a published wording", () => {
  test("is said by every message rendered from then on, and nothing else changes", async () => {
    expect(await inForce()).toEqual(["approved", "hello"]);
    expect(await publish("fixed")).toMatchObject({ kind: "published", hash: hashTemplates(say("fixed")) });
    expect(await inForce()).toEqual(["fixed", "hello"]);
    expect(await publish("better")).toMatchObject({ kind: "published" });
    expect(await inForce()).toEqual(["better", "hello"]);
  });

  test("that is in force already is not stored again, whether released or approved", async () => {
    expect((await publish("approved")).kind).toBe("same");
    await publish("fixed");
    expect((await publish("fixed")).kind).toBe("same");
    expect((await publish("approved")).kind).toBe("published");
    expect(await listReleases(db, clinicId)).toHaveLength(2);
  });

  test("says who approved it, and what it changes", async () => {
    const person = await storePerson(db, clinic);
    const ids = [
      await storeTouchpoint(db, person),
      await storeTouchpoint(db, person),
      await storeTouchpoint(db, person, { state: "sent" }),
    ];
    await sql`update touchpoints set template = 'welcome' where id = ${ids[1]}`.execute(db);
    expect(await publish("fixed")).toMatchObject({ affected: { messages: 1, tasks: 0 } });
    expect(await countAffected(db, clinicId, "welcome")).toEqual({ messages: 1, tasks: 0 });
    expect(await listReleases(db, clinicId, "day-before")).toMatchObject([
      { stem: "day-before", approvedBy: "Dr. Ortiz, MD", rolledBackAt: null },
    ]);
    const events = await db
      .selectFrom("events")
      .select(["kind", "actor", "data"])
      .where("kind", "=", "template.published")
      .orderBy("id", "desc")
      .execute();
    expect(events[0]).toEqual({
      kind: "template.published",
      actor: staff.actor,
      data: { template: "day-before", hash: hashTemplates(say("fixed")) },
    });
  });

  test("as a rehearsal stores nothing", async () => {
    expect(await publish("fixed", { ...staff, dryRun: true })).toMatchObject({ kind: "published", dryRun: true });
    expect(await inForce()).toEqual(["approved", "hello"]);
  });

  test("published by two at the same moment is stored once", async () => {
    const kinds = (await Promise.all([publish("fixed"), publish("fixed")])).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["published", "same"]);
  });
});

describe("a rollback", () => {
  test("puts the release before in force, then the approved wording, and then there is none to take back", async () => {
    await publish("fixed");
    await publish("better");
    expect(await rollBack()).toMatchObject({ kind: "rolled-back", inForce: { hash: hashTemplates(say("fixed")) } });
    expect(await inForce()).toEqual(["fixed", "hello"]);
    expect(await rollBack()).toMatchObject({ kind: "rolled-back", inForce: null });
    expect(await inForce()).toEqual(["approved", "hello"]);
    expect(await rollBack()).toMatchObject({ kind: "refused", faults: [{ path: "template" }] });
    await publish("fixed");
    expect(await inForce()).toEqual(["fixed", "hello"]);
  });

  test("as a rehearsal takes nothing back", async () => {
    await publish("fixed");
    expect(await rollBack({ ...staff, dryRun: true })).toMatchObject({ kind: "rolled-back", dryRun: true });
    expect(await inForce()).toEqual(["fixed", "hello"]);
  });
});

describe("the releases of a clinic", () => {
  test("have another version after each change, the same one until then, and none where nothing is released", async () => {
    const version = async () => (await readReleases(db, [clinicId])).get(clinicId)?.version ?? "";
    expect(await version()).toBe("");
    await publish("fixed");
    const first = await version();
    expect(await version()).toBe(first);
    await publish("better");
    const second = await version();
    expect(new Set(["", first, second]).size).toBe(3);
    await rollBack();
    expect(await version()).toBe(first);
  });

  test("are asked for once however many messages are written at that moment", async () => {
    const fresh = openDatabase({ url, connections: 2, applicationName: "releases" });
    const loads = await Promise.all(Array.from({ length: 20 }, () => loadReleases(fresh.db, [clinicId, clinicId])));
    expect(new Set(loads.map((each) => each.get(clinicId))).size).toBe(1);
    expect(loads[0]?.get(clinicId)).toEqual(new Map());
    await fresh.db.destroy();
  });

  test("are at most a second old", async () => {
    await loadReleases(db, [clinicId]);
    await publish("fixed");
    const version = (await readReleases(db, [clinicId])).get(clinicId)?.version;
    const loaded = async () => (await loadReleases(db, [clinicId])).get(clinicId)?.get("day-before");
    await expect.poll(loaded, { timeout: 5_000 }).toBe(version);
  });

  test("of a reading that failed are asked for again", async () => {
    const broken = openDatabase({ url: url.replace(/:\d+\//, ":9/"), connections: 1, applicationName: "releases" });
    await expect(loadReleases(broken.db, [clinicId])).rejects.toThrow();
    await expect(loadReleases(broken.db, [clinicId])).rejects.toThrow();
    await broken.db.destroy();
  });
});
