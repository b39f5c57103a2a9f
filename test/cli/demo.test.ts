import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { cloneDatabase } from "../support/database.ts";
import { startDemo } from "./demo-process.ts";

/** A whole run takes a quarter of a minute on a machine that does nothing else. */
const RUN = { timeout: 180_000 };

describe("the demo, started as a user does", () => {
  test("with --exit --json it prints one object, has written what it sent, and leaves nothing running", RUN, async () => {
    const demo = await startDemo(["--exit", "--json"]);
    expect([await demo.gone, demo.stderr()]).toEqual([0, ""]);
    const summary: Record<string, unknown> = JSON.parse(demo.stdout());
    expect(summary).toEqual({
      series: 9,
      touchpoints: expect.objectContaining({ sent: expect.any(Number), tasked: expect.any(Number), suppressed: expect.any(Number) }),
      emails: expect.any(Number),
      sms: expect.any(Number),
      lateness: { p50Ms: expect.any(Number), p99Ms: expect.any(Number) },
    });
    expect(demo.stdout().trim().split("\n")).toHaveLength(1);
    // The one text that the carrier refuses to somebody who opted out.
    expect(summary["touchpoints"]).toMatchObject({ failed: 1 });
    expect(await countFiles(demo.folder, "mails", ".eml")).toBe(summary["emails"]);
    expect(await countFiles(demo.folder, "texts", ".txt")).toBe(summary["sms"]);
    expect(await demo.leftovers()).toEqual([]);
  });

  test(
    "through a pipe it tells its weeks in plain lines, stays up with links that open, and Ctrl-C, even twice, takes everything down",
    RUN,
    async () => {
      const demo = await startDemo([]);
      await demo.untilSaid("Ctrl-C ends it.");
      expect(demo.stdout()).not.toContain("\u001b");
      expect(demo.stdout()).toMatch(/^Mon 11 Jan 08:50 \[session\] Ana +arrived/m);
      expect(demo.stdout()).toMatch(/^Sat 23 Jan 10:30 \[task\] +front desk +call Ben: no outcome call/m);
      for (const line of LIVES) expect(demo.stdout()).toMatch(line);
      const index = await readFile(join(demo.folder, "index.txt"), "utf8");
      expect(index).toMatch(/^Mon {2}4 Jan 09:00 {2}08:00 Los Angeles +\[sms\] +Chen .*texts\/\d{4}_2027-01-04_0900_chen_welcome\.txt$/m);
      const url = await readVariable(join(demo.folder, "environment.sh"), "DATABASE_URL");
      expect(await findUnexplained(url)).toEqual([]);
      const [link = ""] = /http:\/\/127\.0\.0\.1:\d+\/v\/\S+/.exec(demo.stdout().slice(demo.stdout().indexOf("Still up"))) ?? [];
      expect((await fetch(link)).status).toBe(200);
      demo.signal("SIGINT");
      demo.signal("SIGINT");
      expect(await demo.gone).toBe(130);
      expect(await demo.leftovers()).toEqual([]);
      await expect(fetch(link)).rejects.toThrow("fetch failed");
      expect(await readdir(demo.folder)).not.toContain("environment.sh");
      expect(demo.stderr()).toBe("");
    },
  );

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s while its weeks go by ends it with %i and leaves nothing but the messages", RUN, async (signal, code) => {
    const demo = await startDemo(["--exit"]);
    await demo.untilSaid("[email]");
    demo.signal(signal);
    expect(await demo.gone).toBe(code);
    expect(await demo.leftovers()).toEqual([]);
    expect((await readdir(join(demo.folder, "mails"))).length).toBeGreaterThan(0);
  });

  test("Ctrl-C while it starts leaves nothing, not even a folder of messages", RUN, async () => {
    const demo = await startDemo(["--exit"]);
    await expect.poll(() => demo.leftovers(), { timeout: 60_000, interval: 5 }).toContainEqual(expect.stringMatching(/^afterglow-demo-/));
    demo.signal("SIGINT");
    expect(await demo.gone).toBe(130);
    expect([await demo.leftovers(), demo.stdout(), demo.stderr()]).toEqual([[], "", ""]);
    await expect(readdir(demo.folder)).rejects.toThrow("ENOENT");
  });

  test("a database that is not a demo's is refused in one sentence and left as it was", RUN, async () => {
    const { url, pool } = await cloneDatabase();
    const demo = await startDemo(["--exit"], { DATABASE_URL: url });
    expect(await demo.gone).toBe(3);
    expect(demo.stderr()).toMatch(/^The demo does not use the database of DATABASE_URL: .+\n$/);
    const { rows } = await pool.query("select to_regclass('touchpoints') is not null as there");
    expect(rows).toEqual([{ there: true }]);
  });
});

/** How a series lives, as a viewer sees it. */
const LIVES: readonly RegExp[] = [
  /^Tue {2}5 Jan 14:35 \[sms\] +Finn +not sent: home safe \(opted out\)\nTue {2}5 Jan 14:35 \[email\] +Finn /m,
  /^Wed 13 Jan 10:05 \[session\] Gia +wants Fri 15 Jan 14:00 for session 2; \d+ silenced\nWed 13 Jan 10:05 \[email\] +Gia +Your visit has moved to Friday/m,
  /^Thu 21 Jan 15:20 \[task\] +front desk +call Hugo: missed visit watched/m,
  /^Fri 22 Jan 08:00 \[session\] Ana +session 5 is cancelled by the clinic/m,
  /^Fri 22 Jan 08:00 \[sms\] +Marta for Ana +no pick-up needed on Fri, Jan 22/m,
  /^Tue 26 Jan 05:40 \[clinic\] +everybody +closed for snow: 5 sessions are off/m,
  /^Tue 26 Jan 05:40 \[sms\] +Gia +.+ 9:30 AM; .+ 11:00 AM/m,
  /^Tue 26 Jan 06:30 \[sms\] +Chen +\(05:30 Los Angeles\) /m,
  /^Tue 26 Jan \d\d:\d\d \[task\] +front desk +\d+ calls made/m,
  /^ {2}1 session moved, 1 added, 1 cancelled\n {2}1 closure: 5 postponed, 4 of them with a new time\n {2}1 no-show, 1 not dosed\n {2}2 opt-outs/m,
  /^Sun 10 Jan 19:05 \[patient\] Ana +answers "1"/m,
  /^Sun 10 Jan 19:05 \[sms\] +Ana +thank you, your visit tomorrow, 9:00 AM is confirmed/m,
  /^Mon 18 Jan 18:50 \[sms\] +Gia +we will call you about your visit tomorrow/m,
  /^Mon 18 Jan 18:50 \[task\] +front desk +reply Gia: wants to move/m,
  /^Fri 29 Jan 10:20 \[sms\] +Hugo +no recibir[aá] m[aá]s mensajes/m,
  /^ {2}\d+ checks of what is stored, all hold\.$/m,
];

async function countFiles(folder: string, kind: string, ending: string): Promise<number> {
  return (await readdir(join(folder, kind))).filter((name) => name.endsWith(ending)).length;
}

async function readVariable(file: string, name: string): Promise<string> {
  return new RegExp(`^export ${name}='(.+)'$`, "m").exec(await readFile(file, "utf8"))?.[1] ?? "";
}

/** What has not ended although its series comes to an end, or was never said and gives no reason. */
async function findUnexplained(url: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(`
      select t.rule, t.state, t.reason from touchpoints t join series s on s.id = t.series_id
      where (t.state in ('planned', 'sending', 'unknown', 'held') and s.horizon_until is null) or (t.state = 'suppressed' and t.reason is null)
        or t.state in ('sending', 'unknown', 'held', 'expired') or (t.state = 'failed' and t.reason <> 'opted-out')`);
    return rows;
  } finally {
    await client.end();
  }
}
