import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { markHinted } from "../../src/db/sweeps.ts";
import { expireTouchpoints, openDueTasks } from "../../src/db/sweep-ends.ts";
import { countCovered, type Coverage, listSwitches } from "../../src/db/switches.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { switchOff, switchOn } from "../../src/producers/switch-sending.ts";
import { byText } from "../support/by-text.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic, type StoredClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
const other = await storeOther(clinic);
const staff = { actor: "staff:Sam", dryRun: false };
let ana: StoredPerson;
let ben: StoredPerson;
let rows: { readonly [name: string]: TouchpointId };

/** A second clinic of the group, with senders of its own. */
async function storeOther(first: StoredClinic): Promise<StoredClinic> {
  const [clinicId, email, sms] = [newId<"clinic">(), newId<"sender">(), newId<"sender">()];
  const columns = sql.raw(
    "group_id, name, phone, country, zone, locale, address, staffed_hours, closures, quiet_from, quiet_to, undo_minutes",
  );
  await sql`insert into clinics (id, slug, ${columns}) select ${clinicId}, 'birch-hill', ${columns} from clinics where id = ${first.clinicId}`.execute(
    db,
  );
  await sql`insert into senders (id, clinic_id, channel, address, name) values (${email}, ${clinicId}, 'email', 'care@birch-hill.example', 'Birch'), (${sms}, ${clinicId}, 'sms', '+13035550199', 'Birch')`.execute(
    db,
  );
  return { ...first, clinicId, senders: { email, sms } };
}

beforeEach(async () => {
  await sql`delete from switches`.execute(db);
  await sql`delete from tasks`.execute(db);
  await sql`delete from touchpoints`.execute(db);
  await setSteppedClock(db, NOW);
  ana = await storePerson(db, clinic);
  ben = await storePerson(db, other);
  rows = {
    text: await storeTouchpoint(db, ana),
    mail: await storeTouchpoint(db, ana, { channel: "email" }),
    escort: await storeTouchpoint(db, ana, { recipient: "escort" }),
    welcome: await withTemplate("welcome", await storeTouchpoint(db, ana)),
    benText: await storeTouchpoint(db, ben),
    benMail: await storeTouchpoint(db, ben, { channel: "email" }),
  };
});

async function withTemplate(template: string, id: TouchpointId): Promise<TouchpointId> {
  await sql`update touchpoints set template = ${template} where id = ${id}`.execute(db);
  return id;
}

const SCOPES: { readonly says: string; readonly coverage: () => Coverage; readonly stops: readonly string[] }[] = [
  {
    says: "everything",
    coverage: () => ({ scope: "everything", clinicId: null, subject: null }),
    stops: ["text", "mail", "escort", "welcome", "benText", "benMail"],
  },
  {
    says: "one clinic",
    coverage: () => ({ scope: "clinic", clinicId: clinic.clinicId, subject: null }),
    stops: ["text", "mail", "escort", "welcome"],
  },
  {
    says: "one channel",
    coverage: () => ({ scope: "channel", clinicId: null, subject: "sms" }),
    stops: ["text", "escort", "welcome", "benText"],
  },
  {
    says: "one channel of one clinic",
    coverage: () => ({ scope: "channel", clinicId: other.clinicId, subject: "email" }),
    stops: ["benMail"],
  },
  {
    says: "one template",
    coverage: () => ({ scope: "template", clinicId: null, subject: "day-before" }),
    stops: ["text", "mail", "escort", "benText", "benMail"],
  },
  {
    says: "one template of one clinic",
    coverage: () => ({ scope: "template", clinicId: clinic.clinicId, subject: "welcome" }),
    stops: ["welcome"],
  },
  {
    says: "one patient and the escort",
    coverage: () => ({ scope: "patient", clinicId: null, subject: ana.patientId }),
    stops: ["text", "mail", "escort", "welcome"],
  },
  {
    says: "one patient of another clinic",
    coverage: () => ({ scope: "patient", clinicId: other.clinicId, subject: ana.patientId }),
    stops: [],
  },
];

const off = (coverage: Coverage, options = staff) => switchOff({ db }, { ...coverage, reason: "wrong times" }, options);
const nameOf = (id: string) => Object.entries(rows).find(([, each]) => each === id)?.[0] ?? id;
const claimAll = async () => {
  const taken = await Promise.all(
    (["sms", "email"] as const).map(async (channel) => {
      const ids = await db.selectFrom("touchpoints").select("id").where("channel", "=", channel).execute();
      return claimTouchpoints(
        db,
        ids.map(({ id }) => claimOf(id)),
        { workerId: newId<"worker">(), channel },
      );
    }),
  );
  return taken.flat().map(({ id }) => nameOf(id));
};
const hintAll = async () =>
  (await transact(db, (tx) => markHinted(tx, { now: NOW, horizon: NOW, lostSince: NOW }))).map(({ id }) => nameOf(id));
const except = (stopped: readonly string[]) =>
  Object.keys(rows)
    .filter((name) => !stopped.includes(name))
    .toSorted(byText);

describe.each(SCOPES)("a switch that is off for $says", ({ coverage, stops }) => {
  test("stops claim and sweep for exactly that, at once", async () => {
    await off(coverage());
    expect((await hintAll()).toSorted(byText)).toEqual(except(stops));
    expect((await claimAll()).toSorted(byText)).toEqual(except(stops));
  });

  test("stops rows that were hinted before", async () => {
    expect((await hintAll()).toSorted(byText)).toEqual(except([]));
    await off(coverage());
    expect((await claimAll()).toSorted(byText)).toEqual(except(stops));
  });

  test("counts what it covers, and says so before it is done", async () => {
    const shown = await off(coverage(), { ...staff, dryRun: true });
    expect(shown).toMatchObject({ kind: "switched", dryRun: true, covered: { planned: stops.length, due: stops.length } });
    expect(await listSwitches(db)).toEqual([]);
    expect(await countCovered(db, coverage())).toEqual({ planned: stops.length, due: stops.length, endWithinADay: stops.length });
  });

  test("put on again, lets go everything that is still of use", async () => {
    await off(coverage());
    expect((await switchOn({ db }, coverage(), staff)).kind).toBe("switched");
    expect((await claimAll()).toSorted(byText)).toEqual(except([]));
  });
});

describe("switches", () => {
  const everything: Coverage = { scope: "everything", clinicId: null, subject: null };

  test("leave work for staff alone", async () => {
    const [call, task] = [
      await storeTouchpoint(db, ana, { channel: "task" }),
      await storeTouchpoint(db, ana, { channel: "task", recipient: "staff" }),
    ];
    await off(everything);
    await transact(db, (tx) => openDueTasks(tx, NOW));
    expect([await stateOf(db, call), await stateOf(db, task)]).toEqual(["tasked", "tasked"]);
  });

  test("let expire what is over meanwhile, visibly, with a call for what mattered; put on again, that does not go", async () => {
    const critical = await storeTouchpoint(db, ana, {
      importance: "critical",
      legal: [{ from: instant(NOW - HOUR), to: instant(NOW + MINUTE) }],
    });
    await off(everything);
    await stepClock(db, instant(NOW + MINUTE));
    await transact(db, (tx) => expireTouchpoints(tx, instant(NOW + MINUTE)));
    expect(await db.selectFrom("touchpoints").select(["state", "reason"]).where("id", "=", critical).executeTakeFirst()).toEqual({
      state: "expired",
      reason: "too-late",
    });
    expect(await db.selectFrom("tasks").select(["touchpointId", "kind"]).execute()).toEqual([{ touchpointId: critical, kind: "call" }]);
    await switchOn({ db }, everything, staff);
    expect((await claimAll()).toSorted(byText)).toEqual(except([]));
  });

  test("do not let go what nobody has ended yet although it is over", async () => {
    const over = await storeTouchpoint(db, ana, { legal: [{ from: instant(NOW - HOUR), to: instant(NOW + MINUTE) }] });
    await off(everything);
    await stepClock(db, instant(NOW + MINUTE));
    await switchOn({ db }, everything, staff);
    expect(await claimAll()).not.toContain(over);
  });

  test("that are off hold on when another one is put on", async () => {
    await off(everything);
    await off({ scope: "channel", clinicId: null, subject: "sms" });
    await switchOn({ db }, everything, staff);
    expect((await claimAll()).toSorted(byText)).toEqual(["benMail", "mail"]);
  });

  test("are off once, whoever puts them off at the same moment, and on once", async () => {
    const kinds = (await Promise.all([off(everything), off(everything), off(everything)])).map(({ kind }) => kind);
    expect(kinds.toSorted(byText)).toEqual(["same", "same", "switched"]);
    expect(await listSwitches(db)).toMatchObject([{ scope: "everything", clinic: null, reason: "wrong times", actor: "staff:Sam" }]);
    expect((await switchOn({ db }, everything, { ...staff, dryRun: true })).kind).toBe("switched");
    expect(await listSwitches(db)).toHaveLength(1);
    expect((await switchOn({ db }, everything, staff)).kind).toBe("switched");
    expect(await switchOn({ db }, everything, staff)).toEqual({ kind: "same" });
    const events = await db.selectFrom("events").select("kind").where("kind", "like", "sending.%").execute();
    expect(events.slice(-2).map(({ kind }) => kind)).toEqual(["sending.switched-off", "sending.switched-on"]);
  });
});
