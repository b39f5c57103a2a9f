import { beforeAll, describe, expect, test } from "vitest";
import type { SessionStatus } from "../../src/domain/patient-facts.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "./support/reader.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;

beforeAll(async () => {
  web = await startWeb();
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
});

const STATES: [SessionStatus, string, string][] = [
  ["scheduled", "2027-01-11T16:30:00Z", "This visit has begun."],
  ["arrived", "2027-01-11T15:50:00Z", "Good that you are here."],
  ["scheduled", "2027-01-11T19:00:00Z", "The time of this visit has passed."],
  ["dosed", "2027-01-11T16:30:00Z", "This visit has begun."],
  [
    "discharged",
    "2027-01-11T17:30:00Z",
    "This visit is over. Take it easy for the rest of the day. Do not drive before 10:45 AM on Tuesday, January 12",
  ],
  ["postponed", "2027-01-10T16:30:00Z", "This visit is being moved."],
  ["cancelled", "2027-01-10T16:30:00Z", "This visit is cancelled. You may eat and drink as usual."],
  ["no_show", "2027-01-11T19:00:00Z", "We missed you."],
  ["not_dosed", "2027-01-11T17:00:00Z", "This visit has ended."],
];

describe("what became of a session", () => {
  test.each(STATES)("%s at %s: %s", async (status, moment, said) => {
    const id = await reader.sessionOf(ana, 1);
    const text = await reader.atMoment(moment, () => reader.withSession(id, { status }, () => reader.openText(id)));
    expect(text).toContain(said);
    expect(text).not.toContain("How to prepare");
  });

  test("moved: says so and shows how to prepare for the new time", async () => {
    const id = await reader.sessionOf(ana, 1);
    const text = await reader.withSession(id, { arming: 1 }, () => reader.openText(id));
    expect(text).toContain("This visit was moved.");
    expect(text).toContain("How to prepare");
  });
});
