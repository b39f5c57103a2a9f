import { beforeAll, describe, expect, test } from "vitest";
import { HOLD_CODE_WORDS } from "../../src/cli/patient-commands.ts";
import { HOLD_CODES } from "../../src/domain/patient-facts.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { type SeededClinic, seedClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let patient: string;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
  patient = String((await show())["patient"]);
});

const OF = ["10482", "--clinic", "aspen-ridge"];
const run = (...args: string[]) => clinic.run(["patient", ...args]);
const show = async (...flags: string[]) => linesOf((await run("show", ...OF, "--json", ...flags)).stdout)[0] ?? {};

test("the codes of a hold are those that can be stored", () => {
  expect(HOLD_CODE_WORDS).toEqual(HOLD_CODES);
});

describe("patient show", () => {
  test("says how somebody is reached without saying who it is", async () => {
    const { stdout } = await run("show", ...OF);
    expect(stdout).toContain("patient  sms    **********11");
    expect(stdout).toContain("a***@patients.example.org");
    expect(stdout).toContain("intake form");
    for (const hidden of ["Ana", "Ortiz", "10482", "+13035550111"]) expect(stdout).not.toContain(hidden);
    expect(await show()).toMatchObject({
      name: null,
      ref: null,
      watched: false,
      hold: null,
      verifiedAt: null,
      series: [{ status: "active" }],
    });
  });

  test("with --reveal says it, and keeps in the audit who looked", async () => {
    const { stdout } = await run("show", patient, "--reveal", "--actor", "Maria Lopez");
    expect(stdout).toContain("Ana Ortiz, chart 10482");
    expect(stdout).toContain("+13035550111");
    const events = await clinic.db.selectFrom("events").select(["kind", "actor"]).where("kind", "=", "patient.revealed").execute();
    expect(events).toEqual([{ kind: "patient.revealed", actor: "staff:Maria Lopez" }]);
  });

  test("refuses somebody who is not stored", async () => {
    expect(await run("show", "99999")).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("patient contact and escort", () => {
  test("take a new phone, with or without consent, and say what follows", async () => {
    const shown = await run("contact", ...OF, "--phone", "(303) 555-0119", "--dry-run");
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("until consent is on record") });
    expect(shown.stdout).toContain("Would be: ");
    expect(shown.stdout).not.toContain("555");
    const done = await run(
      "contact",
      ...OF,
      "--phone",
      "(303) 555-0119",
      "--sms-consent",
      "phone call",
      "--consent-at",
      "2027-01-04T07:50-07:00",
    );
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("phone replaced, consent to sms granted");
    expect(await show("--reveal")).toMatchObject({ phone: "+13035550119" });
  });

  test("list what is wrong, and want something to change", async () => {
    const wrong = await run("contact", ...OF, "--phone", "911", "--email", "nobody");
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("2 faults; nothing was stored") });
    expect((await run("contact", ...OF)).code).toBe(2);
    expect((await run("contact", ...OF, "--phone", "(303) 555-0119", "--sms-consent", "call")).code).toBe(2);
    expect((await run("escort", ...OF)).code).toBe(2);
    expect((await run("escort", ...OF, "--remove", "--name", "Sam Walker")).code).toBe(2);
  });

  test("name an escort, and take the escort away", async () => {
    const named = await run("escort", ...OF, "--name", "Sam Walker", "--phone", "(720) 555-0149", "--json");
    expect(linesOf(named.stdout)[0]).toMatchObject({ kind: "changed", patient, escort: "another" });
    expect(await show("--reveal")).toMatchObject({ escort: { name: "Sam Walker", phone: "+17205550149" } });
    expect((await run("escort", ...OF, "--remove")).stdout).toContain("escort removed");
    expect(await show()).toMatchObject({ escort: null });
    expect((await run("contact", ...OF, "--no-email")).stdout).toContain("email removed");
    expect(await show()).toMatchObject({ email: null });
  });
});

describe("patient consent", () => {
  test("records a revocation now, and a grant with its time", async () => {
    const revoked = await run("consent", "revoke", ...OF, "--channel", "sms", "--source", "phone call");
    expect(revoked.stdout).toContain("patient: consent to sms revoked");
    expect((await run("consent", "grant", ...OF, "--channel", "sms", "--source", "phone call")).code).toBe(2);
    const old = await run("consent", "grant", ...OF, "--channel", "sms", "--source", "phone call", "--at", "2026-12-01");
    expect(old).toMatchObject({ code: 1, stderr: expect.stringContaining("or after") });
    const detail = await run("consent", "grant", ...OF, "--channel", "detail", "--source", "form", "--at", "2027-01-04", "--json");
    expect(linesOf(detail.stdout)[0]).toMatchObject({ kind: "changed", channel: "detail", action: "granted" });
    expect(await show()).toMatchObject({ detailAccepted: true });
  });
});

describe("patient hold and release", () => {
  test("hold with a sealed reason, and show what would go before they let it", async () => {
    expect((await run("hold", ...OF, "--code", "tired", "--reason", "x")).code).toBe(2);
    const held = await run("hold", ...OF, "--code", "hospitalised", "--reason", "Her sister called");
    expect(held).toMatchObject({ code: 0, stderr: expect.stringContaining("6 sessions to come stay booked") });
    expect(await show()).toMatchObject({ hold: { code: "hospitalised", since: "2027-01-04T15:00:00.000Z", reason: null } });
    expect(await show("--reveal")).toMatchObject({ hold: { reason: "Her sister called" } });
    const shown = await run("release", ...OF);
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("--yes") });
    expect(await show()).toMatchObject({ hold: { code: "hospitalised" } });
    expect((await run("release", ...OF, "--yes")).stdout).toContain("released, with 6 sessions to come");
    expect(await show()).toMatchObject({ hold: null });
  });

  test("watch and verify mark the patient", async () => {
    expect((await run("watch", ...OF)).stdout).toContain("watched");
    expect((await run("verify", ...OF)).stdout).toContain("verified");
    expect(await show()).toMatchObject({ watched: true, verifiedAt: "2027-01-04T15:00:00.000Z" });
    expect((await run("unwatch", ...OF)).code).toBe(0);
    expect((await run("unwatch", ...OF)).stdout).toContain("how it is already");
  });
});
