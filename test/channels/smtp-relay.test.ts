import { describe, expect, test } from "vitest";
import { isLoopback } from "../../src/channels/loopback.ts";
import { parseSmtpUrl } from "../../src/channels/smtp-relay.ts";

describe("the way to the relay", () => {
  test.each(["smtp://localhost:1025", "smtp://LOCALHOST", "smtp://127.0.0.1:25", "smtp://127.4.5.6", "smtp://[::1]:2525"])(
    "stays in plain text inside this machine: %s",
    (url) => {
      expect(parseSmtpUrl(url).privacy).toBe("none");
    },
  );

  test.each([
    "smtp://mail.example.org",
    "smtp://mailpit:1025",
    "smtp://127.0.0.1.example.org",
    "smtp://localhost.example.org",
    "smtp://127.1",
    "smtp://10.0.0.5",
    "smtp://[::ffff:127.0.0.1]",
  ])("demands STARTTLS to any other host: %s", (url) => {
    expect(parseSmtpUrl(url).privacy).toBe("starttls");
  });

  test("is TLS from the first byte for smtps, on this machine too", () => {
    expect(parseSmtpUrl("smtps://mail.example.org").privacy).toBe("tls");
    expect(parseSmtpUrl("smtps://localhost").privacy).toBe("tls");
  });
});

test("credentials are decoded, ports default to 587 and 465", () => {
  expect(parseSmtpUrl("smtp://clinic%40x:p%40ss%3A@mail.example.org")).toEqual({
    host: "mail.example.org",
    port: 587,
    privacy: "starttls",
    credentials: { user: "clinic@x", pass: "p@ss:" },
  });
  expect(parseSmtpUrl("smtps://mail.example.org")).toMatchObject({ port: 465, credentials: null });
  expect(parseSmtpUrl("smtp://[::1]:2525")).toMatchObject({ host: "::1", port: 2525 });
});

test.each(["", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host/path", "smtp://host?x=1", "smtp://user@host"])(
  "a URL that cannot work is refused without being repeated: %j",
  (url) => {
    const parse = () => parseSmtpUrl(url);
    expect(parse).toThrow(/^The SMTP URL/);
    expect(parse).not.toThrow("host/path");
  },
);

test.each(["evil-localhost", "localhost.", "1270.0.0.1", "127.0.0", "::2", "", "[::1].example.org"])("%j is not this machine", (host) => {
  expect(isLoopback(host)).toBe(false);
});
