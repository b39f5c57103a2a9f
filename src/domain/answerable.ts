/** What can still be said about a visit at a moment: before it, while it lasts, after it. */
import { DAY, type Instant, instant } from "./calendar.ts";
import type { Fault } from "./fault.ts";
import type { SessionAnswerKind, SessionStatus } from "./patient-facts.ts";
import type { Setting } from "./protocol.ts";
import { unreachable } from "./unreachable.ts";

export type AnsweringSession = { readonly setting: Setting; readonly status: SessionStatus; readonly startsAt: Instant };

type Answering = { readonly session: AnsweringSession; readonly now: Instant };

/** Whether a patient may give this answer about the visit now. */
export function isAnswerable(answer: SessionAnswerKind, { session, now }: Answering): boolean {
  const { setting, status, startsAt } = session;
  const isAhead = status === "scheduled" && startsAt > now;
  switch (answer) {
    case "confirmed":
    case "asks-to-move":
    case "fasting-acknowledged":
      return isAhead;
    case "driver-named":
    case "driver-missing":
      // Somebody to take the patient home can be found as long as the patient has not gone home.
      return isAhead || status === "arrived" || status === "dosed";
    case "location-confirmed":
      return isAhead && setting === "home";
    case "session-over":
      return setting === "home" && startsAt <= now && HAS_BEGUN.has(status);
    case "home-safe":
    case "home-trouble":
      return startsAt <= now && HAS_BEGUN.has(status);
    default:
      return unreachable(answer);
  }
}

/** What a visit can be once its time has come; nobody may have recorded yet what happened. */
const HAS_BEGUN: ReadonlySet<SessionStatus> = new Set(["scheduled", "arrived", "dosed", "not_dosed", "discharged", "completed"]);

/** Why the answer is of no use now; empty when it is. */
export function refuseAnswer(answer: SessionAnswerKind, answering: Answering): readonly Fault[] {
  if (isAnswerable(answer, answering)) return [];
  const { status, startsAt } = answering.session;
  const begun = status === "scheduled" && startsAt <= answering.now ? "begun" : status;
  return [{ path: "session.status", value: begun, expected: `a session of which "${answer}" can be said at this moment` }];
}

/** When the desk is paged about a visit that somebody wants to move or cannot come to: at once within a day of it, else a day before, should nobody have called by then. */
export function deskPageAt({ startsAt }: Pick<AnsweringSession, "startsAt">, now: Instant): Instant {
  return instant(Math.max(now, startsAt - DAY));
}
