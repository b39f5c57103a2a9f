/** A text that came in with everything that decides about it, and what was decided. */
import type { Instant } from "./calendar.ts";
import type { ReplyKind, ReplyReading } from "./classify-reply.ts";
import type { ClinicId, PatientId, SeriesId, SessionId, TouchpointId } from "./ids.ts";

export type ReplyPerson = {
  readonly patientId: PatientId;
  readonly person: "patient" | "escort";
  readonly isCurrent: boolean;
  readonly seriesId: SeriesId | null;
  readonly clinicId: ClinicId | null;
  readonly nextSessionId: SessionId | null;
  readonly nextStartsAt: Instant | null;
};

/** The last text that one patient at the number got, and the visit to come of which it spoke. */
export type AskedText = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly purpose: string;
  readonly sessionId: SessionId | null;
  readonly isAnswered: boolean;
  /** The other visits of which it spoke: a text about a week lists several. */
  readonly alsoListed: readonly SessionId[];
};

/** Our question back, which visit was meant: still open, because nothing but it came between. */
export type PendingChoice = {
  readonly intent: "confirm" | "asks-to-move";
  readonly offered: readonly {
    readonly id: SessionId;
    readonly patientId: PatientId;
    readonly seriesId: SeriesId;
    readonly isToCome: boolean;
  }[];
};

export type ReplyCase = {
  readonly reading: ReplyReading;
  readonly now: Instant;
  /** Whether there is more in it than a digit or a word of ours: then a person reads it, whatever else follows. */
  readonly isWordy: boolean;
  readonly people: readonly ReplyPerson[];
  /** A patient each, newest first. */
  readonly lastTexts: readonly AskedText[];
  readonly optOut: { readonly source: string; readonly at: Instant } | null;
  readonly receivedAt: Instant;
  readonly pending: PendingChoice | null;
  /** Too much has gone back and forth: it looks like another robot. */
  readonly isLoop: boolean;
  /** Our answers to this number of late, by stem: a day back for what is said once a day, ten minutes for the crisis text. */
  readonly saidLately: ReadonlySet<string>;
  /** What became of the answer about a visit: null as long as it was not tried. */
  readonly answered: "new" | "same" | "refused" | null;
};

export type VisitAnswer = {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId;
  /** Visits that are confirmed with it, because the text listed them too. */
  readonly alsoConfirms: readonly SessionId[];
  readonly answer: "confirmed" | "asks-to-move";
};

export type ReplyTask = {
  readonly template: "read-reply" | "meant-visit" | "review-replies";
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  /** `soon`: half an hour of staffed time; `today`: the same staffed day. */
  readonly due: "soon" | "today";
  readonly importance: "critical" | "high" | "normal";
};

export type AutomaticAnswer = {
  readonly template: string;
  readonly to: ReplyPerson;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
};

export type ReplyDecision = {
  readonly kind: ReplyKind;
  readonly patientId: PatientId | null;
  /** The question that it answers. */
  readonly touchpointId: TouchpointId | null;
  readonly sessionId: SessionId | null;
  readonly optOut: "none" | "stop" | "wrong-number";
  /** Lifts the number's opt-out. */
  readonly optIn: boolean;
  readonly alert: "self-harm-words" | "severe-side-effect" | null;
  /** To be recorded before the rest. */
  readonly says: VisitAnswer | null;
  readonly answer: AutomaticAnswer | null;
  /** The crisis text goes to the number itself: no chart has it, or nobody there has a series that could carry an answer. */
  readonly warnsNumber: boolean;
  readonly offered: readonly SessionId[];
  readonly tasks: readonly ReplyTask[];
  readonly inbox: "open" | null;
};
