import { describe, expect, test } from "vitest";
import { type LogFields, makeLog } from "../src/log.ts";

function open(level = "info") {
  const lines: string[] = [];
  return { lines, log: makeLog({ level, destination: { write: (line) => lines.push(line) } }) };
}

const read = (lines: readonly string[]): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));

describe("the log", () => {
  test("carries the event and the opaque fields it knows", () => {
    const { lines, log } = open();
    log.info("touchpoint.sent", { touchpointId: "tp", count: 2, ms: 0 });
    expect(read(lines)).toEqual([{ level: "info", time: expect.any(Number), touchpointId: "tp", count: 2, ms: 0, msg: "touchpoint.sent" }]);
  });

  test("drops every field it does not know, whoever passes it", () => {
    const { lines, log } = open();
    const fields = { count: 1, name: "Ana Ortiz", phone: "+13035550111", to: "ana@patients.example.org", patient: { name: "Ana" } };
    const smuggled: LogFields = fields;
    log.info("event", smuggled);
    log.warn("event", smuggled);
    log.error("event", smuggled);
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toMatch(/Ana|\+1303|@/i);
  });

  test("says of an error its name, code, cause and place, and never its message", () => {
    const { lines, log } = open();
    const cause = new RangeError("phone +13035550111");
    const error = Object.assign(new TypeError("duplicate key (name)=(Ana Ortiz)", { cause }), {
      code: "23505",
      detail: "Key (name)=(Ana Ortiz)",
    });
    log.error("record.failed", { touchpointId: "tp", error });
    const [line] = read(lines);
    expect(line).toMatchObject({ level: "error", error: "TypeError", errorCode: "23505", cause: "RangeError", touchpointId: "tp" });
    expect(String(line?.["at"])).toContain("log.test.ts");
    expect(lines.join()).not.toMatch(/Ana|\+1303|duplicate/);
  });

  test("an error of several lines leaves none of them in the log", () => {
    const { lines, log } = open();
    log.error("job.failed", { error: new Error("first Ana\nat Ortiz\n    at home of Ana (phone)") });
    expect(lines.join()).not.toMatch(/first|home of/);
  });

  test.each(["Ana Ortiz", { name: "Ana" }, null, undefined, 7])(
    "what was thrown and is no error leaves no trace of itself: %j",
    (error) => {
      const { lines, log } = open();
      log.error("job.failed", { error });
      expect(read(lines)).toEqual([{ level: "error", time: expect.any(Number), msg: "job.failed" }]);
    },
  );

  test("keeps to its level", () => {
    const { lines, log } = open("error");
    log.info("quiet");
    log.warn("quiet");
    log.error("loud");
    expect(read(lines).map(({ msg }) => msg)).toEqual(["loud"]);
  });
});
