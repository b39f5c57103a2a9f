import { simpleParser } from "mailparser";
import { describe, expect, test } from "vitest";
import { buildMime, isBareAddress, type Mail } from "../../src/channels/build-mime.ts";

const mail: Mail = {
  from: { name: "Harbor Clinic", address: "hello@harbor.test" },
  to: "ben@mail.test",
  subject: "Your appointment on Monday",
  messageId: "<tp-0192aaaa-0000-7000-8000-000000000001@harbor.test>",
  writtenAt: Date.UTC(2027, 0, 11, 14, 0, 5),
  text: "Hello Ben,\nsee you on Monday.\n.\nYours",
  html: "<p>Hello Ben, see you on Monday.</p>",
  calendar: null,
};

function build(changes: Partial<Mail> = {}): Buffer {
  const built = buildMime({ ...mail, ...changes });
  if ("fault" in built) throw new Error(built.fault);
  return built.bytes;
}

const parse = (changes: Partial<Mail> = {}) => simpleParser(build(changes));

describe("a mail", () => {
  test("carries its headers and both bodies", async () => {
    const parsed = await parse();
    expect(parsed.from?.value).toEqual([{ name: "Harbor Clinic", address: "hello@harbor.test" }]);
    expect(parsed.headers.get("to")).toMatchObject({ text: "ben@mail.test" });
    expect(parsed.subject).toBe("Your appointment on Monday");
    expect(parsed.messageId).toBe(mail.messageId);
    expect(parsed.date?.getTime()).toBe(mail.writtenAt);
    expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
    expect([parsed.text, parsed.html]).toEqual([mail.text, mail.html]);
    expect(parsed.attachments).toEqual([]);
  });

  test("says where one click ends messages of its kind, and only where there is such a place", async () => {
    const unsubscribe = `https://visits.harbor.test/u/${"A".repeat(43)}/surveys`;
    const parsed = await parse({ unsubscribe });
    expect(parsed.headerLines.filter(({ key }) => key.startsWith("list-unsubscribe")).map(({ line }) => line.replace(/\r\n/g, ""))).toEqual(
      [`List-Unsubscribe: <${unsubscribe}>`, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"],
    );
    expect((await parse()).headerLines.some(({ key }) => key.startsWith("list-"))).toBe(false);
  });

  test.each(["http://a.test/u", "https://a.test/u\r\nBcc: evil@a.test", "https://a.test/>x", "mailto:a@a.test"])(
    "is not built with %j as that place",
    (unsubscribe) => {
      expect(buildMime({ ...mail, unsubscribe })).toEqual({ fault: "unsubscribe" });
    },
  );

  test("is the same bytes for the same content", () => {
    expect(build().equals(build())).toBe(true);
  });

  test("keeps every line within 76 characters of ASCII and ends it with CRLF", () => {
    const lines = build({
      subject: "Señora Łukasiewicz, ".repeat(20),
      html: "<p>ä</p>".repeat(2_000),
      from: { ...mail.from, name: "Clínica ".repeat(30) },
    })
      .toString("latin1")
      .split("\r\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(76);
    expect(lines.join("")).toMatch(/^[ -~]*$/);
  });

  test.each([
    "Recordatorio: su cita del lunes a las 9:00 en la clínica del puerto, por favor lea esto antes",
    "予約のお知らせ：月曜日の午前九時にお越しください。ご不明な点はお電話でお問い合わせください。ありがとうございます",
    "👩‍👩‍👧‍👦".repeat(12),
    "plain and long ".repeat(15).trim(),
    " leading and trailing ",
    "=?UTF-8?B?bm90IG91cnM=?=",
    "",
  ])("brings its subject over unchanged: %j", async (subject) => {
    expect((await parse({ subject })).subject ?? "").toBe(subject);
  });

  test.each([
    "Clínica Ñandú",
    "李 診所",
    'Dr. "Bob" O\'Hara, MD (Boston) \\ Team',
    "Harbor <evil@x.test>, Clinic",
    "x ".repeat(60).trim(),
    "العيادة",
  ])("brings its sender's name over unchanged: %j", async (name) => {
    expect((await parse({ from: { ...mail.from, name } })).from?.value).toEqual([{ name, address: "hello@harbor.test" }]);
  });

  test("with a sender without a name shows the bare address", async () => {
    expect((await parse({ from: { ...mail.from, name: "" } })).from?.text).toBe("hello@harbor.test");
  });

  test("brings other scripts and odd line ends over in its bodies", async () => {
    const parsed = await parse({ text: "Łukasz\r\n你好\n🙂", html: "<p>Łukasz 你好 🙂</p>" });
    expect([parsed.text, parsed.html]).toEqual(["Łukasz\n你好\n🙂", "<p>Łukasz 你好 🙂</p>"]);
  });
});

describe("an invitation", () => {
  const ics = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Cita – Clínica\r\nEND:VCALENDAR\r\n";

  test("is the third alternative with its method, and an attachment", async () => {
    const raw = build({ calendar: { method: "CANCEL", ics } }).toString("latin1");
    expect(raw.match(/^Content-Type: [a-z/]+/gm)).toEqual([
      "Content-Type: multipart/mixed",
      "Content-Type: multipart/alternative",
      "Content-Type: text/plain",
      "Content-Type: text/html",
      "Content-Type: text/calendar",
      "Content-Type: application/ics",
    ]);
    expect(raw).toContain("Content-Type: text/calendar; charset=utf-8; method=CANCEL\r\n");
    const { attachments, html } = await simpleParser(raw);
    expect(html).toBe(mail.html);
    expect(attachments.map(({ contentType, filename }) => [contentType, filename])).toEqual([
      ["text/calendar", undefined],
      ["application/ics", "invite.ics"],
    ]);
    expect(attachments.map(({ content }) => content.toString())).toEqual([ics, ics]);
  });
});

test("the calendars of further sessions are attachments that say their method", async () => {
  const ics = (uid: string) => `BEGIN:VCALENDAR\r\nUID:${uid}\r\nEND:VCALENDAR\r\n`;
  const further = [
    { method: "CANCEL" as const, ics: ics("two") },
    { method: "REQUEST" as const, ics: ics("three") },
  ];
  const raw = build({ calendar: { method: "CANCEL", ics: ics("one") }, furtherCalendars: further }).toString("latin1");
  expect(raw.match(/^Content-Type: text\/calendar.*/gm)).toEqual([
    "Content-Type: text/calendar; charset=utf-8; method=CANCEL",
    "Content-Type: text/calendar; charset=utf-8; method=CANCEL;",
    "Content-Type: text/calendar; charset=utf-8; method=REQUEST;",
  ]);
  const { attachments } = await simpleParser(raw);
  expect(attachments.map(({ contentType, filename, content }) => [contentType, filename, content.toString()])).toEqual([
    ["text/calendar", undefined, ics("one")],
    ["application/ics", "invite.ics", ics("one")],
    ["text/calendar", "invite-2.ics", ics("two")],
    ["text/calendar", "invite-3.ics", ics("three")],
  ]);
});

describe("what cannot stand in a header is refused", () => {
  const breaks = ["\r\nBcc: evil@x.test", "\nBcc: evil@x.test", "\rX: y", "\0", "\u001b[31m", "\u0085", "\u2028"];

  test.each(breaks)("in the subject: %j", (end) => {
    expect(buildMime({ ...mail, subject: `Monday${end}` })).toEqual({ fault: "subject" });
  });
  test.each(breaks)("in the sender's name: %j", (end) => {
    expect(buildMime({ ...mail, from: { ...mail.from, name: `Clinic${end}` } })).toEqual({ fault: "from" });
  });
  test.each(breaks)("in an address: %j", (end) => {
    expect(buildMime({ ...mail, to: `ben@mail.test${end}` })).toEqual({ fault: "to" });
    expect(buildMime({ ...mail, from: { ...mail.from, address: `hello@harbor.test${end}` } })).toEqual({ fault: "from" });
  });
  test("in the Message-ID", () => {
    expect(buildMime({ ...mail, messageId: "<a@b>\r\nBcc: evil@x.test" })).toEqual({ fault: "message-id" });
  });
});

test.each([
  "",
  "ben",
  "ben@",
  "@mail.test",
  "ben@mail.test, evil@x.test",
  "ben@mail.test evil@x.test",
  "Ben <ben@mail.test>",
  "<ben@mail.test>",
  '"Doe, Jane" <p@x.test>, evil@x.test',
  '"ben smith"@mail.test',
  "ben@mail.test (comment)",
  "ben@mail@x.test",
  "ben@[127.0.0.1]",
  "jörg@mail.test",
  "ben@exämple.test",
  "ben@mail.test.",
  " ben@mail.test",
  `${"b".repeat(65)}@mail.test`,
  `ben@${"m".repeat(252)}.test`,
])("%j is not one bare address", (text) => {
  expect(isBareAddress(text)).toBe(false);
});

test.each(["ben@mail.test", "o'hara+clinic@mail.test", "b.e_n-1@sub.mail.test", "ben@xn--exmple-cua.test", "ben@localhost"])(
  "%j is one bare address",
  (text) => {
    expect(isBareAddress(text)).toBe(true);
  },
);
