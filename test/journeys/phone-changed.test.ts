import { expect, test } from "vitest";
import { sql } from "kysely";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { changeConsent } from "../../src/producers/change-consent.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { holdPatient } from "../../src/producers/hold-patient.ts";
import { pauseSeries } from "../../src/producers/pause-series.ts";
import { resumeSeries } from "../../src/producers/resume-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { describeOnBackends, EXAMPLES_BEGIN, openWorld, readSeriesExample, type World } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";

const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };
const OLD = "+13035550111";
const NEW = "+13035550119";
const dayOf = (days: number) => instant(EXAMPLES_BEGIN + days * DAY);

async function enrolAna(world: World) {
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const [result] = await enqueueSeries(world.deps, [ana], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) expect.unreachable();
  return { patientId: result.patientId, seriesId: result.seriesId };
}

/** Messages sent to the patient over that channel, each with the clinic time it was due. */
async function sentTo({ deps: { db } }: World, channel: "sms" | "email") {
  return db
    .selectFrom("touchpoints")
    .select(["dueAt", "rule"])
    .where("recipient", "=", "patient")
    .where("channel", "=", channel)
    .where("state", "=", "sent")
    .orderBy("dueAt")
    .execute();
}

async function live({ deps: { db } }: World): Promise<number> {
  return (await sql`select from touchpoints where recipient <> 'staff' and state in ('planned', 'sending', 'unknown', 'held')`.execute(db))
    .rows.length;
}

describeOnBackends("Ana changes her phone in the middle of the course", async (backend) => {
  const world = await openWorld({ backend });

  test("and nothing goes to the old number any more, nor to the new one until she has agreed", async () => {
    await world.startWorkers();
    const { patientId } = await enrolAna(world);
    const facts = [
      { at: dayOf(9), happen: () => changeContact(world.deps, patientId, { ...BY, change: { phone: NEW, consents: [] } }) },
      {
        at: dayOf(13),
        happen: () =>
          changeConsent(world.deps, patientId, {
            ...BY,
            person: "patient",
            action: "granted",
            consent: { to: "sms", source: "phone call", at: dayOf(12), wording: null },
          }),
      },
    ];
    await stepThrough(world.deps.db, { until: dayOf(60), facts: [...facts, ...(await attendAll(world))] });
    const texts = await sentTo(world, "sms");
    expect(texts.filter(({ dueAt }) => dueAt < dayOf(9)).length).toBeGreaterThan(0);
    expect(texts.filter(({ dueAt }) => dueAt > dayOf(9) && dueAt < dayOf(13))).toEqual([]);
    expect(texts.filter(({ dueAt }) => dueAt > dayOf(13)).length).toBeGreaterThan(0);
    const mails = await sentTo(world, "email");
    expect(mails.filter(({ dueAt }) => dueAt > dayOf(9) && dueAt < dayOf(13)).length).toBeGreaterThan(0);
    const dialled = world.twilio.messages().map(({ to }) => to);
    expect(dialled.lastIndexOf(OLD)).toBeLessThan(dialled.indexOf(NEW));
    expect(await live(world)).toBe(0);
  });
});

describeOnBackends("Ana's series is paused for a week and resumed", async (backend) => {
  const world = await openWorld({ backend });

  test("and nothing leaves in that week, nor is any of it made up for", async () => {
    await world.startWorkers();
    const { seriesId } = await enrolAna(world);
    const left: number[] = [];
    const countLeft = async () => left.push((await sentTo(world, "sms")).length + (await sentTo(world, "email")).length);
    const facts = [
      { at: dayOf(8), happen: async () => countLeft().then(() => pauseSeries(world.deps, seriesId, BY)) },
      { at: dayOf(15), happen: async () => countLeft().then(() => resumeSeries(world.deps, seriesId, BY)) },
    ];
    await stepThrough(world.deps.db, { until: dayOf(60), facts: [...facts, ...(await attendAll(world))] });
    await countLeft();
    const [atPause = 0, atResumption, atEnd] = left;
    expect(atPause).toBeGreaterThan(0);
    expect(atResumption).toBe(atPause);
    expect(atEnd).toBeGreaterThan(atPause);
    const rows = await world.deps.db.selectFrom("touchpoints").select(["state", "recipient", "dueAt", "sendBy"]).execute();
    const late = rows.filter(
      ({ state, recipient, dueAt, sendBy }) => state === "sent" && recipient === "patient" && dueAt > dayOf(8) && sendBy <= dayOf(15),
    );
    expect(late).toEqual([]);
    expect(await live(world)).toBe(0);
  });
});

describeOnBackends("Ana dies in the middle of the course", async (backend) => {
  const world = await openWorld({ backend });

  test("and nobody hears anything from the clinic again, neither she nor her escort", async () => {
    await world.startWorkers();
    const { patientId } = await enrolAna(world);
    const hold = {
      at: dayOf(8),
      happen: () => holdPatient(world.deps, patientId, { ...BY, code: "deceased", reason: "Her sister called" }),
    };
    await stepThrough(world.deps.db, { until: dayOf(60), facts: [hold] });
    const sent = await world.deps.db
      .selectFrom("touchpoints")
      .select("dueAt")
      .where("recipient", "!=", "staff")
      .where("state", "=", "sent")
      .execute();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter(({ dueAt }) => dueAt > dayOf(8))).toEqual([]);
    const calls = await world.deps.db
      .selectFrom("tasks")
      .select("openedAt")
      .where("kind", "in", ["call", "find-driver"])
      .where("state", "in", ["open", "taken"])
      .execute();
    expect(calls.filter(({ openedAt }) => openedAt > dayOf(8))).toEqual([]);
  });
});
