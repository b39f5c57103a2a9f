/** What decisions about a text are made of: nothing at all, an answer that goes by itself, and a person who reads it. */
import type { AutomaticAnswer, ReplyCase, ReplyDecision, ReplyPerson, ReplyTask } from "./reply-case.ts";
import type { SessionId } from "./ids.ts";

/** It is kept, and nothing follows. */
export function nothing({ reading: { kind } }: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  return {
    kind,
    patientId: main?.patientId ?? null,
    touchpointId: null,
    sessionId: null,
    optOut: "none",
    optIn: false,
    alert: null,
    says: null,
    answer: null,
    warnsNumber: false,
    offered: [],
    tasks: [],
    inbox: null,
  };
}

/** An answer to somebody who has a series that can carry it; null for anybody else. */
export function answerOf(template: string, to: ReplyPerson | undefined, sessionId: SessionId | null = null): AutomaticAnswer | null {
  return to?.seriesId ? { template, to, seriesId: to.seriesId, sessionId } : null;
}

/** A person reads it, the same staffed day; once a day the sender is told that nobody watches the clock for it. */
export function freeText(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { optOut, saidLately } = each;
  const told = optOut !== null || main?.isCurrent === false || saidLately.has("answer-received");
  const tasks: ReplyTask[] = main
    ? [{ template: "read-reply", patientId: main.patientId, sessionId: null, due: "today", importance: "normal" }]
    : [];
  const kind = each.reading.kind === "media" ? "media" : "free-text";
  return { ...nothing(each, main), kind, inbox: "open", tasks, answer: told ? null : answerOf("answer-received", main) };
}
