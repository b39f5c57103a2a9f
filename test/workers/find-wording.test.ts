import { sql } from "kysely";
import { expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { findApprovalInForce, getApprovals } from "../../src/db/approvals.ts";
import { insertRelease } from "../../src/db/template-releases.ts";
import { transact } from "../../src/db/transact.ts";
import type { ApprovalId } from "../../src/domain/ids.ts";
import { findWording } from "../../src/workers/find-wording.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const inForce = await findApprovalInForce(db, world.clinicId, { id: "iv-ketamine", version: 1 });
if (!inForce) throw new Error("Nothing is approved");

/** The approval in force once more, with other words or another title. */
async function approveAgain({ sms, title }: { sms?: string; title?: string } = {}): Promise<ApprovalId> {
  const id = newId<"approval">();
  await sql`
    insert into protocol_approvals (id, clinic_id, protocol, version, content, templates, hash, approved_by, approved_at)
    select ${id}::uuid, clinic_id, protocol, version,
      case when ${title ?? null}::text is null then content else jsonb_set(content::jsonb, '{title}', to_jsonb(${title ?? null}::text)) end,
      case when ${sms ?? null}::text is null then templates else jsonb_set(templates::jsonb, '{welcome,en,sms}', to_jsonb(${sms ?? null}::text)) end,
      'again', approved_by, '2000-01-01'
    from protocol_approvals where id = ${inForce?.id}`.execute(db);
  return id;
}

const welcome = { stem: "welcome", locale: "en", releaseId: null } as const;

test("approvals of equal text share one protocol and one compiled wording, however many clinics approved it", async () => {
  const ids = [await approveAgain(), await approveAgain()];
  const approvals = [...(await getApprovals(db, ids)).values()];
  expect(new Set(approvals.map(({ protocol }) => protocol))).toEqual(new Set([inForce.protocol]));
  expect(approvals[0]?.protocol).toBe(approvals[1]?.protocol);
  const [one, other] = await Promise.all(ids.map((approvalId) => findWording(db, { ...welcome, approvalId })));
  expect(one?.find("welcome", "en")?.sms).toBeTypeOf("function");
  expect(one).toBe(other);
});

test("approvals of other text have protocols and wordings of their own", async () => {
  const approvalId = await approveAgain({ title: "Another title", sms: "Other words." });
  expect((await getApprovals(db, [approvalId])).get(approvalId)?.protocol).toMatchObject({ title: "Another title", id: "iv-ketamine" });
  expect(await findWording(db, { ...welcome, approvalId })).not.toBe(await findWording(db, { ...welcome, approvalId: inForce.id }));
});

test("only the one message in the one language is read; one that the approval does not name is none", async () => {
  const wording = await findWording(db, { ...welcome, approvalId: inForce.id });
  expect(wording.find("welcome", "es")).toBeUndefined();
  expect(wording.find("day-before", "en")).toBeUndefined();
  expect((await findWording(db, { ...welcome, stem: "no-such", approvalId: inForce.id })).find("no-such", "en")).toBeUndefined();
});

test("a release says its words where the approval names the stem, and nothing where it does not", async () => {
  const sources = { en: { sms: "Released words." } };
  const release = (stem: string) =>
    transact(db, (tx) => insertRelease(tx, { clinicId: world.clinicId, stem, sources, hash: "released", by: "Dr. Ortiz, MD" }));
  const [named, unnamed] = [await release("welcome"), await release("no-such")];
  const place = { locale: "en", approvalId: inForce.id } as const;
  const said = await findWording(db, { ...place, stem: "welcome", releaseId: named });
  expect(said.find("welcome", "en")?.email).toBeUndefined();
  expect(said.find("welcome", "en")?.sms).toBeTypeOf("function");
  expect((await findWording(db, { ...place, stem: "no-such", releaseId: unnamed })).find("no-such", "en")).toBeUndefined();
});

test("one that cannot be compiled is asked for again, and keeps no other from being written", async () => {
  const approvalId = await approveAgain({ sms: "{{ clinic.nickname }}" });
  await expect(findWording(db, { ...welcome, approvalId })).rejects.toThrow();
  await expect(findWording(db, { ...welcome, approvalId })).rejects.toThrow();
  const other = await findWording(db, { ...welcome, stem: "day-before", approvalId });
  expect(other.find("day-before", "en")?.sms).toBeTypeOf("function");
});
