import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { checkProtocol, parseProtocol } from "../../src/domain/check-protocol.ts";
import type { Fault } from "../../src/domain/fault.ts";
import type { Protocol } from "../../src/domain/protocol.ts";
import { protocolJsonSchema } from "../../src/domain/protocol-json-schema.ts";

const folder = new URL("../../protocols/", import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .sort();

/** What the templates of this project are called; `no-outcome-call` is used by the program and never by a rule. */
const STEMS = new Set(
  [
    "welcome what-to-expect week-plan days-before driver-question day-before eating-notice nasal-notice same-day escort-day-before",
    "home-safe next-day three-days integration-reminder sitter-question location-confirm home-end series-complete",
    "survey-baseline survey-weekly survey-end survey-since survey-month survey-chase survey-unanswered check-in-chase record-outcome find-driver file-form file-form-urgent file-form-overdue",
    "review-series call-location",
    "session-moved session-moved-soon session-cancelled session-cancelled-soon session-postponed session-postponed-soon rebook-call",
    "escort-moved escort-off escort-ready series-stopped series-void missed-visit missed-visit-watched verify-contact booster-suggestion",
  ].flatMap((line) => line.split(" ")),
);

function read(name: string): string {
  return readFileSync(new URL(name, folder), "utf8");
}

function accepted(text: string): Protocol {
  const parsed = parseProtocol(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.value;
}

function refused(text: string): readonly Fault[] {
  const parsed = parseProtocol(text);
  if (parsed.ok) throw new Error("This protocol should have been refused");
  return parsed.faults;
}

/** A sound protocol of one rule, changed by the test. */
function minimal({
  rule = {},
  rules = [],
  phases = [{ id: "course", kind: "dosing", count: 6, perWeek: 3, minutes: 60 }],
  ...more
}: Record<string, unknown> = {}) {
  const dayBefore = {
    id: "day-before",
    purpose: "reminder",
    anchor: "session.start",
    offset: "-P1D",
    at: "16:00",
    channels: ["sms", "task"],
    expiry: { from: "anchor", offset: "-PT6H" },
    template: "day-before",
    task: { kind: "call", dueWithin: "PT2H" },
    source: "a source",
  };
  return stringify({
    id: "test-course",
    version: 1,
    title: "A course",
    route: "iv",
    summary: "A course for tests",
    sources: ["a source"],
    spacing: { least: "P2D", most: "P5D", source: "a source" },
    instructions: { solids: "PT6H", observation: "PT45M", restriction: "PT24H", companion: "driver", source: "a source" },
    phases,
    rules: [{ ...dayBefore, ...asRecord(rule) }, ...asList(rules).map((each) => ({ ...dayBefore, ...asRecord(each) }))],
    ...more,
  });
}

function asRecord(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function faultsOf(change: Record<string, unknown>): [string, string][] {
  return checkProtocol(accepted(minimal(change))).map(({ path, expected }) => [path, expected]);
}

function pathsOf(change: Record<string, unknown>): string[] {
  return faultsOf(change).map(([path]) => path);
}

describe("the protocols that ship", () => {
  test("are the five of the project", () => {
    expect(files).toEqual(["esketamine-trd.yaml", "im-ketamine.yaml", "iv-ketamine.yaml", "kap-lozenge.yaml", "lozenge-home.yaml"]);
  });

  describe.each(files)("%s", (name) => {
    const protocol = accepted(read(name));

    test("is sound, at version 1, under the name of its file", () => {
      expect(checkProtocol(protocol)).toEqual([]);
      expect(`${protocol.id}.yaml`).toBe(name);
      expect(protocol.version).toBe(1);
    });

    test("tells editors where its schema is", () => {
      expect(read(name)).toMatch(/^# yaml-language-server: \$schema=\.\/protocol\.schema\.json\n/);
    });

    test("uses only templates that the project has", () => {
      expect(protocol.rules.map(({ template }) => template).filter((stem) => !STEMS.has(stem))).toEqual([]);
    });

    test("names a public source or a default of the project for every rule and number", () => {
      const sources = [protocol.spacing.source, protocol.instructions.source, ...protocol.rules.map(({ source }) => source)];
      expect(sources.filter((source) => !/https?:\/\/|default of this project, to be confirmed by the clinic/.test(source))).toEqual([]);
    });

    test("lets somebody call where the driver, food or the way home are concerned", () => {
      const safety = [
        "day-before",
        "eating-notice",
        "driver-question",
        "sitter-question",
        "location-confirm",
        "home-safe",
        "home-end",
        "next-day",
      ];
      const rules = protocol.rules.filter(({ template }) => safety.includes(template));
      expect(rules.length).toBeGreaterThanOrEqual(5);
      expect(rules.filter(({ channels }) => channels.at(-1) !== "task").map(({ id }) => id)).toEqual([]);
    });

    test("repeats a reminder whose fate is unknown, and never a question", () => {
      const sent = protocol.rules.filter(({ recipient }) => recipient !== "staff");
      const wanted = (purpose: string) => (purpose === "survey" || purpose === "check-in" ? "hold" : "resend");
      expect(sent.filter(({ purpose, onUnknown }) => onUnknown !== wanted(purpose)).map(({ id }) => id)).toEqual([]);
    });
  });

  test("let the patient report the end at home, where nobody is there to record a discharge", () => {
    const home = accepted(read("lozenge-home.yaml"));
    const end = home.rules.find(({ id }) => id === "home-end");
    expect(end?.anchor).toBe("session.end");
    expect(end?.needs).toBeUndefined();
    expect(home.rules.some(({ needs }) => needs === "discharge" || needs === "arrival")).toBe(false);
    expect(home.instructions.companion).toBe("sitter");
  });

  test("remind of the monitoring form on day 3 and day 6 after a dose and raise an alarm on day 7", () => {
    const forms = accepted(read("esketamine-trd.yaml")).rules.filter(({ task }) => task?.kind === "file-form");
    expect(forms.map(({ offset, importance, when, anchor }) => [offset.days, importance, when, anchor])).toEqual([
      [3, "normal", ["dosed", "form-missing"], "session.dose"],
      [6, "high", ["dosed", "form-missing"], "session.dose"],
      [7, "critical", ["dosed", "form-missing"], "session.dose"],
    ]);
  });

  test("the JSON schema beside them is the one that the code gives", () => {
    expect(JSON.parse(read("protocol.schema.json"))).toEqual(JSON.parse(JSON.stringify(protocolJsonSchema())));
  });
});

describe("reading a protocol", () => {
  test("JSON is read as well", () => {
    expect(accepted(JSON.stringify(parse(minimal()))).id).toBe("test-course");
  });

  test("all faults are listed at once, with what stood there and what would be right", () => {
    expect(refused(minimal({ version: "one", route: "oral", title: 12, rule: { offset: "yesterday", at: "24:00" } }))).toEqual([
      { path: "version", value: "one", expected: "a number" },
      { path: "title", value: "12", expected: "a text, in quotes" },
      { path: "route", value: "oral", expected: "one of iv, im, nasal, lozenge" },
      {
        path: "rules[0].offset",
        value: "yesterday",
        expected: "an ISO 8601 duration with an optional sign, such as -P3D, PT2H or -PT6H (weeks, days, hours, minutes)",
      },
      { path: "rules[0].at", value: "24:00", expected: "a time of day from 00:00 to 23:59, such as 18:30" },
    ]);
  });

  test("an unknown key is a fault with the one that was probably meant, at any depth", () => {
    const faults = refused(
      minimal({ titel: "A course", rule: { chanels: ["sms"], expiry: { form: "anchor", from: "anchor", offset: "-PT6H" } } }),
    );
    expect(faults).toEqual([
      { path: "rules[0].expiry.form", value: "anchor", expected: "a known key; did you mean from?" },
      { path: "rules[0].chanels", value: "a list of 1", expected: "a known key; did you mean channels?" },
      { path: "titel", value: "A course", expected: "a known key; did you mean title?" },
    ]);
  });

  test("a key that resembles nothing is answered with the keys there are", () => {
    expect(refused(minimal({ rule: { expiry: { from: "anchor", offset: "-PT6H", xyzzyx: 1 } } }))).toEqual([
      { path: "rules[0].expiry.xyzzyx", value: "1", expected: "a known key (from, offset)" },
    ]);
  });

  test("a word that is nearly right is recognised", () => {
    expect(refused(minimal({ rule: { channels: ["smss"] } }))).toEqual([
      { path: "rules[0].channels[0]", value: "smss", expected: "one of email, sms, task; did you mean sms?" },
    ]);
  });

  test("midnight is a time of day", () => {
    expect(accepted(minimal({ rule: { at: "00:00" } })).rules[0]?.at).toBe(0);
  });

  test.each([
    ["a broken file", "id: [1", "line 1"],
    ["a key written twice", "id: a\nid: b", "line 2"],
    ["a tag that we do not know", "id: !!binary2 a", "line 1"],
    ["an alias that leads nowhere", "id: *nowhere", "file"],
    ["an empty file", "", "(whole input)"],
    ["a file without end", `title: ${"x".repeat(300_000)}`, "file"],
  ])("%s is refused where it stands", (_, text, path) => {
    expect(refused(text)[0]?.path).toBe(path);
  });

  test("a small file that grows by its aliases is refused", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++)
      lines.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    expect(refused(lines.join("\n"))[0]).toMatchObject({ path: "file" });
  });

  test("control characters are refused", () => {
    expect(refused(minimal({ title: "A \u0007 course" }))[0]).toMatchObject({ path: "title" });
  });
});

describe("a protocol that can be read but makes no sense", () => {
  test("a sound one has no fault", () => {
    expect(faultsOf({})).toEqual([]);
  });

  test("a message before the session may not outlive the session's start", () => {
    expect(pathsOf({ rule: { template: "days-before", expiry: { from: "anchor", offset: "PT1H" } } })).toEqual(["rules[0].expiry.offset"]);
    expect(pathsOf({ rule: { template: "days-before", expiry: { from: "anchor", offset: "PT0M" } } })).toEqual([]);
    expect(pathsOf({ rule: { template: "days-before", expiry: { from: "due", offset: "P1D" } } })).toEqual(["rules[0].expiry.offset"]);
    expect(pathsOf({ rule: { template: "days-before", expiry: { from: "due", offset: "PT12H" } } })).toEqual([]);
  });

  test("a rule whose use ends before it is due is never sent", () => {
    expect(
      pathsOf({ rule: { template: "same-day", at: undefined, offset: "-PT2H", expiry: { from: "anchor", offset: "-PT2H" } } }),
    ).toEqual(["rules[0].expiry.offset"]);
    expect(
      pathsOf({ rule: { template: "same-day", at: undefined, offset: "-PT2H", expiry: { from: "anchor", offset: "-PT119M" } } }),
    ).toEqual([]);
    expect(
      pathsOf({ rule: { template: "next-day", anchor: "session.end", offset: "PT2H", expiry: { from: "due", offset: "-PT1H" } } }),
    ).toEqual(["rules[0].expiry.offset"]);
    expect(pathsOf({ rule: { template: "days-before", offset: "-P1D", at: "16:00", expiry: { from: "anchor", offset: "-P2D" } } })).toEqual(
      ["rules[0].expiry.offset"],
    );
  });

  test("a text that names a cut-off may not come after it", () => {
    expect(faultsOf({ rule: { expiry: { from: "anchor", offset: "-PT5H" } } })).toEqual([
      ["rules[0].expiry", "{ from: anchor, offset: -PT6H } or earlier: after its cut-off the text is wrong"],
    ]);
    expect(pathsOf({ rule: { template: "eating-notice", expiry: { from: "due", offset: "PT2H" } } })).toEqual(["rules[0].expiry"]);
    expect(pathsOf({ rule: { expiry: { from: "anchor", offset: "-PT7H" } } })).toEqual([]);
  });

  test("a notice of a cut-off needs the cut-off", () => {
    expect(pathsOf({ rule: { template: "nasal-notice" } })).toEqual(["rules[0].template"]);
  });

  test("nothing is due before the series is known", () => {
    expect(pathsOf({ rule: { template: "welcome", anchor: "series.enqueued" } })).toEqual(["rules[0].offset"]);
  });

  test("a rule due before its session cannot wait for what happens in it", () => {
    expect(pathsOf({ rule: { needs: "dosing" } })).toEqual(["rules[0].needs"]);
  });

  test("staff get staff tasks, and only staff do", () => {
    const task = { kind: "call", dueWithin: "PT1H" };
    expect(pathsOf({ rule: { recipient: "staff", channels: ["task"], task } })).toEqual(["rules[0].purpose"]);
    expect(pathsOf({ rule: { purpose: "staff-task" } })).toEqual(["rules[0].purpose"]);
    expect(refused(minimal({ rule: { recipient: "staff", purpose: "staff-task", channels: ["sms"] } }))[0]?.path).toBe("rules[0].channels");
  });

  test("a critical rule ends in a call", () => {
    expect(pathsOf({ rule: { importance: "critical", channels: ["sms", "email"] } })).toEqual(["rules[0].channels"]);
    expect(pathsOf({ rule: { importance: "critical", channels: ["task", "sms"] } })).toEqual(["rules[0].channels"]);
    expect(pathsOf({ rule: { importance: "high", channels: ["sms", "sms"] } })).toEqual(["rules[0].channels"]);
    expect(pathsOf({ rule: { importance: "critical" } })).toEqual([]);
  });

  test("conditions that exclude each other never hold", () => {
    expect(pathsOf({ rule: { when: ["sessions-close", "sessions-apart"] } })).toEqual(["rules[0].when"]);
    expect(pathsOf({ rule: { recipient: "escort", when: ["escort-missing"] } })).toEqual(["rules[0].when"]);
    expect(pathsOf({ rule: { when: ["sessions-close", "escort-missing"] } })).toEqual([]);
  });

  test.each([
    ["change-soon", "change-later"],
    ["session-cancelled", "session-postponed"],
    ["because-of-clinic", "because-of-patient"],
  ])("neither do %s and %s, which are about a change", (one, other) => {
    const change = {
      anchor: "session.off",
      template: "session-cancelled",
      offset: "PT0M",
      at: undefined,
      expiry: { from: "due", offset: "PT18H" },
    };
    expect(pathsOf({ rule: { ...change, when: [one, other] } })).toEqual(["rules[0].when"]);
    expect(pathsOf({ rule: { ...change, when: [one] } })).toEqual([]);
    expect(pathsOf({ rule: { when: [one] } })).toEqual(["rules[0].when"]);
  });

  test("an urgent change is about a change, goes over every channel, and ends in a call", () => {
    const urgent = {
      purpose: "urgent-change",
      anchor: "session.moved",
      template: "session-moved",
      offset: "PT0M",
      at: undefined,
      deliver: "all",
      expiry: { from: "due", offset: "PT18H" },
    };
    expect(pathsOf({ rule: urgent })).toEqual([]);
    expect(pathsOf({ rule: { ...urgent, deliver: "first" } })).toEqual(["rules[0].deliver"]);
    expect(pathsOf({ rule: { ...urgent, channels: ["sms", "email"], task: undefined } })).toEqual(["rules[0].channels"]);
    expect(pathsOf({ rule: { ...urgent, anchor: "session.start" } })).toEqual(["rules[0].purpose"]);
    expect(pathsOf({ rule: { ...urgent, offset: "-PT1H" } })).toEqual(["rules[0].offset"]);
  });

  test("the check after ninety quiet days hangs on them, and nothing else does", () => {
    const check = { purpose: "staff-task", recipient: "staff", channels: ["task"], template: "verify-contact" };
    const verify = {
      ...check,
      anchor: "contact.quiet",
      offset: "-P3D",
      expiry: { from: "anchor", offset: "P7D" },
      task: { kind: "verify", dueWithin: "PT8H" },
    };
    expect(pathsOf({ rule: verify })).toEqual([]);
    expect(pathsOf({ rule: { ...verify, anchor: "session.start", expiry: { from: "due", offset: "P1D" } } })).toContain("rules[0].anchor");
    expect(pathsOf({ rule: { ...verify, task: { kind: "call", dueWithin: "PT8H" } } })).toEqual(["rules[0].anchor"]);
  });

  test("a rule that is told together with others is said by none, and speaks for none", () => {
    expect(pathsOf({ rules: [{ id: "eating-notice", saidBy: "day-before", together: true }] })).toEqual(["rules[1].together"]);
    expect(pathsOf({ rule: { together: true }, rules: [{ id: "eating-notice", saidBy: "day-before" }] })).toEqual(["rules[1].saidBy"]);
  });

  test("a nudge for the same day is not due the day before, and staffed days need days", () => {
    expect(pathsOf({ rule: { sameDay: true } })).toEqual(["rules[0].sameDay"]);
    expect(pathsOf({ rule: { days: "staffed", offset: "-PT8H", at: undefined } })).toEqual(["rules[0].days"]);
  });

  test("lengths have no sign, and repetition takes a day or more of a series", () => {
    expect(pathsOf({ rule: { slack: "-PT90M", task: { kind: "call", dueWithin: "-PT2H" } } })).toEqual([
      "rules[0].slack",
      "rules[0].task.dueWithin",
    ]);
    expect(pathsOf({ rule: { repeat: { every: "PT1H", until: "series.end" } } })).toEqual(["rules[0].repeat.every", "rules[0].repeat"]);
    const instructions = { solids: "-PT6H", observation: "PT45M", restriction: "PT24H", companion: "driver", source: "a source" };
    expect(pathsOf({ instructions })).toContain("instructions.solids");
  });

  test("stages of one group hang on one anchor and speak to one person", () => {
    const earlier = { group: "lead-up", rules: undefined };
    expect(pathsOf({ rule: earlier, rules: [{ id: "other", group: "lead-up", anchor: "week.start" }] })).toEqual(["rules[1].anchor"]);
    expect(pathsOf({ rule: { group: "lead-up" }, rules: [{ id: "other", group: "lead-up", recipient: "escort" }] })).toEqual([
      "rules[1].recipient",
    ]);
    expect(pathsOf({ rule: { group: "lead-up" }, rules: [{ id: "other", group: "another", anchor: "week.start" }] })).toEqual([]);
  });

  test("a rule can only be said by one that speaks to the same person over the same channel", () => {
    const said = (more: object) => pathsOf({ rules: [{ id: "eating-notice", saidBy: "day-before", ...more }] });
    expect(said({})).toEqual([]);
    expect(said({ saidBy: "eating-notice" })).toEqual(["rules[1].saidBy"]);
    expect(said({ recipient: "escort" })).toEqual(["rules[1].saidBy"]);
    expect(said({ anchor: "week.start" })).toEqual(["rules[1].saidBy"]);
    expect(said({ channels: ["email"] })).toEqual(["rules[1].saidBy"]);
  });

  test("a course has sixty sessions at most, those that follow others included", () => {
    const followedBy = { kind: "integration", after: "P2D", minutes: 50 };
    const phase = { id: "course", kind: "dosing", minutes: 60 };
    expect(pathsOf({ phases: [{ ...phase, count: 30, followedBy }] })).toEqual([]);
    expect(pathsOf({ phases: [{ ...phase, count: 31, followedBy }] })).toEqual(["phases"]);
    expect(pathsOf({ phases: [{ ...phase, count: 5, followedBy: { ...followedBy, after: "PT12H" } }] })).toEqual([
      "phases[0].followedBy.after",
    ]);
  });

  test("only the last phase is open-ended, and it says how far ahead it is made", () => {
    const phase = { id: "course", kind: "dosing", minutes: 60 };
    const after = { ...phase, id: "after", count: 2 };
    expect(pathsOf({ phases: [phase] })).toEqual(["phases[0].horizon"]);
    expect(pathsOf({ phases: [{ ...phase, horizon: "P5W" }] })).toEqual([]);
    expect(pathsOf({ phases: [{ ...phase, horizon: "P5W" }, after] })).toEqual(["phases[1].id"]);
    expect(pathsOf({ phases: [{ ...phase, horizon: "P5W", count: 3 }] })).toEqual(["phases[0].horizon"]);
    expect(pathsOf({ phases: [{ ...phase, onRequest: true, count: 3 }] })).toEqual(["phases[0].count"]);
    expect(
      pathsOf({
        phases: [
          { ...phase, horizon: "P5W" },
          { ...phase, id: "booster", onRequest: true },
        ],
      }),
    ).toEqual([]);
  });

  test("the least gap is not greater than the greatest", () => {
    expect(pathsOf({ spacing: { least: "P7D", most: "P5D", source: "a source" } })).toEqual(["spacing.least"]);
  });
});
