import { expect, test } from "vitest";
import { claimStep, failPages, findDueAlert } from "../../src/db/alert-pages.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { MINUTE, instant } from "../../src/domain/calendar.ts";
import type { AlertId } from "../../src/domain/ids.ts";
import { sweepPages } from "../../src/workers/page-staff.ts";
import { acknowledgeAlert } from "../../src/producers/acknowledge-alert.ts";
import { at, describeOnBackends, openWorld, type World } from "../support/world.ts";
import { commitAlert, enrolAna, isDue, letPageFallDue, listPages, RUTH, SAM, worry } from "./support/alarm.ts";

/** The carrier says that the last page of an alert, or the one with that index, did not reach the phone. */
async function carrierGivesUp({ deps: { db } }: World, alertId: AlertId, index = -1): Promise<void> {
  const pages = await db.selectFrom("alertPages").select("id").where("alertId", "=", alertId).orderBy("id").execute();
  const page = pages.at(index);
  if (!page) throw new Error("Nobody was paged");
  await transact(db, (tx) => failPages(tx, [page.id]));
}

async function eventsOf({ deps: { db } }: World, alertId: AlertId): Promise<string[]> {
  const rows = await db.selectFrom("events").select("kind").where("subjectId", "=", alertId).orderBy("id").execute();
  return rows.map(({ kind }) => kind);
}

/** Monday 2027-01-11, 10:00 in Denver. */
const MONDAY = at("2027-01-11T17:00:00Z");
/** Saturday 2027-01-09, 23:00 in Denver. */
const SATURDAY_NIGHT = at("2027-01-10T06:00:00Z");

describeOnBackends("an alert on a Monday morning", async (backend) => {
  const world = await openWorld({ backend, now: MONDAY });
  const { db, pageStaff } = world.deps;
  const ana = await enrolAna(world);

  test("reaches the first person on duty by text, through the queue, with no name and nothing of what was said", async () => {
    const workers = await world.startWorkers();
    const id = await worry(world, ana);
    const texts = await world.twilio.waitForMessages(1, { withinMs: 10_000 });
    await expect.poll(() => listPages(world, id)).toEqual(["Dr. Ruth Gray: sms sent"]);
    expect(texts.map(({ to }) => to)).toEqual([RUTH.phone]);
    expect(texts[0]?.body).toBe(`Aspen Ridge Clinic: Urgent item, open the console: http://127.0.0.1:9/console/alerts/${id}`);
    await workers.stop();
  });

  test("is paged once by two who come at the same moment", async () => {
    const id = await commitAlert(world, ana);
    const seen = await findDueAlert(db, id);
    if (!seen) expect.unreachable();
    expect(
      await Promise.all([claimStep(db, seen), claimStep(db, seen), claimStep(db, seen)]).then((won) => won.filter(Boolean)),
    ).toHaveLength(1);
  });

  test("would be paged twice without the guard on the step", async () => {
    const id = await commitAlert(world, ana);
    const unguarded = () => db.updateTable("alerts").set({ step: 1 }).where("id", "=", id).executeTakeFirst();
    const won = await Promise.all([unguarded(), unguarded()]);
    expect(won.filter(({ numUpdatedRows }) => numUpdatedRows > 0n)).toHaveLength(2);
  });

  test("goes by mail at once when the carrier refuses the text", async () => {
    world.twilio.setFaults([{ does: "refuse", code: 21610, to: RUTH.phone }]);
    world.smtp.clear();
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms refused", "Dr. Ruth Gray: email sent"]);
    const [mail] = world.smtp.mails();
    expect(mail?.envelope.to).toEqual([RUTH.email]);
    expect(mail?.raw.toString()).toContain("Subject: Aspen Ridge Clinic: Urgent item, open the console");
    expect(mail?.raw.toString()).not.toContain("Ana");
    world.twilio.setFaults([]);
  });

  test("goes by mail within seconds while the provider of texts does not answer", async () => {
    world.twilio.setFaults([{ does: "stall", when: "before-accepting" }]);
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms sending", "Dr. Ruth Gray: email sent"]);
    world.twilio.setFaults([]);
  });

  test("goes to the next person at once when nobody takes a page for the first, and everybody is told that a pager is dead", async () => {
    world.twilio.setFaults([{ does: "refuse", code: 21211, to: RUTH.phone }]);
    world.smtp.setFaults([{ does: "refuse", at: "rcpt", code: 550, to: RUTH.email }]);
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms refused", "Dr. Ruth Gray: email refused", "Maria Lopez: sms sent"]);
    expect(world.logged.join("\n")).toContain("page.unreachable");
    world.twilio.setFaults([]);
    world.smtp.setFaults([]);
  });

  test("is tried again within the minute when nobody at all can be reached", async () => {
    world.twilio.setFaults([{ does: "fail", when: "before-accepting" }]);
    world.smtp.setFaults([{ does: "refuse", at: "connect", code: 421 }]);
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(new Set((await listPages(world, id)).map((line) => line.split(":")[0]))).toEqual(
      new Set(["Dr. Ruth Gray", "Maria Lopez", "Dr. Robin Lee", "Sam Ortiz", "Aspen Ridge Clinic"]),
    );
    expect(await isDue(world, id)).toBe(false);
    expect(world.logged.join("\n")).toContain("page.nobody-reached");
    world.twilio.setFaults([]);
    world.smtp.setFaults([]);
    await letPageFallDue(world, id);
    await sweepPages(world.deps);
    expect((await listPages(world, id)).at(-1)).toContain("sent");
  });

  test("is found by the sweep when the process died between the commit and the job", async () => {
    const id = await commitAlert(world, ana);
    expect(await isDue(world, id)).toBe(true);
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms sent"]);
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toHaveLength(1);
  });

  test("pages the same person again when the one who paged died with the page in hand", async () => {
    const id = await commitAlert(world, ana);
    const seen = await findDueAlert(db, id);
    if (!seen) expect.unreachable();
    await claimStep(db, seen);
    await letPageFallDue(world, id);
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms sent"]);
  });

  test("pages nobody any more once somebody has acknowledged it", async () => {
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(await acknowledgeAlert(world.deps, id, { actor: "staff:Maria Lopez", wish: "acknowledge" })).toMatchObject({ kind: "changed" });
    await letPageFallDue(world, id);
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toHaveLength(1);
  });

  test("has one owner when two acknowledge it at once, and the other is told who", async () => {
    const id = await commitAlert(world, ana);
    const results = await Promise.all(
      ["staff:Maria Lopez", "staff:Ruth Gray"].map((actor) => acknowledgeAlert(world.deps, id, { actor, wish: "acknowledge" })),
    );
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["changed", "refused"]);
    const { owner } = await db.selectFrom("alerts").select("owner").where("id", "=", id).executeTakeFirstOrThrow();
    const refused = results.find(({ kind }) => kind === "refused");
    expect(refused?.kind === "refused" && refused.faults[0]?.value).toBe(owner);
  });

  test("goes to the next person at once when the carrier gives a page up that its provider had taken", async () => {
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    expect(await isDue(world, id)).toBe(false);
    await carrierGivesUp(world, id);
    expect(await isDue(world, id)).toBe(true);
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms refused", "Maria Lopez: sms sent"]);
    expect(await eventsOf(world, id)).toContain("alert.page-undelivered");
  });

  test("is not paged again for a page that a carrier gives up once the next person has been paged, or somebody has it", async () => {
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    await letPageFallDue(world, id);
    await sweepPages(world.deps);
    await carrierGivesUp(world, id, 0);
    expect(await isDue(world, id)).toBe(false);
    const taken = await commitAlert(world, ana);
    await pageStaff(taken);
    await acknowledgeAlert(world.deps, taken, { actor: "staff:Ruth Gray", wish: "acknowledge" });
    await carrierGivesUp(world, taken);
    expect(await isDue(world, taken)).toBe(false);
  });

  test("pages nobody when it is of medium level", async () => {
    const id = await commitAlert(world, ana, { level: "medium", kind: "worsening" });
    await pageStaff(id);
    expect(await listPages(world, id)).toEqual([]);
  });
});

describeOnBackends("an alert on a Saturday night", async (backend) => {
  const world = await openWorld({ backend, now: SATURDAY_NIGHT });
  const ana = await enrolAna(world);
  const { db, pageStaff } = world.deps;

  test("goes to whoever is on call, then to the backup, the manager and round again, ten minutes apart, until it is acknowledged", async () => {
    const id = await commitAlert(world, ana);
    await pageStaff(id);
    for (let minutes = 9; minutes <= 39; minutes += 10) {
      await stepClock(db, instant(SATURDAY_NIGHT + minutes * MINUTE));
      await sweepPages(world.deps);
      await stepClock(db, instant(SATURDAY_NIGHT + (minutes + 2) * MINUTE));
      await sweepPages(world.deps);
    }
    expect(await listPages(world, id)).toEqual([
      "Sam Ortiz: sms sent",
      "Maria Lopez: sms sent",
      "Dr. Robin Lee: sms sent",
      "Sam Ortiz: sms sent",
      "Maria Lopez: sms sent",
    ]);
    await acknowledgeAlert(world.deps, id, { actor: "staff:Sam Ortiz", wish: "acknowledge" });
    await stepClock(db, instant(SATURDAY_NIGHT + 120 * MINUTE));
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toHaveLength(5);
  });

  test("waits for Monday's first staffed hour when it is not critical", async () => {
    const id = await commitAlert(world, ana, { level: "high", kind: "side-effect" });
    await pageStaff(id);
    await stepClock(db, at("2027-01-11T14:59:00Z"));
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toEqual([]);
    await stepClock(db, at("2027-01-11T15:01:00Z"));
    await sweepPages(world.deps);
    expect(await listPages(world, id)).toEqual(["Dr. Ruth Gray: sms sent"]);
    expect(world.twilio.messages().at(-1)?.to).not.toBe(SAM.phone);
  });
});
