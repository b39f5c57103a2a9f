import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { monotonicMs, newId } from "../../src/clock.ts";
import { findApprovalInForce, readApprovedTemplates } from "../../src/db/approvals.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { checkLedger } from "../../src/db/ledger.ts";
import { templateSourcesSchema } from "../../src/messages/template-sources.ts";
import { sayMissingWords } from "../../src/workers/say-missing-words.ts";
import { enrol } from "../producers/support/enrolled.ts";
import { write } from "../producers/support/texting.ts";
import { at, openWorld } from "../support/world.ts";
import { makeSenders } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const PHONE = "+13035550176";
const NIGHT = at("2027-01-09T09:30:00Z");
const PROTOCOL = { id: "iv-ketamine", version: 1 };

type Words = Readonly<Record<string, unknown>>;

/** From now on series of the protocol are made under this approval, as somebody might have made it before the crisis text was written. */
async function approveWith(change: (templates: Words) => Words): Promise<void> {
  const inForce = await findApprovalInForce(db, world.clinicId, PROTOCOL);
  if (!inForce) throw new Error("Nothing is approved");
  const templates = change(templateSourcesSchema.parse(await readApprovedTemplates(db, inForce.id)));
  await sql`
    insert into protocol_approvals (id, clinic_id, protocol, version, content, templates, hash, approved_by)
    select ${newId()}::uuid, clinic_id, protocol, version, content, ${JSON.stringify(templates)}::jsonb, 'old', approved_by
    from protocol_approvals where id = ${inForce.id}`.execute(db);
}

const without = ({ "answer-crisis": _gone, ...rest }: Words): Words => rest;
const broken = (templates: Words): Words => ({
  ...templates,
  "answer-crisis": { en: { sms: "{{ clinic.nickname }}: call 988" }, es: { sms: "{{ clinic.nickname }}" } },
});

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await sql`delete from alerts`.execute(db);
  await sql`delete from inbound_messages`.execute(db);
  await sql`update contact_points set address_index = null`.execute(db);
  world.twilio.clear();
});

async function answerInDanger(locale: "en" | "es"): Promise<string[]> {
  await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: PHONE, locale } }));
  await setSteppedClock(db, NIGHT);
  const id = await write(world, PHONE, "quiero morir");
  const answer = await db.selectFrom("touchpoints").select("id").where("key", "=", `answer/${id}/answer-crisis`).executeTakeFirstOrThrow();
  await (await makeSenders(world)).sms({ touchpointIds: [answer.id] });
  return world.twilio.messages().map(({ body }) => body);
}

test.each([
  ["lacks the crisis text", "en", without, "call or text 988 now"],
  ["lacks the crisis text", "es", without, "llame al 988"],
  ["has one that cannot be written", "en", broken, "call or text 988 now"],
] as const)("an approval that %s does not keep somebody in danger from being answered (%s)", async (_what, locale, change, words) => {
  await approveWith(change);
  expect(await answerInDanger(locale)).toEqual([expect.stringContaining(words)]);
  expect(world.logged.join("\n")).toContain("message.shipped-wording");
});

test("an approval in use that lacks the crisis text is found by the ledger and told by the worker; approved again it is not", async () => {
  await approveWith(without);
  const find = async () => (await checkLedger(db, { clinicId: null, now: monotonicMs })).find(({ name }) => name === "crisis-words");
  expect(await find()).toMatchObject({ state: "violated" });
  expect(await sayMissingWords(world.deps)).toBeGreaterThan(0);
  expect(world.logged.join("\n")).toContain("approval.words-missing");
  await sql`update series set status = 'completed'`.execute(db);
  await approveWith((templates) => ({ ...templates, "answer-crisis": { en: { sms: "988" }, es: { sms: "988" } } }));
  expect(await find()).toMatchObject({ state: "holds" });
});
