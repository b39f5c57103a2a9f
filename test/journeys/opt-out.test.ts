/** Somebody texts STOP to the carrier in the middle of a course; we learn it from the refusal of our next text, and never try that number again. */
import { sql } from "kysely";
import { expect, test } from "vitest";
import { changeConsent } from "../../src/producers/change-consent.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

describeOnBackends("Ana opts out at the carrier in the middle of her course", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;
  const story = await tellStory(world);
  const [ana, finn] = [
    await story.enqueue("ana-iv"),
    // Her husband, at the same clinic, on the same telephone.
    await story.enqueue("mid-course", (request) => ({ ...request, patient: { ...request.patient, phone: "+13035550111" } })),
  ];
  const attempts = async () =>
    (
      await sql<{ line: string }>`
      select t.rule || ' ' || d.state || ' ' || d.code as line from deliveries d join touchpoints t on t.id = d.touchpoint_id where d.code = '21610'`.execute(
        db,
      )
    ).rows.map(({ line }) => line);
  const heard = (to: string | null, from: string) => linesOf(story.reached(to).filter(({ wall }) => wall >= from));

  test("the refused text is told by mail at the same moment", async () => {
    await story.until("2027-01-11T12:00");
    world.twilio.setFaults([{ does: "refuse", code: 21610, to: ana.phone ?? expect.unreachable() }]);
    await story.until("2027-01-11T13:00");
    expect(heard(ana.phone, "2027-01-11T12:00")).toEqual([]);
    expect(heard(ana.email, "2027-01-11T12:00")).toEqual(["2027-01-11T12:45 mail home-safe"]);
    expect(await attempts()).toEqual(["home-safe refused 21610"]);
  });

  test("what was planned as a text is held, not lost, and its turn goes by mail: hers, and that of whoever shares her telephone", async () => {
    const { rows } = await sql<{ patientId: string; states: string }>`
      select patient_id, string_agg(distinct state || coalesce(' ' || reason, ''), ', ') as states from touchpoints
      where channel = 'sms' and recipient = 'patient' and due_at > (select afterglow_now()) and state <> 'suppressed' group by patient_id`.execute(
      db,
    );
    expect(rows.map(({ states }) => states)).toEqual(rows.map(() => "held opted-out"));
    expect(rows.map(({ patientId }) => patientId).toSorted()).toEqual([ana.patientId, finn.patientId].toSorted());
  });

  test("though the carrier would take texts again, none is tried any more, in either course, to the end", async () => {
    world.twilio.setFaults([]);
    await story.until("2027-02-01T09:00");
    expect(heard(ana.phone, "2027-01-11T12:00")).toEqual([]);
    expect(await attempts()).toHaveLength(1);
    const mails = [...heard(ana.email, "2027-01-11T12:00"), ...heard(finn.email, "2027-01-11T12:00")].map((line) => line.slice(17));
    expect(mails.filter((line) => line === "mail home-safe")).toHaveLength(7);
    expect(mails.filter((line) => line === "mail day-before")).toHaveLength(5);
  });

  test("her driver, who has a number of his own, is texted as ever", () => {
    expect(linesOf(story.reached(ana.escortPhone)).filter((line) => line > "2027-01-11T12:00")).toHaveLength(5);
  });

  test("a new series of hers, and a consent that staff record, do not open the number again", async () => {
    const again = await story.enqueue("ana-iv", (request) => ({
      ...request,
      externalId: "second-course",
      ...story.listed(["2027-02-10T09:00"]),
    }));
    expect(again.patientId).toBe(ana.patientId);
    const consent = { to: "sms", source: "phone call", at: story.at("2027-02-01T08:50"), wording: null } as const;
    expect(await changeConsent(world.deps, ana.patientId, { ...BY, person: "patient", action: "granted", consent })).toMatchObject({
      kind: "changed",
      warnings: [expect.stringContaining("opted out")],
    });
    await story.until("2027-02-12T12:00");
    expect(heard(ana.phone, "2027-01-11T12:00")).toEqual([]);
    expect(heard(ana.email, "2027-02-01").map((line) => line.slice(11))).toEqual(
      expect.arrayContaining(["09:10 mail welcome", "16:00 mail day-before", "12:45 mail home-safe"]),
    );
    await story.booksHold();
  });
});
