import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { transact } from "../../src/db/transact.ts";
import type { ContactChange } from "../../src/domain/parse-contact.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { at, EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { BY, enrol, type Enrolled, pretendSent, rowsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens, vault } = world.deps;
const NEW = "+13035550119";
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const agreed = { to: "sms", source: "phone call", at: at("2027-01-04T14:30:00Z"), wording: null } as const;
const change = (what: Partial<ContactChange>) => changeContact(world.deps, ana.patientId, { ...BY, change: { consents: [], ...what } });
const groupOf = async () => db.selectFrom("patients").select("groupId").where("id", "=", ana.patientId).executeTakeFirstOrThrow();
const textsToCome = async (of: Enrolled) =>
  (await rowsOf(db, of)).filter(({ channel, recipient, state }) => channel === "sms" && recipient === "patient" && state === "planned");

describe("Ana and Finn, a couple on one phone", () => {
  const SHARED = "+13035550142";
  let finn: Enrolled;
  const optOut = async () => {
    const { groupId } = await groupOf();
    await db
      .insertInto("optOuts")
      .values({
        groupId,
        channel: "sms",
        addressIndex: vault.blindIndex("phone", SHARED),
        source: "STOP",
        at: new Date(EXAMPLES_BEGIN).toISOString(),
      })
      .execute();
    await sql`update patients set plan_revision = plan_revision + 1 where id in (${ana.patientId}, ${finn.patientId})`.execute(db);
    for (const { patientId } of [ana, finn]) await transact(db, (tx) => planPatient(tx, patientId, tokens));
  };

  beforeEach(async () => {
    await sql`delete from opt_outs`.execute(db);
    finn = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, name: "Finn Larsen", phone: SHARED } }));
    await change({ phone: SHARED, consents: [agreed] });
  });

  test("lose their texts together when the phone opts out in the middle of the course, and none of the mail", async () => {
    await optOut();
    for (const one of [ana, finn]) {
      const rows = (await rowsOf(db, one)).filter(({ recipient, state }) => recipient === "patient" && state === "planned");
      expect(rows.filter(({ channel }) => channel === "sms")).toEqual([]);
      expect(rows.filter(({ channel }) => channel === "email").length).toBeGreaterThan(0);
    }
  });

  test("go separate ways when one of them takes another number: the other keeps the phone and its opt-out", async () => {
    await optOut();
    await change({ phone: NEW, consents: [agreed] });
    expect((await textsToCome(ana)).length).toBeGreaterThan(0);
    expect(
      (await rowsOf(db, finn)).filter(
        ({ channel, state, recipient }) => channel === "sms" && recipient === "patient" && state === "planned",
      ),
    ).toEqual([]);
  });

  test("are never one: a link sent to the shared phone for one of them is revoked for that one only", async () => {
    await pretendSent(db, ana, "sms");
    await pretendSent(db, finn, "sms");
    await change({ phone: NEW });
    const revoked = await db.selectFrom("links").select(["patientId", "kind"]).where("revokedAt", "is not", null).execute();
    expect(revoked.filter(({ patientId }) => patientId === finn.patientId)).toEqual([]);
    // What was in the text, and the preferences to which it led.
    const anas = revoked.filter(({ patientId }) => patientId === ana.patientId).map(({ kind }) => kind);
    expect(anas.toSorted()).toEqual(["preferences", "session"]);
  });
});
