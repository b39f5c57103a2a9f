import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { ConfigFaults, makeKeys, readConfig } from "../src/config.ts";

/** Reaches after-claim three times and says so each time. */
const REACH = `import { faultPoint } from "./src/fault-point.ts"; for (let i = 1; i <= 3; i++) { faultPoint("before-claim"); faultPoint("after-claim"); console.log(i); }`;

async function run(environment: Record<string, string>): Promise<{ said: string; end: unknown }> {
  const env = { PATH: process.env["PATH"], ...environment };
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", REACH], { env, stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  child.stdout.on("data", (data) => (said += String(data)));
  return { end: await once(child, "close"), said: said.replaceAll("\n", "") };
}

describe("a fault point", () => {
  test.each([
    ["none", {}, "123", [0, null]],
    ["the first time", { AFTERGLOW_ENV: "test", AFTERGLOW_FAULT: "after-claim" }, "", [null, "SIGKILL"]],
    ["the third time", { AFTERGLOW_ENV: "test", AFTERGLOW_FAULT: "after-claim:3" }, "12", [null, "SIGKILL"]],
    ["another one", { AFTERGLOW_ENV: "test", AFTERGLOW_FAULT: "after-record" }, "123", [0, null]],
    ["one that does not exist", { AFTERGLOW_ENV: "test", AFTERGLOW_FAULT: "after-lunch" }, "", [1, null]],
    ["one in production", { AFTERGLOW_FAULT: "after-claim" }, "", [1, null]],
  ])("asked for %s ends the process there, by a signal that nothing can catch, or not at all", async (_, environment, said, end) => {
    expect(await run(environment)).toEqual({ said, end });
  });

  test("is refused by the configuration in production, with a reason", () => {
    const environment = {
      ...makeKeys(),
      DATABASE_URL: "postgres://a@b/c",
      SMTP_URL: "smtp://127.0.0.1:1",
      TWILIO_ACCOUNT_SID: `AC${"a".repeat(32)}`,
      TWILIO_AUTH_TOKEN: "b".repeat(32),
      PUBLIC_BASE_URL: "https://visits.example.org",
    };
    expect(() => readConfig({ ...environment, AFTERGLOW_FAULT: "after-claim" })).toThrow(ConfigFaults);
    expect(() => readConfig({ ...environment, AFTERGLOW_FAULT: "after-claim" })).toThrow(
      "AFTERGLOW_FAULT: expected not to be set in production",
    );
    expect(() => readConfig({ ...environment, AFTERGLOW_FAULT: "at noon", AFTERGLOW_ENV: "test" })).toThrow(
      "AFTERGLOW_FAULT: expected a step",
    );
    expect(readConfig(environment).AFTERGLOW_FAULT).toBeUndefined();
  });
});
