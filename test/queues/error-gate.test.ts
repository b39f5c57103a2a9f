import { describe, expect, test, vi } from "vitest";
import { makeLog } from "../../src/log.ts";
import { errorGate } from "../../src/queues/error-gate.ts";

function open() {
  const lines: Record<string, unknown>[] = [];
  const gate = errorGate(makeLog({ level: "error", destination: { write: (line) => lines.push(JSON.parse(line)) } }));
  return { lines, gate };
}

const failure = (code: string) => Object.assign(new Error("READONLY You can't write against a read only replica."), { code });

describe("errors of a queue", () => {
  test("thousands of one cause within a second make one line", () => {
    const { lines, gate } = open();
    for (let count = 0; count < 5_000; count++) gate("send-sms")(failure("READONLY"));
    expect(lines).toMatchObject([{ msg: "queue.error", queue: "send-sms", count: 1, errorCode: "READONLY" }]);
  });

  test("another cause and another queue have lines of their own", () => {
    const { lines, gate } = open();
    gate("send-sms")(failure("READONLY"));
    gate("send-sms")(failure("ECONNRESET"));
    gate("send-email")(failure("READONLY"));
    expect(lines.map(({ queue, errorCode }) => [queue, errorCode].join(" "))).toEqual([
      "send-sms READONLY",
      "send-sms ECONNRESET",
      "send-email READONLY",
    ]);
  });

  test("what was swallowed is counted into the next line", () => {
    const { lines, gate } = open();
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
    for (let count = 0; count < 7; count++) gate("send-sms")(failure("READONLY"));
    clock.mockReturnValue(10_999);
    gate("send-sms")(failure("READONLY"));
    clock.mockReturnValue(11_000);
    gate("send-sms")(failure("READONLY"));
    expect(lines.map(({ count }) => count)).toEqual([1, 8]);
  });
});
