import { beforeAll, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

/** Everything in Ana's file that tells who she is or what she is treated with. */
const PRIVATE = /Ana|Ortiz|Marta|555-?01|\+1303|example\.org|10482/;

type Shown = {
  readonly sessions: readonly { readonly id: string; readonly number: number; readonly status: string; readonly local: string }[];
  readonly touchpoints: readonly {
    readonly id: string;
    readonly rule: string;
    readonly session: number | null;
    readonly channel: string;
    readonly state: string;
    readonly awaits: string | null;
  }[];
  readonly counts: Record<string, number>;
};

let clinic: SeededClinic;
let seriesId: string;

beforeAll(async () => {
  clinic = await seedClinic();
  seriesId = String(linesOf((await clinic.run(["series", "enqueue", ANA, "--json"])).stdout)[0]?.["series"]);
  await clinic.plan();
});

async function show(): Promise<Shown> {
  return JSON.parse((await clinic.run(["series", "show", seriesId, "--json"])).stdout);
}

async function findTouchpoint(wanted: { rule: string; session: number | null; channel?: string }): Promise<string> {
  const { touchpoints } = await show();
  const found = touchpoints.find(
    ({ rule, session, channel }) => rule === wanted.rule && session === wanted.session && channel === (wanted.channel ?? channel),
  );
  expect(found).toBeDefined();
  return found?.id ?? "";
}

async function explain(id: string) {
  const { code, stdout } = await clinic.run(["touchpoint", "explain", id, "--json"]);
  expect(code).toBe(0);
  expect(stdout).not.toMatch(PRIVATE);
  return JSON.parse(stdout);
}

test("a series shows its sessions in order and its touchpoints counted by state", async () => {
  const { sessions, touchpoints, counts } = await show();
  expect(sessions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(sessions[0]).toMatchObject({ status: "scheduled", local: "2027-01-11T09:00" });
  expect(Object.values(counts).reduce((sum, number) => sum + number, 0)).toBe(touchpoints.length);
});

test("a touchpoint that waits for a fact says which, condition by condition", async () => {
  const explained = await explain(await findTouchpoint({ rule: "home-safe", session: 1 }));
  expect(explained).toMatchObject({
    state: "planned",
    claimableNow: false,
    awaits: "discharge",
    times: { dueAt: { local: "2027-01-11T12:45" } },
  });
  expect(explained.conditions).toContainEqual({ name: "awaits", holds: false, says: expect.stringContaining("discharge") });
  expect(explained.conditions).toContainEqual({ name: "consent", holds: true, says: expect.any(String) });
});

test("a suppressed touchpoint says why in words, and which other one speaks for it", async () => {
  const merged = (await show()).touchpoints.find(({ rule, state }) => rule.startsWith("eating-notice") && state === "suppressed");
  expect(await explain(merged?.id ?? "")).toMatchObject({
    reason: "merged",
    says: "It will not be sent: another message says it too.",
    conditions: [],
    mergedInto: expect.stringMatching(/^tp_/),
  });
});

test("a revoked consent, a hold and an opt-out are each told apart, and the claim agrees", async () => {
  const id = await findTouchpoint({ rule: "day-before", session: 1, channel: "sms" });
  await setSteppedClock(clinic.db, at("2027-01-10T23:30:00Z"));
  expect(await explain(id)).toMatchObject({ claimableNow: true });
  await clinic.pool.query("update contact_points set granted = false where channel = 'sms' and person = 'patient'");
  await clinic.pool.query("update patients set hold_code = 'clinical'");
  await clinic.pool.query(
    "insert into opt_outs select group_id, channel, address_index, 'test', now() from contact_points where channel = 'sms' and person = 'patient'",
  );
  const { conditions, claimableNow } = await explain(id);
  const open = conditions.filter(({ holds }: { holds: boolean }) => !holds).map(({ name }: { name: string }) => name);
  expect({ open, claimableNow }).toEqual({ open: ["hold", "consent", "opt-out"], claimableNow: false });
  await clinic.pool.query("update contact_points set granted = true; update patients set hold_code = null; delete from opt_outs");
  expect(await explain(id)).toMatchObject({ claimableNow: true });
});

test("the outlook of a patient is found by chart number or by id, and names nobody", async () => {
  const byRef = await clinic.run(["outlook", "--patient", "10482", "--days", "60", "--json"]);
  const rows = linesOf(byRef.stdout);
  expect(rows.length).toBeGreaterThan(10);
  expect(byRef.stdout).not.toMatch(PRIVATE);
  expect(new Set(rows.map((row) => row["state"]))).toEqual(new Set(["planned"]));
  const byId = await clinic.run(["outlook", "--patient", String(rows[0]?.["patient"]), "--days", "60", "--json"]);
  const ofClinic = await clinic.run(["outlook", "--clinic", "aspen-ridge", "--days", "60", "--json"]);
  expect(byId.stdout).toBe(byRef.stdout);
  expect(ofClinic.stdout).toBe(byRef.stdout);
});

test("the outlook ends after the days asked for", async () => {
  const rows = linesOf((await clinic.run(["outlook", "--clinic", "aspen-ridge", "--days", "1", "--json"])).stdout);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(Date.parse(String(row["dueAt"]))).toBeLessThan(Date.parse("2027-01-11T23:30:00Z"));
});

test("a chart number that nobody has is refused", async () => {
  expect(await clinic.run(["outlook", "--patient", "99999"])).toMatchObject({ code: 1, stdout: "" });
});

test("what happened at a session is recorded, once, and releases what waited for it", async () => {
  const session = (await show()).sessions[0]?.id ?? "";
  await setSteppedClock(clinic.db, at("2027-01-11T17:30:00Z"));
  expect(await clinic.run(["session", "discharge", session])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("expected a session that is dosed"),
  });
  expect(await clinic.run(["session", "dose", session, "--at", "2027-01-11T09:05-07:00", "--json"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"kind":"changed"'),
  });
  expect(await clinic.run(["session", "dose", session, "--json"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"kind":"same"'),
  });
  expect(await clinic.run(["session", "discharge", session])).toMatchObject({ code: 0 });
  expect(await explain(await findTouchpoint({ rule: "home-safe", session: 1 }))).toMatchObject({
    awaits: null,
    times: { dueAt: { utc: "2027-01-11T19:30:00.000Z" } },
  });
});

test("the status counts what is due, for how long, and says that nobody works", async () => {
  // Half an hour after the evening messages before the second session came due.
  await setSteppedClock(clinic.db, at("2027-01-12T23:30:00Z"));
  const { code, stdout } = await clinic.run(["status", "--json"]);
  expect(code).toBe(0);
  const status = JSON.parse(stdout);
  expect(status.due).toBeGreaterThanOrEqual(3);
  expect(status.oldestDueSeconds).toBeGreaterThanOrEqual(1_800);
  expect(status).toMatchObject({
    clock: { mode: "stepped", now: "2027-01-12T23:30:00.000Z" },
    touchpoints: { planned: expect.any(Number), suppressed: expect.any(Number) },
    unplannedPatients: 0,
    openTasks: 0,
    workers: [],
    queues: {
      backend: "postgres",
      jobs: { "plan-series": expect.any(Object), "send-email": expect.any(Object), "send-sms": expect.any(Object) },
    },
    lateness: { sends: 0, p50Ms: null, p99Ms: null },
  });
});

test.each([
  ["series", "show"],
  ["touchpoint", "explain"],
  ["session", "arrive"],
])("%s %s refuses an id that nothing has", async (noun, verb) => {
  expect(await clinic.run([noun, verb, "0197c3a4-5a1e-7c00-8f00-0123456789ab"])).toMatchObject({ code: 1, stdout: "" });
});
