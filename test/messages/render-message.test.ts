import { expect, test } from "vitest";
import { type CalendarOffset, type Instant, parseInstant, parseLocalDateTime } from "../../src/domain/calendar.ts";
import type { MessageFacts, SessionForMessage } from "../../src/domain/message-facts.ts";
import { parseZone, placeLocal, type Zone } from "../../src/domain/place-in-time.ts";
import { compileTemplates } from "../../src/messages/compile-template.ts";
import { type ExampleFor, ordinaryExample } from "../../src/messages/example-facts.ts";
import { RenderError } from "../../src/messages/render-error.ts";
import { renderEmail, renderSms, renderTask } from "../../src/messages/render-message.ts";
import { toVariables } from "../../src/messages/variables.ts";
import { compileSms, mjml, note, readShipped } from "./sources.ts";

const zone = (name: string): Zone => parseZone(name) ?? expect.fail(`${name} is no zone`);
const DENVER = zone("America/Denver");
const NEW_YORK = zone("America/New_York");
const PHOENIX = zone("America/Phoenix");

const INSTRUCTIONS = ordinaryExample({ template: "note", locale: "en" }).facts.instructions;
const at = (place: Zone, local: string): Instant => placeLocal(place, parseLocalDateTime(local) ?? expect.fail(local));
const hours = (count: number): CalendarOffset => ({ sign: 1, days: 0, minutes: count * 60 });

/** Ana's facts with her session moved to this local time in this zone. */
function anaAt(
  place: Zone,
  local: string,
  { locale = "en", ...changes }: Partial<MessageFacts> & Partial<Pick<ExampleFor, "locale">> = {},
): MessageFacts {
  const { facts } = ordinaryExample({ template: "note", locale });
  const startsAt = at(place, local);
  const session = {
    ...(facts.session ?? expect.fail("no session")),
    zone: place,
    startsAt,
    endsAt: at(place, `${local.slice(0, 11)}23:00`),
  };
  return { ...facts, recipient: { ...facts.recipient, zone: place }, session, sessions: [], ...changes };
}

const withSession = (facts: MessageFacts, changes: Partial<SessionForMessage>): MessageFacts => ({
  ...facts,
  session: facts.session && { ...facts.session, ...changes },
});

async function sms(text: string, facts: MessageFacts, now: Instant): Promise<string> {
  return renderSms(await compileSms(text), facts, { now }).body;
}

test.each([
  ["2027-01-11T00:05", "today"],
  ["2027-01-10T23:55", "tomorrow"],
  ["2027-01-09T12:00", "on Monday"],
  ["2027-01-05T12:00", "on Monday"],
  ["2027-01-04T12:00", "on Monday, January 11"],
  ["2027-01-12T09:00", "yesterday"],
])("sent at %s, a visit on Monday the 11th is %s", async (now, when) => {
  expect(await sms("{{ session.when }}", anaAt(DENVER, "2027-01-11T09:00"), at(DENVER, now))).toBe(when);
});

test("today is the day on the reader's wall, not the clinic's", async () => {
  const chen = anaAt(DENVER, "2027-01-11T09:00", { recipient: { kind: "patient", name: "Chen", zone: NEW_YORK } });
  expect(await sms("{{ session.when }}", chen, at(NEW_YORK, "2027-01-11T00:30"))).toBe("today");
  expect(await sms("{{ session.when }}", anaAt(DENVER, "2027-01-11T09:00"), at(NEW_YORK, "2027-01-11T00:30"))).toBe("tomorrow");
});

test("a clock time names its zone when the reader's wall shows another time at that moment, and only then", async () => {
  const chen = (local: string) => anaAt(PHOENIX, local, { recipient: { kind: "patient", name: "Chen", zone: DENVER } });
  expect(await sms("{{ session.time }}", chen("2027-01-11T09:00"), at(DENVER, "2027-01-10T12:00"))).toBe("9:00 AM");
  expect(await sms("{{ session.time }}", chen("2027-07-12T09:00"), at(DENVER, "2027-07-11T12:00"))).toBe("9:00 AM MST");
});

test("the cut-off for eating is six real hours before, also in the night the clocks change", async () => {
  const text = "{{ prep.solids_until }}";
  const now = at(DENVER, "2027-03-13T18:00");
  expect(await sms(text, anaAt(DENVER, "2027-03-13T08:00"), at(DENVER, "2027-03-12T18:00"))).toBe("2:00 AM");
  expect(await sms(text, anaAt(DENVER, "2027-03-14T08:00"), now)).toBe("1:00 AM");
  expect(await sms(text, anaAt(DENVER, "2027-11-07T06:30"), now)).toBe("1:30 AM");
});

test("a cut-off on the evening before says which evening, seen from the moment of sending", async () => {
  const facts = anaAt(DENVER, "2027-01-11T05:00");
  const text = "{{ prep.solids_until }}";
  expect(await sms(text, facts, at(DENVER, "2027-01-10T18:00"))).toBe("11:00 PM tonight");
  expect(await sms(text, facts, at(DENVER, "2027-01-09T18:00"))).toBe("11:00 PM tomorrow");
  expect(await sms(text, facts, at(DENVER, "2027-01-08T18:00"))).toBe("11:00 PM on Sunday");
  expect(await sms(text, { ...facts, locale: "es" }, at(DENVER, "2027-01-08T18:00"))).toBe("las 11:00 p. m. del domingo");
});

test("a cut-off at midnight is called midnight", async () => {
  const facts = anaAt(DENVER, "2027-01-11T06:00");
  expect(await sms("{{ prep.solids_until }}", facts, at(DENVER, "2027-01-10T18:00"))).toBe("midnight tonight");
  expect(await sms("{{ prep.solids_until }}", facts, at(DENVER, "2027-01-08T18:00"))).toBe("midnight on Sunday night");
  expect(await sms("{{ prep.solids_until }}", { ...facts, locale: "es" }, at(DENVER, "2027-01-10T18:00"))).toBe("la medianoche de hoy");
});

test("driving waits for the protocol's hours after discharge and for the next morning, whichever is later", async () => {
  const planned = anaAt(DENVER, "2027-01-11T09:00");
  const left = withSession(planned, { dischargedAt: at(DENVER, "2027-01-11T11:00") });
  const short = { ...left, instructions: { ...left.instructions, restriction: hours(12) } };
  const now = at(DENVER, "2027-01-11T18:00");
  expect(await sms("{{ restriction.until }}", left, now)).toBe("11:00 AM tomorrow");
  expect(await sms("{{ restriction.until }}", short, now)).toBe("8:00 AM tomorrow");
  expect(await sms("{{ restriction.until }}", planned, now)).toBe("11:00 PM tomorrow");
});

test("Spanish days have no comma, times have their article, and one full stop is enough", async () => {
  const facts = anaAt(DENVER, "2027-09-15T13:00", { locale: "es" });
  const now = at(DENVER, "2027-09-14T18:00");
  const text = "{{ session.day }}, a {{ session.time }}. {{ session.day_short }} {{ session.when }}";
  expect(await sms(text, facts, now)).toBe("miércoles 15 de septiembre, a la 1:00 p. m. mié 15 sept mañana");
  expect(await sms("{{ session.arrive_time }}", facts, now)).toBe("las 12:45 p. m.");
});

test("people prepare for a dosed session, not for a talk", async () => {
  const facts = anaAt(DENVER, "2027-01-11T09:00");
  const text = "{% if prep.has_solids %}eat{% endif %}{% if needs_companion %}driver{% endif %}.";
  expect(await sms(text, facts, at(DENVER, "2027-01-10T18:00"))).toBe("eatdriver.");
  expect(await sms(text, withSession(facts, { kind: "integration" }), at(DENVER, "2027-01-10T18:00"))).toBe(".");
});

test("each visit of a list is prepared for as its own series says, and the first that is prepared for says who comes along", async () => {
  const { facts, now } = ordinaryExample({ template: "note", locale: "en", instructions: { ...INSTRUCTIONS, companion: "sitter" } });
  const [first, second] = facts.sessions;
  if (!first || !second) expect.fail("no sessions");
  const other = { ...second, instructions: { ...INSTRUCTIONS, solids: hours(2), arriveEarly: hours(1) } };
  const sessions = [{ ...first, kind: "integration" as const }, other];
  const text = `{% for session in sessions %}{{ session.arrive_time }} {% if session.solids_until %}{{ session.solids_until }}{% endif %}{% endfor %}`;
  expect(await sms(text, { ...facts, sessions: [first, other] }, now)).toBe("8:45 AM 3:00 AM8:00 AM 7:00 AM");
  const companion = `{% if prep.companion == "driver" %}driver{% else %}sitter{% endif %}`;
  expect(await sms(companion, facts, now)).toBe("sitter");
  expect(await sms(companion, { ...facts, session: sessions[0] ?? null, sessions }, now)).toBe("driver");
});

test("a text about a whole series speaks of the next session", async () => {
  const { facts, now } = ordinaryExample({ template: "note", locale: "en" });
  const series = { ...facts, session: null };
  expect(await sms("{{ session.day_short }} of {{ sessions_count }}", series, now)).toBe("Mon, Jan 11 of 3");
});

test("a list says each session once, in order, and knows its last", async () => {
  const { facts, now } = ordinaryExample({ template: "note", locale: "en" });
  const text = "{% for session in sessions %}{{ session.day_short }}{% unless forloop.last %}; {% endunless %}{% endfor %}";
  expect(await sms(text, facts, now)).toBe("Mon, Jan 11; Wed, Jan 13; Fri, Jan 15");
});

test("more than neutral words are for the patient who accepted them, and never for the companion", async () => {
  const facts = anaAt(DENVER, "2027-01-11T09:00");
  const accepted = { ...facts, patient: { ...facts.patient, detailAccepted: true } };
  const escort: MessageFacts = { ...accepted, recipient: { ...facts.recipient, kind: "escort" } };
  const text = "{% if detail %}detail{% else %}neutral{% endif %}";
  const now = at(DENVER, "2027-01-10T18:00");
  expect([await sms(text, facts, now), await sms(text, accepted, now), await sms(text, escort, now)]).toEqual([
    "neutral",
    "detail",
    "neutral",
  ]);
});

test("a missing value or template is an error that names the field and nobody", async () => {
  const facts = withSession(anaAt(DENVER, "2027-01-11T09:00"), { place: null });
  const now = at(DENVER, "2027-01-10T18:00");
  const templates = await compileSms("at {{ session.place }}");
  const failure = { stem: "note", locale: "en", message: expect.not.stringContaining("Ana") };
  expect(() => renderSms(templates, facts, { now })).toThrow(RenderError);
  expect(() => renderSms(templates, facts, { now })).toThrow(expect.objectContaining({ ...failure, field: "session.place" }));
  expect(() => renderTask(templates, facts, { now })).toThrow(expect.objectContaining({ ...failure, field: "task" }));
  expect(() => renderSms(templates, { ...facts, template: "gone" }, { now })).toThrow(
    expect.objectContaining({ stem: "gone", field: "sms" }),
  );
});

const HOSTILE = "{{7*7}} <script>alert(1)</script>\r\nBcc: evil@example.com https://evil.example/x \u202eRTL";

test("a hostile name comes out as data in every part", async () => {
  const parts = {
    subject: "For {{ first_name }} at {{ session.place }}",
    mjml: mjml("<mj-text>{{ session.place }} {{ first_name }}</mj-text>"),
    text: "{{ session.place }}",
  };
  const templates = await compileTemplates(
    note({ email: parts, sms: "{{ session.place }}", task: "Call {{ patient.name }}\n{{ session.place }}" }),
  );
  const facts = anaAt(DENVER, "2027-01-11T09:00");
  const hostile = withSession(
    { ...facts, recipient: { ...facts.recipient, name: HOSTILE }, patient: { ...facts.patient, name: HOSTILE } },
    { place: HOSTILE },
  );
  const now = at(DENVER, "2027-01-10T18:00");
  const { subject, html, text } = renderEmail(templates, hostile, { now });
  const { body } = renderSms(templates, hostile, { now });
  const { title, script } = renderTask(templates, hostile, { now });
  expect(subject).toContain("{{7*7}}");
  expect(html).toContain("{{7*7}} &lt;script&gt;");
  for (const part of [subject, html, text, body, title, script]) {
    expect(part).not.toMatch(/https?:\/\/evil|49|\u202e|\r/);
    expect(part).not.toMatch(/evil\.example|example\.com/);
  }
  for (const line of [subject, text, body, title, script]) expect(line).not.toContain("\n");
  expect(html).not.toContain("<script");
  expect(body.length).toBeLessThanOrEqual(60);
});

test("a link to a video call is printed only when it is an https address", async () => {
  const templates = await compileTemplates(
    note({ email: { subject: "x", mjml: mjml("<mj-text>x</mj-text>"), text: "{{ session.join_url }}" } }),
  );
  const facts = anaAt(DENVER, "2027-01-11T09:00");
  const now = at(DENVER, "2027-01-10T18:00");
  expect(renderEmail(templates, withSession(facts, { joinUrl: "https://video.example/a" }), { now }).text).toBe("https://video.example/a");
  for (const joinUrl of ["javascript:alert(1)", 'https://x/"><b>', "http://video.example/a"])
    expect(() => renderEmail(templates, withSession(facts, { joinUrl }), { now })).toThrow(RenderError);
});

test("what a caller may read as variables is what templates print", () => {
  const variables = toVariables(anaAt(DENVER, "2027-01-11T09:00"), { now: at(DENVER, "2027-01-10T18:00") });
  expect(variables).toMatchObject({
    first_name: "Ana",
    clinic: { phone: "(303) 555-0142" },
    session: { time: "9:00 AM", when: "tomorrow" },
  });
  expect(Object.keys(variables.session ?? {})).toContain("arrive_time");
});

test.each(["en", "es"] as const)("the day before in %s gives every clock time that somebody needs", async (locale) => {
  const templates = await compileTemplates(await readShipped());
  const { facts, now } = ordinaryExample({ template: "day-before", locale });
  const { subject, html, text } = renderEmail(templates, facts, { now });
  const { body, segments } = renderSms(templates, facts, { now });
  for (const time of ["9:00", "8:45", "3:00", "7:00", "11:00"]) {
    expect(html).toContain(time);
    expect(text).toContain(time);
  }
  for (const time of ["9:00", "8:45", "3:00", "7:00"]) expect(body).toContain(time);
  expect(subject).toBe(locale === "en" ? "Your visit tomorrow at 9:00 AM" : "Su cita mañana a las 9:00 a. m.");
  expect(segments).toBeLessThanOrEqual(2);
  expect(text).toContain("(303) 555-0142");
  expect(parseInstant("2027-01-11T16:00Z")).toBe(facts.session?.startsAt);
});

test("a visit in the clinic without a place of its own is at the clinic's address, and one at home is nowhere", async () => {
  const ana = withSession(anaAt(DENVER, "2027-01-11T09:00"), { place: null });
  const known = { ...ana, clinic: { ...ana.clinic, address: "12 Aspen Road, Denver" } };
  const text = "{% if session.place %}{{ session.place }}{% else %}nowhere{% endif %}";
  const now = at(DENVER, "2027-01-10T09:00");
  expect(await sms(text, known, now)).toBe("12 Aspen Road, Denver");
  expect(await sms(text, withSession(known, { place: "Room 2" }), now)).toBe("Room 2");
  expect(await sms(text, withSession(known, { setting: "home" }), now)).toBe("nowhere");
  expect(await sms(text, ana, now)).toBe("nowhere");
});

test("a clock time in the HTML of a mail does not break across two lines", async () => {
  const templates = await compileTemplates(
    note({ email: { subject: "Note", mjml: mjml("<mj-text>{{ session.time }}</mj-text>"), text: "{{ session.time }}" } }),
  );
  const { html, text } = renderEmail(templates, anaAt(DENVER, "2027-01-11T09:00"), { now: at(DENVER, "2027-01-10T09:00") });
  expect(html).toContain("9:00\u00a0AM");
  expect(text).toContain("9:00 AM");
});
