import { describe, expect, test, vi } from "vitest";
import { calmLog } from "../src/calm-log.ts";
import { makeLog } from "../src/log.ts";

function open() {
  const lines: Record<string, unknown>[] = [];
  const log = calmLog(makeLog({ level: "info", destination: { write: (line) => lines.push(JSON.parse(line)) } }));
  return { lines, log };
}

const down = () => Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });

describe("a calm log", () => {
  test("writes one line a second of a fault that goes on, and counts the others into the next one", () => {
    const { log, lines } = open();
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
    for (let attempt = 1; attempt <= 500; attempt++) log.error("record.failed", { attempt, error: down() });
    expect(lines).toMatchObject([{ msg: "record.failed", attempt: 1, errorCode: "ECONNREFUSED" }]);
    clock.mockReturnValue(10_999);
    log.error("record.failed", { error: down() });
    clock.mockReturnValue(11_000);
    log.error("record.failed", { error: down() });
    expect(lines.map(({ count }) => count)).toEqual([undefined, 501]);
  });

  test("keeps what is about another thing, another cause or another event, and what is no error", () => {
    const { log, lines } = open();
    log.error("message.unwritten", { touchpointId: "a", error: down() });
    log.error("message.unwritten", { touchpointId: "b", error: down() });
    log.error("message.unwritten", { touchpointId: "b", error: new TypeError("x") });
    log.error("plan.failed", { error: down() });
    log.warn("webhook.refused", { count: 1 });
    log.warn("webhook.refused", { count: 1 });
    log.info("worker.started");
    log.info("worker.started");
    expect(lines).toHaveLength(8);
  });

  test("writes one line a second and queue of hints that are lost, which every request would lose while a queue is away", () => {
    const { log, lines } = open();
    for (let request = 1; request <= 9; request++) log.warn("hint.lost", { queue: "record-delivery", count: 1, kind: "ReplyError" });
    log.warn("hint.lost", { queue: "handle-reply", count: 1, kind: "ReplyError" });
    expect(lines.map(({ queue }) => queue)).toEqual(["record-delivery", "handle-reply"]);
  });

  test("leaves a line's own count as it is", () => {
    const { log, lines } = open();
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
    log.error("record.failed", { count: 50, error: down() });
    log.error("record.failed", { count: 7, error: down() });
    clock.mockReturnValue(11_500);
    log.error("record.failed", { count: 9, error: down() });
    expect(lines.map(({ count }) => count)).toEqual([50, 9]);
  });
});
