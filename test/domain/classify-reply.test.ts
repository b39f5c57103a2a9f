import { describe, expect, test } from "vitest";
import { classifyReply, findCrisisIn, type ReplyKind, REPLY_KINDS } from "../../src/domain/classify-reply.ts";
import { foldText } from "../../src/domain/fold-text.ts";
import { CALM, CORPUS, CRISIS } from "./reply-corpus.ts";

const read = (body: string) => classifyReply({ body, media: 0, carrierKeyword: null });
const phrases = REPLY_KINDS.flatMap((kind) =>
  [...(CORPUS[kind]?.en ?? []), ...(CORPUS[kind]?.es ?? [])].map((phrase): [string, ReplyKind] => [phrase, kind]),
);

describe("the corpus", () => {
  test("is large enough to mean something, and says nothing twice", () => {
    expect(phrases.length + CRISIS.length + CALM.length).toBeGreaterThanOrEqual(300);
    expect(new Set(phrases.map(([phrase]) => phrase)).size).toBe(phrases.length);
  });

  test("has its revocations recognised, all but one in two hundred at most", () => {
    const revocations = phrases.filter(([, kind]) => kind === "stop");
    const missed = revocations.filter(([phrase]) => read(phrase).kind !== "stop");
    expect(missed).toEqual([]);
    expect(1 - missed.length / revocations.length).toBeGreaterThanOrEqual(0.995);
  });

  test("has nothing else taken for a revocation", () => {
    expect(phrases.filter(([phrase, kind]) => kind !== "stop" && read(phrase).kind === "stop")).toEqual([]);
  });

  test.each(phrases)("%j is read as %s", (phrase, kind) => {
    expect(read(phrase).kind).toBe(kind);
  });

  test("has every cry for help heard", () => {
    expect(CRISIS.filter((phrase) => read(phrase).crisis === null)).toEqual([]);
  });

  test("wakes nobody for everyday words", () => {
    expect(CALM.filter((phrase) => read(phrase).crisis !== null)).toEqual([]);
    const everyday = phrases.filter(([phrase]) => !CRISIS.includes(phrase));
    expect(everyday.filter(([phrase]) => read(phrase).crisis !== null)).toEqual([]);
  });
});

describe("a reply", () => {
  test("that the carrier took for a keyword is that keyword, and the carrier has confirmed it", () => {
    expect(classifyReply({ body: "arrêtez", media: 0, carrierKeyword: "stop" })).toMatchObject({ kind: "stop", byCarrier: true });
  });

  test("of a carrier's keyword alone is confirmed by the carrier, one with a word or a mark more is not", () => {
    expect(read(" stop ")).toMatchObject({ kind: "stop", byCarrier: true });
    expect(read("stop.")).toMatchObject({ kind: "stop", byCarrier: false });
    expect(read("please stop")).toMatchObject({ kind: "stop", byCarrier: false });
  });

  test("that wants to cancel may have meant the visit, one that wants no texts cannot", () => {
    expect(read("CANCEL")).toMatchObject({ kind: "stop", mayMeanVisit: true });
    expect(read("STOP")).toMatchObject({ kind: "stop", mayMeanVisit: false });
  });

  test("without a word is nothing, and a picture if one came with it", () => {
    expect(read("").kind).toBe("empty");
    expect(read(" \u200b ").kind).toBe("empty");
    expect(classifyReply({ body: "", media: 2, carrierKeyword: null }).kind).toBe("media");
  });

  test("of 1,600 characters, or of marks upon marks, is read in no time", () => {
    for (const body of ["no ".repeat(533), "a".repeat(1_600), "e\u0301\u0301".repeat(530), "stop the ".repeat(177), "🛑".repeat(800)])
      read(body);
    expect(read(`${"so ".repeat(500)} I want to die`).crisis).toBe("self-harm");
  });

  test("in which both stand stops the texts and raises the alarm", () => {
    expect(read("stop texting me, I want to die")).toMatchObject({ kind: "stop", crisis: "self-harm" });
  });
});

test("words that came apart are found together", () => {
  expect(findCrisisIn(["I am going to kill", "myself tonight"])).toBeNull();
  expect(findCrisisIn(["I am going to kill myself tonight"])).toBe("self-harm");
});

test("letters are folded to what they say", () => {
  expect(foldText("ＣＡＮ’Ｔ  stóp…")).toBe("cant stop");
  expect(foldText("1️⃣")).toBe("1");
  expect(foldText("S.T.O.P")).toBe("stop");
});
