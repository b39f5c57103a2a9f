import { describe, expect, test } from "vitest";
import { classifySmtp } from "../../src/channels/classify-smtp.ts";
import type { SmtpFailure } from "../../src/channels/smtp-line.ts";

const broken = (phase: SmtpFailure["phase"], error: string): SmtpFailure => ({ phase, error, answered: "CONN", reply: null });
const rcpt = (reply: string): SmtpFailure => ({ phase: "envelope", error: "EENVELOPE", answered: "RCPT TO", reply });
const mailFrom = (reply: string): SmtpFailure => ({ phase: "envelope", error: "EENVELOPE", answered: "MAIL FROM", reply });
const dot = (reply: string): SmtpFailure => ({ phase: "data", error: "EMESSAGE", answered: "DATA", reply });
const auth = (reply: string): SmtpFailure => ({ phase: "auth", error: "EAUTH", answered: "AUTH PLAIN", reply });
const greeting = (reply: string): SmtpFailure => ({ phase: "connect", error: "EPROTOCOL", answered: "CONN", reply });

describe("without a reply the phase decides", () => {
  test.each(["connect", "auth", "envelope"] as const)("a dialogue that breaks off in %s was not sent", (phase) => {
    expect(classifySmtp(broken(phase, "ECONNRESET"))).toEqual({ kind: "not-sent", code: "ECONNRESET" });
  });

  test("a dialogue that breaks off once the mail is on its way may have been sent", () => {
    expect(classifySmtp(broken("data", "ECONNRESET"))).toEqual({ kind: "unknown", code: "ECONNRESET" });
  });

  test("words that do not answer the final dot decide nothing", () => {
    expect(classifySmtp({ phase: "data", error: "ECONNECTION", answered: "CONN", reply: "421 4.4.2 timed out" }).kind).toBe("unknown");
    expect(classifySmtp(dot("354 go on")).kind).toBe("unknown");
    expect(classifySmtp(dot("nonsense")).kind).toBe("unknown");
  });

  test("a mail larger than the relay announced is the content's fault", () => {
    expect(classifySmtp({ phase: "envelope", error: "EMESSAGE", answered: "MAIL FROM", reply: null })).toEqual({
      kind: "refused",
      reason: "content-refused",
      code: "too-big",
    });
  });
});

describe("a reply is definitive", () => {
  test.each([
    [rcpt("450 4.2.0 greylisted"), "450 4.2.0"],
    [rcpt("451 try later"), "451"],
    [rcpt("452 4.2.2 mailbox full"), "452 4.2.2"],
    [rcpt("552 5.2.2 mailbox full"), "552 5.2.2"],
    [dot("451 4.3.0 not now"), "451 4.3.0"],
    [dot("452 4.3.1 no room"), "452 4.3.1"],
    [auth("454 4.7.0 temporary authentication failure"), "454 4.7.0"],
    [greeting("554 no service for you"), "554"],
    [greeting("502 5.5.1 no STARTTLS"), "502 5.5.1"],
  ])("%o is not sent, to be tried again", (failure, code) => {
    expect(classifySmtp(failure)).toEqual({ kind: "not-sent", code });
  });

  test.each([[greeting("421 too busy")], [mailFrom("421 4.7.0 slow down")], [rcpt("421 4.7.28 slow down")], [dot("421 4.3.2 closing")]])(
    "%o is throttled for a minute",
    (failure) => {
      expect(classifySmtp(failure)).toMatchObject({ kind: "throttled", retryAfterMs: 60_000 });
    },
  );

  test("Amazon's 454 is throttled when a mail is under way", () => {
    expect(classifySmtp(dot("454 Throttling failure: Maximum sending rate exceeded."))).toMatchObject({ kind: "throttled", code: "454" });
  });

  test.each([
    [rcpt("550 5.1.1 no such user"), "bad-address", "550 5.1.1"],
    [rcpt("550-5.1.1 no such user\n550 5.1.1 really"), "bad-address", "550 5.1.1"],
    [rcpt("550 no such user"), "bad-address", "550"],
    [rcpt("551 not local"), "bad-address", "551"],
    [rcpt("553 5.1.3 malformed"), "bad-address", "553 5.1.3"],
    [rcpt("556 5.1.10 null MX"), "bad-address", "556 5.1.10"],
    [rcpt("550 5.2.1 disabled"), "bad-address", "550 5.2.1"],
    [rcpt("550 5.4.1 access denied"), "bad-address", "550 5.4.1"],
    [dot("550 5.1.1 no such user"), "bad-address", "550 5.1.1"],
    [rcpt("550 5.7.1 blocked"), "sender-refused", "550 5.7.1"],
    [dot("550 5.7.26 unauthenticated"), "sender-refused", "550 5.7.26"],
    [mailFrom("530 5.7.0 authentication required"), "sender-refused", "530 5.7.0"],
    [mailFrom("550 5.1.0 sender rejected"), "sender-refused", "550 5.1.0"],
    [mailFrom("553 5.1.8 sender's domain"), "sender-refused", "553 5.1.8"],
    [auth("535 5.7.8 bad credentials"), "sender-refused", "535 5.7.8"],
    [auth("534 too weak"), "sender-refused", "534"],
    [mailFrom("552 5.3.4 too big"), "content-refused", "552 5.3.4"],
    [dot("552 too big"), "content-refused", "552"],
    [dot("554 5.6.0 malformed"), "content-refused", "554 5.6.0"],
    [dot("550 not today"), "refused", "550"],
    [dot("554 5.0.0 transaction failed"), "refused", "554 5.0.0"],
    [rcpt("501 5.5.4 syntax"), "refused", "501 5.5.4"],
  ])("%o is refused as %s", (failure, reason, code) => {
    expect(classifySmtp(failure)).toEqual({ kind: "refused", reason, code });
  });
});
