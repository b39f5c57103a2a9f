import { beforeEach, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { instant, parseDay } from "../../src/domain/calendar.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { parseSyncCsv } from "../../src/domain/parse-sync-csv.ts";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { postponeSession } from "../../src/producers/postpone-session.ts";
import { recordOutcome } from "../../src/producers/record-outcome.ts";
import { type SyncOptions, type Synced, syncSessions } from "../../src/producers/sync-sessions.ts";
import { type Course, enrolAna, nth, onWall, rowsOf } from "../support/course.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
const rows = rowsOf(world);
const BY = { actor: "staff:test", dryRun: false, ifRevision: null, because: "clinic" } as const;
let ana: Course;
let order: string;
let prefix: string;
let people = 0;

/** Ana's six visits as her clinic's own system has them: v1 to v6, two of which nobody has changed by a minute. */
const AS_BOOKED = ["2027-01-11T09:00", "2027-01-13T09:00", "2027-01-15T09:00", "2027-01-20T09:00", "2027-01-22T09:00", "2027-01-25T09:00"];

beforeEach(async () => {
  await db.updateTable("series").set({ status: "stopped" }).execute();
  prefix = `p${++people}`;
  ana = await enrolAna(world, (asked) => {
    order = asked.externalId ?? "";
    return asked;
  });
  for (const [index, id] of ana.sessions.entries())
    await db
      .updateTable("sessions")
      .set({ externalIdIndex: vault.blindIndex("external-id", `${prefix}-v${index + 1}`) })
      .where("id", "=", id)
      .execute();
});

type Wish = readonly [visit: string, startsAt: string, ...rest: string[]];
const file = (...wishes: readonly Wish[]) =>
  ["externalId,startsAt,status,minutes,series,kind", ...wishes.map(([visit, ...rest]) => `${prefix}-${visit},${rest.join(",")}`)].join(
    "\n",
  );
const booked = (changes: Readonly<Record<string, readonly [string, ...string[]] | null>> = {}): Wish[] =>
  AS_BOOKED.flatMap((startsAt, index): Wish[] => {
    const visit = `v${index + 1}`;
    const change = changes[visit];
    return change === null ? [] : [[visit, ...(change ?? ([startsAt] as const))]];
  });

async function sync(text: string, mode: SyncOptions["mode"] = "apply", until: string | null = null): Promise<Synced> {
  const options = { clinic: world.clinic.slug, actor: "staff:test", mode, until: until === null ? null : (parseDay(until) ?? null) };
  const result = await syncSessions(world.deps, parseSyncCsv(text), options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.faults));
  return result;
}
const kinds = ({ rows: found }: Synced) => found.map(({ kind }) => kind);
const wallOf = async (number: number) => onWall((await rows.session(nth(ana, number))).startsAt);
const reviews = () =>
  db.selectFrom("tasks").select(["sessionId", "kind", "template", "state", "importance"]).where("patientId", "=", ana.patientId).execute();

describe("the clinic's own export", () => {
  test("that says what is so changes nothing", async () => {
    const before = await rows.dump();
    const result = await sync(file(...booked()));
    expect(kinds(result)).toEqual(Array.from({ length: 6 }, () => "unchanged"));
    expect(result.missing).toEqual([]);
    expect(await rows.dump()).toEqual(before);
  });

  test("moves, cancels and adds; a preview shows the same and stores not a row; a second time nothing is left to do", async () => {
    const text = file(...booked({ v2: ["2027-01-13T14:00"], v6: ["2027-01-25T09:00", "cancelled"] }), [
      "new",
      "2027-01-29T09:00",
      "",
      "45",
      order,
      "booster",
    ]);
    const before = await rows.dump();
    const preview = await sync(text, "preview");
    expect(await rows.dump()).toEqual(before);
    expect(kinds(preview)).toEqual(["unchanged", "move", "unchanged", "unchanged", "unchanged", "cancel", "add"]);
    expect(preview).toMatchObject({ applied: false });
    const applied = await sync(text);
    expect(applied).toMatchObject({ applied: true });
    expect(applied.rows.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual(
      preview.rows.map(({ kind, from, to }) => ({ kind, from, to })),
    );
    expect(applied.touchpoints.length).toBe(preview.touchpoints.length);
    expect(await wallOf(2)).toBe("2027-01-13T14:00");
    expect((await rows.session(nth(ana, 6))).status).toBe("cancelled");
    const added = await db
      .selectFrom("sessions")
      .selectAll()
      .where("seriesId", "=", ana.seriesId)
      .where("kind", "=", "booster")
      .executeTakeFirstOrThrow();
    expect(onWall(added.startsAt)).toBe("2027-01-29T09:00");
    expect((added.endsAt - added.startsAt) / 60_000).toBe(45 + 45);
    const settled = await rows.dump();
    expect(kinds(await sync(text))).toEqual(Array.from({ length: 7 }, () => "unchanged"));
    expect(await rows.dump()).toEqual(settled);
  });

  test("lets two sessions change places, and a whole course move by one session, because they stand together", async () => {
    expect(kinds(await sync(file(...booked({ v1: [AS_BOOKED[1] ?? ""], v2: [AS_BOOKED[0] ?? ""] }))))).toContain("move");
    expect([await wallOf(1), await wallOf(2)]).toEqual([AS_BOOKED[1], AS_BOOKED[0]]);
    const shifted = [...AS_BOOKED.slice(1), "2027-01-27T09:00"];
    const course = Object.fromEntries(shifted.map((startsAt, index) => [`v${index + 1}`, [startsAt] as const]));
    expect(kinds(await sync(file(...booked(course)))).filter((kind) => kind === "refused")).toEqual([]);
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(wallOf))).toEqual(shifted);
  });

  test("asks about a session that it lacks, once, and never cancels it", async () => {
    const text = file(...booked({ v3: null }));
    const before = await rows.dump();
    const preview = await sync(text, "preview");
    expect(preview.missing).toMatchObject([{ session: toPublicId("session", nth(ana, 3)), number: 3 }]);
    expect(preview.asked).toBe(1);
    expect(await rows.dump()).toEqual(before);
    expect(await sync(text)).toMatchObject({ asked: 1 });
    expect(await reviews()).toEqual([
      { sessionId: nth(ana, 3), kind: "review", template: "missing-from-calendar", state: "open", importance: "high" },
    ]);
    expect((await rows.session(nth(ana, 3))).status).toBe("scheduled");
    await db.updateTable("tasks").set({ state: "done" }).where("patientId", "=", ana.patientId).execute();
    expect(await sync(text)).toMatchObject({ asked: 0, missing: [{ number: 3 }] });
    expect(await reviews()).toHaveLength(1);
  });

  test("speaks of its own days only, unless somebody says that it reaches further", async () => {
    const text = file(...booked({ v5: null, v6: null }));
    expect((await sync(text, "preview")).missing).toEqual([]);
    expect((await sync(text, "preview", "2027-01-24")).missing).toMatchObject([{ number: 5 }]);
    expect((await sync(text, "preview", "2027-01-25")).missing).toMatchObject([{ number: 5 }, { number: 6 }]);
  });

  test("that is broken altogether asks about nobody", async () => {
    expect(await sync("externalId,startsAt\nv1\n")).toMatchObject({ missing: [], asked: 0 });
  });

  test("leaves what has an outcome where it is", async () => {
    const { startsAt } = await rows.session(nth(ana, 1));
    await stepClock(db, instant(startsAt + 60_000));
    await recordOutcome(world.deps, nth(ana, 1), { outcome: { status: "dosed" }, actor: "staff:test" });
    const before = await rows.dump();
    expect(kinds(await sync(file(...booked({ v1: ["2027-01-12T09:00"] }))))).toEqual([
      "refused",
      ...Array.from({ length: 5 }, () => "unchanged"),
    ]);
    expect(kinds(await sync(file(...booked({ v1: ["2027-01-11T09:00", "cancelled"] }))))[0]).toBe("refused");
    expect(kinds(await sync(file(...booked({ v1: ["2027-01-11T09:00", "completed"] }))))[0]).toBe("unchanged");
    expect(await rows.dump()).toEqual(before);
  });

  test("does not bring back what is postponed or cancelled here by still having it at its old time", async () => {
    await postponeSession(world.deps, nth(ana, 2), BY);
    await cancelSession(world.deps, nth(ana, 3), BY);
    const before = await rows.dump();
    expect(kinds(await sync(file(...booked())))).toEqual(["unchanged", "unchanged", "refused", "unchanged", "unchanged", "unchanged"]);
    expect(await rows.dump()).toEqual(before);
    expect(kinds(await sync(file(...booked({ v2: ["2027-01-14T09:00"] }))))[1]).toBe("move");
    expect(await rows.session(nth(ana, 2))).toMatchObject({ status: "scheduled", localStart: "2027-01-14T09:00" });
  });

  test("warns of a spacing that it breaks, with a proposal, and takes it", async () => {
    const result = await sync(file(...booked({ v2: ["2027-01-12T09:00"] })));
    expect(result.warnings.join()).toContain("1 day apart");
    expect(result.proposal.length).toBeGreaterThan(0);
    expect(await wallOf(2)).toBe("2027-01-12T09:00");
  });
});

describe("a row of it", () => {
  test("that is bad is reported by its line and stops no other", async () => {
    const text = file(
      ["v1", "tomorrow"],
      ["v2", "2027-01-13T14:00"],
      ["v3", "2027-03-14T02:30"],
      ["v4", "2027-01-20T14:00", "maybe"],
      ["v5", "2026-12-01T09:00"],
      ["v6", "2027-01-25T14:00"],
    );
    const result = await sync(text);
    expect(kinds(result)).toEqual(["refused", "move", "refused", "refused", "refused", "move"]);
    expect(result.rows.flatMap(({ line, faults }) => faults.map(({ path }) => `${line} ${path}`))).toEqual([
      "2 startsAt",
      "4 startsAt",
      "5 status",
      "6 startsAt",
    ]);
    expect(result.missing).toEqual([]);
    expect(await wallOf(6)).toBe("2027-01-25T14:00");
  });

  test("that clashes gives way, the later line to the earlier one", async () => {
    const result = await sync(file(...booked({ v2: ["2027-01-14T09:00"], v3: ["2027-01-14T09:30"] })));
    expect(kinds(result).slice(0, 3)).toEqual(["unchanged", "move", "refused"]);
    expect(result.rows[2]?.faults[0]?.expected).toContain("line 3");
    expect(await wallOf(3)).toBe("2027-01-15T09:00");
  });

  test("of an unknown session is added only where the file names its series and kind", async () => {
    const before = await rows.dump();
    const result = await sync(
      file(
        ["x1", "2027-02-01T09:00"],
        ["x2", "2027-02-01T09:00", "", "", "no-such-order", "booster"],
        ["x3", "2027-02-01T09:00", "", "", order],
      ),
    );
    expect(kinds(result)).toEqual(["unknown", "unknown", "refused"]);
    expect(result.rows[2]?.faults).toMatchObject([{ path: "kind" }]);
    expect(await rows.dump()).toEqual(before);
  });

  test("that is cancelled before it was ever known here is nothing to add", async () => {
    expect(kinds(await sync(file(["x1", "2027-02-01T09:00", "cancelled", "", order, "booster"])))).toEqual(["unchanged"]);
  });

  test("lets a series that has run its course go on with a booster and says so, in the preview too; with nothing else", async () => {
    await db.updateTable("series").set({ status: "completed" }).where("id", "=", ana.seriesId).execute();
    const seriesOf = async () => db.selectFrom("series").select("status").where("id", "=", ana.seriesId).executeTakeFirstOrThrow();
    const text = file(["b1", "2027-03-01T09:00", "", "", order, "booster"], ["b2", "2027-03-02T09:00", "", "", order, "booster"]);
    const warnings = ["the series was completed and goes on again"];
    expect((await sync(text, "preview")).warnings).toEqual(expect.arrayContaining(warnings));
    const other = await sync(file(["i1", "2027-03-08T09:00", "", "", order, "integration"]));
    expect(other.rows).toMatchObject([
      { kind: "refused", faults: [{ path: "series", expected: expect.stringContaining("kind booster") }] },
    ]);
    expect(await seriesOf()).toEqual({ status: "completed" });
    const applied = await sync(text);
    expect(kinds(applied)).toEqual(["add", "add"]);
    expect(applied.warnings.filter((warning) => warnings.includes(warning))).toEqual(warnings);
    expect(await seriesOf()).toEqual({ status: "active" });
    expect((await rows.events(ana.seriesId)).filter((kind) => kind === "series.reopened")).toHaveLength(1);
  });

  test("with another length changes the length and tells nobody", async () => {
    await rows.claim(nth(ana, 3), "day-before");
    expect(kinds(await sync(file(...booked({ v3: ["2027-01-15T09:00", "", "90"] }))))[2]).toBe("move");
    expect(await rows.session(nth(ana, 3))).toMatchObject({ arming: 0, sequence: 1 });
    expect(await rows.touchpoints(nth(ana, 3), "session-moved")).toEqual([]);
  });
});

test("a clinic that is not there is refused", async () => {
  const options = { clinic: "nowhere", actor: "staff:test", mode: "apply", until: null } as const;
  expect(await syncSessions(world.deps, [], options)).toMatchObject({ kind: "refused", faults: [{ path: "clinic", value: "nowhere" }] });
});
