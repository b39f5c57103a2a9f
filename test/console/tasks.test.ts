import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { type TaskId, toPublicId } from "../../src/domain/ids.ts";
import { approveProtocol } from "../../src/producers/approve-protocol.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let ana: Enqueued;
let desk: Clerk;
const LIST = "/console/clinics/aspen-ridge/tasks";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, []);
  const clinicId = (await web.db.selectFrom("clinics").select("id").executeTakeFirstOrThrow()).id;
  await approveProtocol(web, { id: "iv-ketamine", version: 1, clinicId, by: "Dr. Lee, clinician" }, { actor: "test", dryRun: false });
  ana = await enqueueExample(web, "ana-iv");
  await stepClock(web.db, at("2027-01-10T20:30:00Z"));
  desk = await clerk(web, "front-desk");
});

/** A task to call, due so many hours from now. */
async function open(hours: number): Promise<TaskId> {
  const id = newId<"task">();
  const { clinicId } = await web.db.selectFrom("series").select("clinicId").where("id", "=", ana.seriesId).executeTakeFirstOrThrow();
  const now = at("2027-01-10T20:30:00Z");
  const moment = (after: number) => new Date(now + after * 3_600_000).toISOString();
  const about = { id, clinicId, patientId: ana.patientId, seriesId: ana.seriesId, kind: "call", template: "find-driver", locale: "en" };
  const nothing = { sessionId: null, touchpointId: null, inboundId: null, closedBy: null, assignee: null, outcome: null } as const;
  await web.db
    .insertInto("tasks")
    .values({ ...about, ...nothing, state: "open", importance: "normal", openedAt: moment(-30), dueBy: moment(hours) })
    .execute();
  return id;
}

const pathOf = (id: TaskId, verb = "") => `/console/tasks/${toPublicId("task", id)}${verb === "" ? "" : `/${verb}`}`;
const stateOf = (id: TaskId) =>
  web.db.selectFrom("tasks").select(["state", "assignee", "outcome"]).where("id", "=", id).executeTakeFirstOrThrow();
const revisionIn = (body: string) => /name="revision" value="([^"]*)"/.exec(body)?.[1] ?? expect.unreachable();

describe("tasks", () => {
  test("what is due first stands on top, with what is overdue marked and a number to tap", async () => {
    const [later, late] = [await open(5), await open(-3)];
    const { body } = await desk.get(LIST);
    expect(body.indexOf(toPublicId("task", late))).toBeLessThan(body.indexOf(toPublicId("task", later)));
    expect(body).toContain("overdue");
    expect(body).toContain('href="tel:+13035550111"');
  });

  test("a task is taken, shown with its script, and done with what came of it", async () => {
    const id = await open(1);
    const taken = await desk.post(pathOf(id, "take"), { revision: "0" });
    expect([303, 409]).toContain(taken.status);
    const page = await desk.get(pathOf(id));
    expect(page.body).toContain("Ana Ortiz");
    expect(page.body).toMatch(/Script|driver/);
    const done = await desk.post(pathOf(id, "done"), { outcome: "reached", note: "her sister drives", revision: revisionIn(page.body) });
    expect(done).toMatchObject({ status: 303, location: LIST });
    expect(await stateOf(id)).toMatchObject({ state: "done", outcome: "reached" });
    expect((await desk.get(pathOf(id))).body).toContain("her sister drives");
  });

  test("who was faster is named, and what was typed stays", async () => {
    const id = await open(1);
    const other = await clerk(web, "nurse");
    const seen = revisionIn((await desk.get(pathOf(id))).body);
    await other.post(pathOf(id, "take"), { revision: seen });
    const late = await desk.post(pathOf(id, "done"), { outcome: "voicemail", note: "left word at noon", revision: seen });
    expect(late.status).toBe(409);
    expect(late.body).toContain(`${other.login} took this task`);
    expect(late.body).toContain("left word at noon");
    expect(await stateOf(id)).toMatchObject({ state: "taken", assignee: `staff:${other.login}` });
  });

  test("a note about a task that somebody else has closed can still be copied", async () => {
    const id = await open(1);
    const other = await clerk(web, "nurse");
    const seen = revisionIn((await desk.get(pathOf(id))).body);
    await other.post(pathOf(id, "done"), { outcome: "reached", revision: seen });
    const late = await desk.post(pathOf(id, "done"), { outcome: "voicemail", note: "her sister drives", revision: seen });
    expect(late.status).toBe(409);
    expect(late.body).toContain(`${other.login} closed this task (reached) while you had it open`);
    expect(late.body).toMatch(/<textarea[^>]* readonly[^>]*>her sister drives</);
    expect((await desk.get(pathOf(id))).body).not.toContain("her sister drives");
  });

  test("dropping one needs a reason", async () => {
    const id = await open(1);
    expect((await desk.post(pathOf(id, "drop"), { reason: " " })).status).toBe(400);
    expect((await desk.post(pathOf(id, "drop"), { reason: "has moved to another clinic" })).status).toBe(303);
    expect((await stateOf(id)).state).toBe("dropped");
  });

  test("a filter shows one kind, one's own, and pages by key", async () => {
    for (let index = 0; index < 52; index += 1) await open(10 + index);
    const first = await desk.get(`${LIST}?kind=call`);
    const next = /href="([^"]*after=[^"]*)"/.exec(first.body)?.[1]?.replaceAll("&amp;", "&") ?? expect.unreachable();
    const second = await desk.get(next.replace(web.url, "").replace(/^https?:\/\/[^/]*/, ""));
    const ids = (body: string) => [...body.matchAll(/<li id="(tsk_[^"]*)"/g)].map(([, id]) => id);
    expect(ids(first.body)).toHaveLength(50);
    expect(ids(second.body).length).toBeGreaterThan(0);
    expect(ids(second.body).filter((id) => ids(first.body).includes(id))).toEqual([]);
    expect((await desk.get(`${LIST}?kind=file-form`)).body).toContain("None of this kind");
  });

  test("a viewer looks and changes nothing", async () => {
    const id = await open(1);
    const viewer = await clerk(web, "viewer");
    expect((await viewer.get(pathOf(id))).body).not.toContain("/done");
    expect((await viewer.post(pathOf(id, "take"))).status).toBe(403);
  });
});

describeInBrowser("tasks in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    const id = await open(-2);
    await lookAt({ web, who: desk, surfer, look: { name, options } }, { tasks: LIST, task: pathOf(id) });
  });

  test("are taken and done by keyboard alone", async () => {
    const id = await open(1);
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, desk);
    await page.goto(web.url + pathOf(id));
    await page.locator("button", { hasText: "Take it" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=has it");
    await page.locator("input[name=outcome]:checked").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("voicemail left");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${LIST}`);
    expect(await stateOf(id)).toMatchObject({ state: "done", outcome: "voicemail" });
  });
});
