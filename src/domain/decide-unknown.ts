/** What becomes of a touchpoint of which nobody knows whether it was sent, once nothing more can be found out by itself. */
import type { Instant } from "./calendar.ts";

export type UnknownTouchpoint = {
  /** What the rule says: `resend` allows one automatic re-send. */
  readonly onUnknown: "hold" | "resend";
  /** Automatic re-sends so far. */
  readonly resends: number;
  /** A fact has forbidden it meanwhile. */
  readonly isUnwanted: boolean;
  /** The last moment to start a call. */
  readonly sendBy: Instant;
};

export type UnknownVerdict =
  /** Planned again, once. */
  | "resend"
  /** Held for staff. */
  | "hold"
  /** Never sent again, and nobody has to look at it. */
  | "supersede";

/** What is unwanted never returns to planned. A second re-send, and one past its last moment, is for staff to decide. */
export function decideUnknown({ onUnknown, resends, isUnwanted, sendBy }: UnknownTouchpoint, now: Instant): UnknownVerdict {
  if (isUnwanted) return "supersede";
  return onUnknown === "resend" && resends === 0 && now < sendBy ? "resend" : "hold";
}
