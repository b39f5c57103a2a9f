import { beforeAll, describe, expect, test } from "vitest";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { makeReader, type Reader, toText } from "./support/reader.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;
let chen: Enqueued;
let dee: Enqueued;
let eva: Enqueued;

beforeAll(async () => {
  web = await startWeb();
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home", "im-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  chen = await enqueueExample(web, "chen-esketamine");
  dee = await enqueueExample(web, "dee-kap");
  eva = await enqueueExample(web, "eva-home");
});

describe("the patient's page of a session", () => {
  test("says when, where, how to prepare by the clock, when the ride comes, and whom to call", async () => {
    const page = await reader.open(await reader.sessionOf(ana, 1));
    const text = toText(page);
    for (const said of [
      "Your visit Monday, January 11 9:00 AM",
      "Arrive by 8:45 AM",
      "Where 12 Aspen Road, Denver, CO 80203",
      "Pick-up 10:45 AM",
      "Nothing to eat after 3:00 AM.",
      "Clear liquids such as water until 7:00 AM, then nothing.",
      "Your driver should be there at 10:45 AM to take you home.",
      "Do not drive before 10:45 AM on Tuesday, January 12",
      "Call (303) 555-0100",
    ])
      expect(text).toContain(said);
    expect(page).toContain('href="tel:+13035550100"');
  });

  test("speaks the patient's language", async () => {
    const page = await reader.open(await reader.sessionOf(eva, 1));
    expect(page).toContain('<html lang="es">');
    const text = toText(page);
    for (const said of [
      "Su cita martes 12 de enero a las 5:00 p. m.",
      "Dónde En casa",
      "No coma nada después de las 11:00 a. m. Puede tomar",
      "Llame al (303) 555-0100",
    ])
      expect(text).toContain(said);
    expect(text).not.toContain("m..");
    expect(text).not.toMatch(/\b(?:visit|the|eat)\b/);
  });

  test("names the zone for somebody whose clock shows another time, and the end of nasal products", async () => {
    const text = await reader.openText(await reader.sessionOf(chen, 1));
    expect(text).toContain("Tuesday, January 12 1:00 PM MST");
    expect(text).toContain("No sprays or drops in the nose after 12:00 PM MST.");
  });

  test("names the day of a cut-off that lies on another day, never tonight or tomorrow", async () => {
    const id = await reader.sessionOf(ana, 1);
    const early = { startsAt: "2027-01-11T12:00:00Z" };
    const text = await reader.atMoment("2027-01-11T01:00:00Z", () => reader.withSession(id, early, () => reader.openText(id)));
    expect(text).toContain("Nothing to eat after 11:00 PM on Sunday, January 10.");
    expect(text).not.toMatch(/tonight|tomorrow|today/i);
  });

  test("has the video link only where the session is by video", async () => {
    const joinUrl = "https://visit.example.org/aspen-ridge";
    expect(await reader.open(await reader.sessionOf(dee, 3))).toContain(`href="${joinUrl}"`);
    const inPerson = await reader.sessionOf(dee, 1);
    expect(await reader.withSession(inPerson, { joinUrl }, () => reader.open(inPerson))).not.toContain(joinUrl);
  });

  test("asks for nothing to be prepared for a talk", async () => {
    expect(await reader.openText(await reader.sessionOf(dee, 1))).not.toMatch(/prepare|eat|driv/i);
  });
});

describe("the escort's page", () => {
  test("says where, when and when to pick up, and nothing of preparing", async () => {
    const text = await reader.openText(await reader.sessionOf(ana, 1), "escort");
    for (const said of ["Monday, January 11 9:00 AM", "12 Aspen Road", "Pick-up 10:45 AM", "Please be there at 10:45 AM, come inside"])
      expect(text).toContain(said);
    expect(text).not.toMatch(/eat|drink|liquid|nose|prepare|do not drive/i);
  });

  test("is in the escort's language and says until when to stay", async () => {
    expect(await reader.openText(await reader.sessionOf(eva, 1), "escort")).toContain("al menos hasta las 8:00 p. m., sin dormirse");
  });

  test.each(["not_dosed", "no_show"] as const)("does not tell what became of the patient when the session is %s", async (status) => {
    const id = await reader.sessionOf(ana, 1);
    const text = await reader.withSession(id, { status }, () => reader.openText(id, "escort"));
    expect(text).toContain("This visit has ended.");
    expect(text).not.toMatch(/missed/i);
  });
});

describe("the page of a series", () => {
  test("lists what is to come in order, each with its times", async () => {
    const text = await reader.openText(ana.seriesId);
    const days = [...text.matchAll(/(Monday|Wednesday|Friday), January \d+(?=, \d)/g)].map(([day]) => day);
    expect(days).toEqual([
      "Monday, January 11",
      "Wednesday, January 13",
      "Friday, January 15",
      "Wednesday, January 20",
      "Friday, January 22",
      "Monday, January 25",
    ]);
    expect(text.match(/Nothing to eat after 3:00 AM/g)).toHaveLength(6);
  });

  test("leaves out what is over, and marks what is cancelled or moved", async () => {
    const [second, third] = [await reader.sessionOf(ana, 2), await reader.sessionOf(ana, 3)];
    const text = await reader.atMoment("2027-01-12T12:00:00Z", () =>
      reader.withSession(second, { status: "cancelled" }, () =>
        reader.withSession(third, { arming: 1 }, () => reader.openText(ana.seriesId)),
      ),
    );
    expect(text).not.toContain("January 11");
    expect(text).toContain(
      "Wednesday, January 13, 9:00 AM Cancelled Open the visit on Wednesday, January 13 Friday, January 15, 9:00 AM New time",
    );
  });

  test("says calmly that nothing is to come", async () => {
    expect(await reader.atMoment("2027-01-26T00:00:00Z", () => reader.openText(ana.seriesId))).toContain(
      "There is no visit to come on this page right now.",
    );
  });

  test("stays far below 50 kB with sixty sessions", async () => {
    const sixty = await enqueueExample(web, "ben-im", {
      sessions: Array.from({ length: 60 }, (_, index) => ({
        startsAt: `${new Date(Date.UTC(2027, 1, 1 + index * 3)).toISOString().slice(0, 10)}T10:30`,
        minutes: 90,
        place: "Room 2",
      })),
    });
    const page = await reader.open(sixty.seriesId);
    expect(page.match(/<li>\s*<p class="day">/g)).toHaveLength(60);
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  });
});
