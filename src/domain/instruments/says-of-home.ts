/** What the check-in after a session says of it: one answer that stands for all of them. */
import type { Answers } from "../check-answers.ts";
import { HOME_SAFE } from "./check-ins.ts";

/** Null where another instrument was answered, or this one leaves open whether somebody is home. */
export function saysOfHome(instrument: string, { home, severe }: Answers): "home-safe" | "home-trouble" | null {
  if (instrument !== HOME_SAFE.id) return null;
  if (severe === 1 || home === 0) return "home-trouble";
  return home === 1 ? "home-safe" : null;
}
