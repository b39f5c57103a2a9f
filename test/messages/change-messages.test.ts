/** What people read when a plan meets reality: each new text as one of the cast gets it, read at eight in the evening. */
import { describe, expect, test } from "vitest";
import { type Instant, parseLocalDateTime } from "../../src/domain/calendar.ts";
import type { Locale } from "../../src/domain/clinic.ts";
import type { MessageFacts, SessionForMessage } from "../../src/domain/message-facts.ts";
import { parseZone, placeLocal } from "../../src/domain/place-in-time.ts";
import { compileTemplates } from "../../src/messages/compile-template.ts";
import { ordinaryExample } from "../../src/messages/example-facts.ts";
import { renderEmail, renderSms, renderTask } from "../../src/messages/render-message.ts";
import { readShipped } from "./sources.ts";

const templates = await compileTemplates(await readShipped());
const DENVER = parseZone("America/Denver") ?? expect.fail("no zone");
const at = (local: string): Instant => placeLocal(DENVER, parseLocalDateTime(local) ?? expect.fail(local));

type Told = Partial<Omit<SessionForMessage, "startsAt" | "toldStart">> & { from: string; to?: string; locale?: Locale; name?: string };

/** A visit of two hours that had been announced for `from`, and stands at `to` now. */
function visit({ from, to = from, locale: _locale, name: _name, ...details }: Told): SessionForMessage {
  const { facts } = ordinaryExample({ template: "day-before", locale: "en" });
  const startsAt = at(to);
  const endsAt = at(`${to.slice(0, 11)}${String(Number(to.slice(11, 13)) + 2).padStart(2, "0")}${to.slice(13)}`);
  return { ...(facts.session ?? expect.fail("no session")), startsAt, endsAt, toldStart: at(from), ...details };
}

function factsOf(template: string, told: readonly Told[], locale: Locale = "en"): MessageFacts {
  const sessions = told.map(visit);
  const { facts } = ordinaryExample({ template, locale });
  return { ...facts, session: sessions[0] ?? null, sessions: sessions.length > 1 ? sessions : [] };
}

const text = (template: string, now: string, ...told: Told[]) =>
  renderSms(templates, factsOf(template, told, told[0]?.locale), { now: at(now) }).body;
const mail = (template: string, now: string, ...told: Told[]) =>
  renderEmail(templates, factsOf(template, told, told[0]?.locale), { now: at(now) });
const call = (template: string, now: string, ...told: Told[]) =>
  renderTask(templates, factsOf(template, told, told[0]?.locale), { now: at(now) });

const MONDAY = "2027-01-11T09:00";
const EVENING = "2027-01-10T20:00";

describe("a visit that moved in good time", () => {
  test("says what was and what is, in one text", () => {
    expect(text("session-moved", "2027-01-05T11:00", { from: MONDAY, to: "2027-01-12T14:00" })).toBe(
      "Willow Clinic: your visit on Mon, Jan 11, 9:00 AM has moved. It is now Tue, Jan 12, 2:00 PM. We are sorry. Does it not suit you? Call (303) 555-0142",
    );
    expect(
      text("session-moved", "2027-01-05T11:00", { from: MONDAY, to: "2027-01-12T14:00", changedBecause: "patient", locale: "es" }),
    ).toBe(
      "Willow Clinic: su cita del lun 11 ene a las 9:00 a. m. ha cambiado. Ahora es el mar 12 ene a las 2:00 p. m. ¿No le conviene? Llame al (303) 555-0142",
    );
  });

  test("blames nobody when nobody said whose wish it was", () => {
    const { text: body } = mail("session-moved", "2027-01-05T11:00", { from: MONDAY, to: "2027-01-12T14:00", changedBecause: null });
    expect(body).toContain("There is a change to the time of your visit.");
    expect(body).not.toMatch(/sorry|As you asked/);
  });

  test("that comes back to its first time takes place after all", () => {
    const back = { from: MONDAY };
    expect(mail("session-moved", "2027-01-05T11:00", back).subject).toBe("Your visit takes place after all: Monday, January 11, 9:00 AM");
    expect(text("session-moved", "2027-01-05T11:00", back)).toContain("your visit on Mon, Jan 11, 9:00 AM takes place after all.");
    expect(text("session-moved", "2027-01-05T11:00", { ...back, locale: "es" })).toContain("finalmente se realiza");
  });

  test("and others with it, are listed together", () => {
    const all: Told[] = [
      { from: MONDAY, to: "2027-01-12T14:00" },
      { from: "2027-01-13T09:00", to: "2027-01-14T09:00" },
    ];
    expect(text("session-moved", "2027-01-05T11:00", ...all)).toContain(
      "your visits have moved: Mon, Jan 11 is now Tue, Jan 12, 2:00 PM; Wed, Jan 13 is now Thu, Jan 14, 9:00 AM.",
    );
    expect(mail("session-moved", "2027-01-05T11:00", ...all).text).toContain(
      "- Wednesday, January 13, 9:00 AM is now Thursday, January 14, 9:00 AM",
    );
  });
});

describe("a visit that moves at short notice", () => {
  const soon = (now: string, told: Told) => text("session-moved-soon", now, told);

  test("gives the new clock times of eating and drinking", () => {
    expect(soon(EVENING, { from: MONDAY, to: "2027-01-11T14:00" })).toBe(
      "Willow Clinic: we are sorry, your visit tomorrow has moved from 9:00 AM to 2:00 PM. Arrive by 1:45 PM. Nothing to eat after 8:00 AM. Clear liquids until 12:00 PM. Questions? Call (303) 555-0142",
    );
  });

  test("asks, and forbids nothing, where a cut-off is over", () => {
    const earlier = { from: "2027-01-11T15:00", to: "2027-01-11T11:00" };
    expect(soon("2027-01-11T08:00", earlier)).toContain("If you ate after 5:00 AM, call us now. Clear liquids until 9:00 AM.");
    expect(soon("2027-01-11T09:30", earlier)).toContain("If you ate after 5:00 AM or drank after 9:00 AM, call us now. Questions?");
    const { text: body } = mail("session-moved-soon", "2027-01-11T09:30", earlier);
    expect(body).toContain("If you have eaten anything after 5:00 AM, please call (303) 555-0142 now, before you set out.");
    expect(body).not.toMatch(/Nothing to eat|Clear liquids such as water until/);
    expect(call("session-moved-soon", "2027-01-11T08:00", earlier).script).toContain("That time is over: ask what they ate and when");
  });

  test("at a cut-off's own minute is after it, a minute before it is not", () => {
    const later = { from: MONDAY, to: "2027-01-11T14:00" };
    expect(soon("2027-01-11T07:59", later)).toContain("Nothing to eat after 8:00 AM.");
    expect(soon("2027-01-11T08:00", later)).toContain("If you ate after 8:00 AM, call us now.");
  });

  test("to a day further off lets people eat", () => {
    const far = { from: MONDAY, to: "2027-01-14T14:00" };
    expect(soon(EVENING, far)).toContain("It is now on Thursday, 2:00 PM. Arrive by 1:45 PM. Eat and drink normally for now.");
    expect(mail("session-moved-soon", EVENING, far).text).toContain("You may eat and drink normally for now.");
    expect(soon(EVENING, { ...far, locale: "es" })).toContain("Por ahora coma y beba normalmente.");
  });

  test("of a talk says nothing of food", () => {
    expect(soon(EVENING, { from: MONDAY, to: "2027-01-11T14:00", kind: "integration" })).not.toMatch(/eat|liquids/);
  });

  test("at home does not begin before", () => {
    expect(soon(EVENING, { from: MONDAY, to: "2027-01-11T14:00", setting: "home" })).toContain("Do not begin before that.");
  });
});

describe("a visit that will not take place", () => {
  test.each([
    [
      "session-cancelled",
      { from: MONDAY },
      "we are sorry, your visit on Mon, Jan 11, 9:00 AM cannot take place. We will call you about a new time. Questions? Call (303) 555-0142",
    ],
    [
      "session-cancelled",
      { from: MONDAY, changedBecause: "patient" },
      "as you asked, your visit on Mon, Jan 11, 9:00 AM is cancelled. Questions? Call (303) 555-0142",
    ],
    [
      "session-postponed",
      { from: MONDAY },
      "we are sorry, your visit on Mon, Jan 11, 9:00 AM has to be postponed. There is no new date yet; we will call you. Questions? (303) 555-0142",
    ],
    [
      "session-cancelled-soon",
      { from: MONDAY },
      "we are sorry, your visit tomorrow, 9:00 AM cannot take place. There is no need to come. You may eat and drink normally. We will call you about a new time. Questions? Call (303) 555-0142",
    ],
    [
      "session-postponed-soon",
      { from: MONDAY, changedBecause: "patient" },
      "as you asked, your visit tomorrow, 9:00 AM is postponed. There is no need to come. You may eat and drink normally. We will call you to find a new date. Questions? Call (303) 555-0142",
    ],
    [
      "session-cancelled-soon",
      { from: MONDAY, locale: "es" },
      "lo sentimos, su cita mañana a las 9:00 a. m. no puede realizarse. No hace falta que venga. Puede comer y beber normalmente. Le llamaremos para darle otra hora. ¿Preguntas? (303) 555-0142",
    ],
  ] satisfies [string, Told, string][])("%s %o reads well", (template, told, body) => {
    expect(text(template, EVENING, told)).toBe(`Willow Clinic: ${body}`);
  });

  test("at home is not begun alone", () => {
    expect(text("session-cancelled-soon", EVENING, { from: MONDAY, setting: "home" })).toContain("Please do not begin on your own.");
    expect(text("session-postponed-soon", EVENING, { from: MONDAY, setting: "home", locale: "es" })).toContain("No empiece por su cuenta.");
  });

  test("promises a call only where a call is opened", () => {
    const asked = { from: MONDAY, changedBecause: "patient" } as const;
    for (const template of ["session-cancelled", "session-cancelled-soon"]) {
      expect(text(template, EVENING, asked)).not.toContain("We will call");
      expect(mail(template, EVENING, asked).text).not.toContain("We will call");
    }
  });

  test("tells everybody who might despair whom to call", () => {
    for (const template of ["session-cancelled", "session-cancelled-soon", "session-postponed", "session-postponed-soon"]) {
      const { text: body, html } = mail(template, EVENING, { from: MONDAY });
      for (const part of [body, html]) expect(part).toContain("call or text 988");
      expect(call(template, EVENING, { from: MONDAY }).script).toContain("give 988");
    }
  });

  test("with others beside it is listed with them", () => {
    const days: Told[] = ["11", "13", "15"].map((day) => ({ from: `2027-01-${day}T09:00` }));
    expect(text("session-cancelled", "2027-01-05T11:00", ...days)).toContain(
      "these visits cannot take place: Mon, Jan 11, 9:00 AM; Wed, Jan 13, 9:00 AM; Fri, Jan 15, 9:00 AM. We will call you.",
    );
    const five: Told[] = ["11", "13", "15", "18", "20"].map((day) => ({ from: `2027-01-${day}T09:00` }));
    expect(text("session-cancelled", "2027-01-05T11:00", ...five)).toMatch(/5, first Mon, Jan 11, 9:00 AM\. All: https:/);
    expect(mail("session-cancelled", "2027-01-05T11:00", ...five).text).toContain("- Wednesday, January 20, 9:00 AM");
  });
});

describe("whoever helps", () => {
  test("hears that the pick-up has moved, and the patient's name only where nobody else reads", () => {
    const told = { from: MONDAY, to: "2027-01-12T14:00" };
    expect(text("escort-moved", EVENING, told)).toBe(
      "Willow Clinic: the pick-up on Mon, Jan 11 has moved. Please come in on Tue, Jan 12 at 4:00 PM: 120 Alder Street, Suite 4, Denver. Cannot come? Call (303) 555-0142. Reply STOP to stop texts.",
    );
    expect(mail("escort-moved", EVENING, told).text).toContain(
      "You were named as the person who helps Ana on Monday, January 11. That visit has moved to Tuesday, January 12.",
    );
  });

  test("hears that nobody is needed, and when there will be a new date", () => {
    expect(text("escort-off", EVENING, { from: MONDAY })).toBe(
      "Willow Clinic: no pick-up needed on Mon, Jan 11: that visit will not take place. Thank you for being ready to help. Questions? Call (303) 555-0142. Reply STOP to stop texts.",
    );
    expect(mail("escort-off", EVENING, { from: MONDAY, status: "cancelled" }).text).not.toContain("new date");
    expect(mail("escort-off", EVENING, { from: MONDAY, status: "postponed" }).text).toContain(
      "There is no new date yet. When there is one, we write to you again.",
    );
  });

  test("hears when to come, once it is known", () => {
    const ready = { from: MONDAY, pickupAt: at("2027-01-11T12:10"), status: "dosed" } as const;
    expect(text("escort-ready", "2027-01-11T11:40", ready)).toBe(
      "Willow Clinic: pick-up about 12:10 PM today. Please come inside: 120 Alder Street, Suite 4, Denver. Running late? Call (303) 555-0142",
    );
    expect(call("escort-ready", "2027-01-11T11:40", ready).title).toBe(
      "Call now: Ben Okafor, pick-up of Ana Whitfield (W-1042) about 12:10 PM",
    );
  });
});

describe("a series that ends", () => {
  test("says so in one text", () => {
    expect(text("series-stopped", EVENING)).toBe(
      "Willow Clinic: the visits we announced are no longer planned. No need to prepare or to come. Not expected, or not doing well? Call (303) 555-0142",
    );
    expect(text("series-void", EVENING)).toBe(
      "Willow Clinic: please ignore our earlier messages about visits. They were a mistake; we are sorry. Nothing to do. Questions? Call (303) 555-0142",
    );
  });

  test("leaves nobody alone with it, and claims nothing about visits of another series", () => {
    const { text: body } = mail("series-stopped", EVENING);
    for (const words of ["988", "If other visits are booked for you with us, they stay", "go on with your medicines as prescribed"])
      expect(body).toContain(words);
  });
});

describe("what staff are asked to do", () => {
  test.each([
    [
      "missed-visit-watched",
      "Call today: Ana Whitfield (W-1042) did not come on Mon, Jan 11, 9:00 AM",
      ["emergency contact", "988", "No blame"],
    ],
    ["missed-visit", "Call Ana Whitfield (W-1042): did not come on Mon, Jan 11, 9:00 AM", ["Offer another time", "988", "No blame"]],
    ["rebook-call", "Call Ana Whitfield (W-1042): a new time for the visit of Mon, Jan 11", ["We told them that we would call", "988"]],
    [
      "verify-contact",
      "Check before anything goes out: Ana Whitfield (W-1042), visit Mon, Jan 11, 9:00 AM",
      ["90 days", "consent", "version"],
    ],
    [
      "booster-suggestion",
      "Suggest to the clinician: a further visit for Ana Whitfield (W-1042)?",
      ["the patient is told nothing", "Mon, Jan 11"],
    ],
  ])("%s says whom to call and what about", (template, title, words) => {
    const task = call(template, "2027-01-11T12:00", { from: MONDAY });
    expect(task.title).toBe(title);
    for (const each of words) expect(task.script).toContain(each);
    expect(
      renderTask(templates, factsOf(template, [{ from: MONDAY }], "es"), { now: at("2027-01-11T12:00") }).script.length,
    ).toBeGreaterThan(80);
  });

  test("rebook-call claims no promise to somebody who was told nothing of the visit", () => {
    const untold = factsOf("rebook-call", [{ from: MONDAY, status: "postponed" }]);
    const facts = { ...untold, session: untold.session && { ...untold.session, toldStart: null } };
    const { title, script } = renderTask(templates, facts, { now: at("2027-01-10T12:00") });
    expect(title).toBe("Call Ana Whitfield (W-1042): a new time for the visit of Mon, Jan 11");
    expect(script).toContain(
      "Nothing tells them of this: no message had named this visit to them. The visit of Monday, January 11, 9:00 AM is postponed.",
    );
    expect(script).not.toContain("We told them");
    const { script: spanish } = renderTask(templates, { ...facts, locale: "es" }, { now: at("2027-01-10T12:00") });
    expect(spanish).toContain("ningún mensaje le había anunciado esta cita");
  });
});
