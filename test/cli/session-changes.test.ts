import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic } from "./seed-clinic.ts";

const clinic = await seedClinic();
let series: string;
let sessions: string[];

beforeAll(async () => {
  const [enqueued] = linesOf((await clinic.run(["series", "enqueue", ANA, "--json"])).stdout);
  series = String(enqueued?.["series"]);
  await clinic.plan();
  sessions = await listIds();
});

async function listIds(): Promise<string[]> {
  const [shown] = linesOf((await clinic.run(["series", "show", series, "--json"])).stdout);
  const listed = shown?.["sessions"];
  return Array.isArray(listed) ? listed.map((session: { id: string }) => session.id) : [];
}

const third = () => sessions[2] ?? expect.unreachable();
const session = (...args: string[]) => clinic.run(["session", ...args]);

describe("session move", () => {
  test("shows first what would change, then changes it, then has nothing to do", async () => {
    const shown = await session("move", third(), "--to", "2027-01-19T10:00", "--because", "patient", "--dry-run");
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain("Would be: session 3 moves from Fri 2027-01-15 09:00 to Tue 2027-01-19 10:00");
    expect(shown.stdout).toContain("Nothing was stored");
    expect(shown.stderr).toContain("warning: The doses on");
    expect(shown.stdout).toMatch(/To keep the protocol's spacing.*\n {2}session \d, .* -> .*: afterglow session move ses_/);
    const done = await session("move", third(), "--to", "2027-01-15T14:00", "--actor", "Sam Lee", "--json");
    expect(linesOf(done.stdout)).toMatchObject([
      { kind: "changed", session: third(), from: "2027-01-15T16:00:00.000Z", to: "2027-01-15T21:00:00.000Z", proposal: [] },
    ]);
    expect((await session("move", third(), "--to", "2027-01-15T14:00")).stdout).toContain("nothing was stored");
  });

  test("refuses a stale plan and a time that does not exist with 1, and a time that cannot be read with 2", async () => {
    expect(await session("move", third(), "--to", "2027-01-15T15:00", "--if-revision", "1")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("revision"),
    });
    expect(await session("move", third(), "--to", "2027-03-14T02:30")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("2027-03-14T03:00"),
    });
    expect(await session("move", third(), "--to", "tomorrow")).toMatchObject({ code: 2, stderr: expect.stringContaining("--to tomorrow") });
    expect(await session("move", "ses_1", "--to", "2027-01-15T15:00")).toMatchObject({ code: 2 });
    expect(await session("move", third())).toMatchObject({ code: 2 });
  });
});

test("a session is postponed, comes back, is cancelled; each says so", async () => {
  expect((await session("postpone", third(), "--because", "clinic")).stdout).toContain("is postponed; session move gives it a new date");
  expect((await session("move", third(), "--to", "2027-01-15T09:00")).stdout).toContain("has a date again: Fri 2027-01-15 09:00");
  expect((await session("cancel", third(), "--because", "patient")).stdout).toContain("is cancelled");
  expect(await session("move", third(), "--to", "2027-01-16T09:00")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("add a new session"),
  });
});

test("a booster is added and shown with its id", async () => {
  const added = await session(
    "add",
    series,
    "--kind",
    "booster",
    "--at",
    "2027-03-08T09:00",
    "--external-id",
    "visit-77",
    "--place",
    "Room 2",
  );
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/booster session 7 added: Mon 2027-03-08 09:00 to .*ses_/) });
  expect(await session("add", series, "--kind", "booster", "--at", "2027-04-08T09:00", "--external-id", "visit-77")).toMatchObject({
    code: 1,
  });
});

test("the day of a session: dosed, ready, gone early, form filed", async () => {
  const first = sessions[0] ?? expect.unreachable();
  await setSteppedClock(clinic.db, at("2027-01-11T17:00:00Z"));
  expect(await session("dose", first, "--at", "2027-01-11T09:30-07:00")).toMatchObject({ code: 0 });
  expect((await session("ready", first, "--pickup", "10:40")).stdout).toContain("pick-up from about 10:40");
  const left = await session("discharge", first, "--at", "2027-01-11T09:59-07:00");
  expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining("16 minutes before the protocol's observation is over (10:15)") });
  expect(left.stderr).toContain("--why");
  expect(await session("discharge", first, "--why", "the ride had come")).toMatchObject({ code: 0 });
  expect((await session("form-filed", first, "--by", "Sam Lee", "--at", "2027-01-11T09:59-07:00")).stdout).toContain(
    "form filed by Sam Lee",
  );
});

describe("sessions sync", () => {
  let folder: string;
  const file = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  const sync = (path: string, ...args: string[]) => clinic.run(["sessions", "sync", path, "--clinic", "aspen-ridge", ...args]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sync-"));
  });

  test("previews, tells every bad row by its line, and takes the others over when asked", async () => {
    const csv = await file(
      "day.csv",
      "externalId,startsAt,status\nvisit-77,2027-03-09T09:00,\nvisit-78,2027-03-10T09:00,\nvisit-79,soon,\n",
    );
    const preview = await sync(csv);
    expect(preview).toMatchObject({ code: 1 });
    expect(preview.stdout).toContain("line 2  move  visit-77  Mon 2027-03-08 09:00 -> Tue 2027-03-09 09:00");
    expect(preview.stdout).toContain("add 0, move 1, cancel 0, unchanged 0, unknown 1, refused 1, missing 0");
    expect(preview.stderr).toContain("line 3: series: expected");
    expect(preview.stderr).toContain("line 4: startsAt: expected");
    expect(preview.stdout).toContain("Add --apply");
    const [applied] = linesOf((await sync(csv, "--apply", "--json")).stdout);
    expect(applied).toMatchObject({
      applied: true,
      rows: [{ kind: "move", to: "2027-03-09T16:00:00.000Z" }, { kind: "unknown" }, { kind: "refused" }],
    });
  });

  test("reads iCalendar, asks about what is missing, and changes nothing the second time", async () => {
    const events = ["UID:visit-77", "DTSTART;TZID=America/Denver:20270309T090000"];
    const ics = await file("day.ics", ["BEGIN:VCALENDAR", "BEGIN:VEVENT", ...events, "END:VEVENT", "END:VCALENDAR"].join("\r\n"));
    expect(await sync(ics, "--apply")).toMatchObject({ code: 0, stdout: expect.stringContaining("unchanged 1") });
    const empty = await file("other.csv", "externalId,startsAt,status\nold,2027-03-09T09:00,cancelled\n");
    expect((await sync(empty, "--until", "2027-03-31", "--apply")).stdout).toContain("1 review opened");
    expect((await sync(empty, "--until", "2027-03-31", "--apply")).stdout).toContain("0 reviews opened");
  });

  test("refuses a file that it cannot tell, and a clinic that is not there", async () => {
    expect(await sync(await file("day.txt", ""))).toMatchObject({ code: 2, stderr: expect.stringContaining("--format") });
    const csv = await file("one.csv", "externalId,startsAt\n");
    expect(await clinic.run(["sessions", "sync", csv, "--clinic", "nowhere"])).toMatchObject({ code: 1 });
  });
});
