/** What somebody at the front desk does about a visit, as a form says it. */
import { z } from "zod";
import { parseLocalDateTime, parseWallClock } from "./calendar.ts";

const wallClock = z.string().transform((text, context) => {
  const time = parseWallClock(text);
  if (time !== undefined) return time;
  context.addIssue({ code: "custom", message: "a time of day, such as 12:10" });
  return z.NEVER;
});
const localTime = z.string().transform((text, context) => {
  const time = parseLocalDateTime(text);
  if (time !== undefined) return time;
  context.addIssue({ code: "custom", message: "a day and a time, such as 2027-01-13T09:00" });
  return z.NEVER;
});
const because = z.enum(["patient", "clinic"]);
const line = z.string().trim().max(200);

export const sessionActionSchema = z.discriminatedUnion("verb", [
  z.object({ verb: z.literal("arrive") }),
  z.object({ verb: z.literal("dose") }),
  z.object({ verb: z.literal("not-dosed"), reason: z.enum(["bp", "food", "no-driver", "illness", "declined", "clinician"]) }),
  z.object({ verb: z.literal("discharge"), why: line.optional() }),
  z.object({ verb: z.literal("no-show") }),
  z.object({ verb: z.literal("ready"), pickup: wallClock }),
  z.object({ verb: z.literal("move"), to: localTime, because }),
  z.object({ verb: z.literal("cancel"), because }),
  z.object({ verb: z.literal("postpone"), because }),
  z.object({ verb: z.literal("form-filed"), by: line.min(1) }),
]);
export type SessionAction = z.output<typeof sessionActionSchema>;
/** As a form posts it, and as it is kept. */
export type SessionActionInput = z.input<typeof sessionActionSchema>;
export const SESSION_VERBS = [
  "arrive",
  "dose",
  "not-dosed",
  "discharge",
  "no-show",
  "ready",
  "move",
  "cancel",
  "postpone",
  "form-filed",
] as const;
export type SessionVerb = SessionAction["verb"];
