/** The file behind "Add to calendar" over the life of a visit, beside the mailed invitation, as a calendar program takes both. */
import { beforeAll, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { calendarUid, toCalendar } from "../../src/messages/calendar-invitation.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { NOW } from "../domain/aspen-ridge.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "../http/support/reader.ts";
import { openCalendarProgram } from "../support/calendar-program.ts";
import { READERS } from "../support/calendar-readers.ts";
import { wallTime } from "../support/course.ts";
import { parsePublished } from "../support/parse-calendar.ts";
import { openVisit } from "./support/visitor.ts";

let web: Web;
let reader: Reader;
let ben: Enqueued;

beforeAll(async () => {
  web = await startWeb();
  reader = makeReader(web);
  await openClinic(web, ["im-ketamine"]);
  ben = await enqueueExample(web, "ben-im");
});

const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };

test("is the mailed entry and follows it: one UID, the session's sequence, read alike by two parsers", async () => {
  const { visitor, path, id } = await openVisit(web, ben, 1);
  const sessionId = await reader.sessionOf(ben, 1);
  const program = openCalendarProgram();
  const fetchFile = async () => (await visitor.get(`${path}/calendar.ics`)).body;
  const firstFile = await fetchFile();
  const { method, event } = parsePublished(firstFile);
  const uid = calendarUid(sessionId);
  expect({ method, uid: event["UID"], sequence: event["SEQUENCE"] }).toEqual({ method: "PUBLISH", uid, sequence: "0" });
  expect(program.take(firstFile)).toBe("added");
  const start = event["DTSTART"] ?? "";
  await moveSession(web, sessionId, { ...BY, move: { to: wallTime("2027-01-14T15:00"), because: "patient" } });
  const second = await fetchFile();
  expect(parsePublished(second).event).toMatchObject({ UID: uid, SEQUENCE: "1" });
  expect(program.take(second)).toBe("updated");
  expect(program.take(firstFile)).toBe("ignored");
  expect(program.entries.get(uid)?.start).toBe(parsePublished(second).event["DTSTART"]);
  await moveSession(web, sessionId, { ...BY, move: { to: wallTime("2027-01-12T10:30"), because: "patient" } });
  const third = await fetchFile();
  expect(parsePublished(third).event).toMatchObject({ UID: uid, SEQUENCE: "2", DTSTART: start });
  expect(program.take(third)).toBe("updated");
  for (const [, read] of READERS)
    expect([firstFile, second, third].map(read)).toMatchObject([
      { method: "PUBLISH", uid, sequence: 0, status: "CONFIRMED", attendee: null },
      { method: "PUBLISH", uid, sequence: 1, start: "2027-01-14T22:00:00.000Z" },
      { method: "PUBLISH", uid, sequence: 2, start: "2027-01-12T17:30:00.000Z" },
    ]);
  const { startsAt, endsAt, sequence } = await web.db
    .selectFrom("sessions")
    .select(["startsAt", "endsAt", "sequence"])
    .where("id", "=", sessionId)
    .executeTakeFirstOrThrow();
  const mailed = (of: { sequence: number; method: "REQUEST" | "CANCEL" }) =>
    toCalendar({
      ...of,
      uid,
      startsAt,
      endsAt,
      title: "Appointment - Aspen Ridge",
      place: null,
      description: "",
      organizer: { name: "Aspen Ridge", address: "visits@example.org" },
      attendee: { name: "Ben", address: "ben@example.org" },
      stampAt: instant(NOW),
    });
  expect(program.take(mailed({ sequence: 1, method: "REQUEST" }))).toBe("ignored");
  expect(program.take(mailed({ sequence, method: "REQUEST" }))).toBe("updated");
  expect(program.entries.size).toBe(1);
  expect(program.take(mailed({ sequence: sequence + 1, method: "CANCEL" }))).toBe("removed");
  expect(program.take(third)).toBe("ignored");
  expect(id).toBe(sessionId);
});
