import { sql } from "kysely";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { LinkId } from "../../src/domain/ids.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { holdPatient } from "../../src/producers/hold-patient.ts";
import { releasePatient } from "../../src/producers/release-patient.ts";
import { voidSeries } from "../../src/producers/void-series.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "./support/aspen-ridge-web.ts";

const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };
const UNKNOWN = `/v/${"A".repeat(43)}`;
let web: Web;
let ana: Enqueued;
let count = 0;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 1_000, perSecond: 1, addresses: 10 } });
  await openClinic(web, ["iv-ketamine"]);
});

beforeEach(async () => {
  const ref = `links-${++count}`;
  const consent = { sms: { source: "intake form", at: "2026-12-29T10:05-07:00" } };
  const patient = { ref, name: "Ana Ortiz", phone: "(303) 555-0111", email: "ana@patients.example.org", consent };
  ana = await enqueueExample(web, "ana-iv", { externalId: ref, patient });
});

async function look(path: string) {
  const answer = await fetch(web.url + path);
  return { status: answer.status, headers: [...answer.headers].filter(([name]) => name !== "date"), body: await answer.text() };
}

/** As if the first text with a link had gone out: the path it carried. */
async function pretendTexted({ patientId }: Enqueued): Promise<string> {
  const { rows } = await sql<{ touchpointId: string; id: LinkId; generation: number; keyId: string }>`
    select t.id as touchpoint_id, l.id, l.generation, l.key_id from touchpoints t join links l on l.id = t.link_id
    where t.patient_id = ${patientId} and t.recipient = 'patient' and t.channel = 'sms' order by t.due_at, t.key limit 1`.execute(web.db);
  const [link] = rows;
  if (!link) throw new Error("No text is planned");
  await sql`update touchpoints set attempts = 1 where id = ${link.touchpointId}`.execute(web.db);
  return `/v/${web.tokens.tokenOf(link)}`;
}

test("a link that was texted to the number before looks like one that never was", async () => {
  const path = await pretendTexted(ana);
  expect((await look(path)).status).toBe(200);
  await changeContact(web, ana.patientId, { ...BY, change: { phone: "+13035550119", consents: [] } });
  expect(await look(path)).toEqual(await look(UNKNOWN));
});

test("while the patient is on hold every link looks like one that never was, and opens again afterwards", async () => {
  const path = await pathOf(web, ana.seriesId);
  await holdPatient(web, ana.patientId, { ...BY, code: "deceased", reason: "Her sister called" });
  expect(await look(path)).toEqual(await look(UNKNOWN));
  await releasePatient(web, ana.patientId, BY);
  expect((await look(path)).status).toBe(200);
});

test("the links of a series that was undone look like ones that never were", async () => {
  const path = await pathOf(web, ana.seriesId);
  await voidSeries(web, ana.seriesId, { ...BY, reach: "undo" });
  expect(await look(path)).toEqual(await look(UNKNOWN));
});
