/**
 * Named steps at which a process can be made to die as by a power cut, so that tests see what is left behind and that others make it good. AFTERGLOW_FAULT
 * names the step, and the how manieth time it is reached (`after-claim:3`; left out: the first). The configuration refuses it in production.
 */
import { ConfigFaults, readFault } from "./config.ts";

export const FAULT_POINTS = [
  "after-commit-of-plan",
  "before-hint",
  "before-page",
  "after-load",
  "before-claim",
  "after-claim",
  "during-call",
  "after-call",
  "before-record",
  "after-record",
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

type Armed = { readonly point: FaultPoint; left: number };

let armed: Armed | null | undefined;

/** Ends the process with SIGKILL when this is the step that was asked for; costs a comparison otherwise. */
export function faultPoint(point: FaultPoint): void {
  if (armed === undefined) armed = readArmed();
  if (armed?.point !== point) return;
  armed.left -= 1;
  if (armed.left <= 0) process.kill(process.pid, "SIGKILL");
}

function readArmed(): Armed | null {
  const text = readFault();
  if (text === undefined) return null;
  const [name, times = "1"] = text.split(":");
  const point = FAULT_POINTS.find((each) => each === name);
  if (!point) throw new ConfigFaults([`AFTERGLOW_FAULT: expected one of ${FAULT_POINTS.join(", ")}`]);
  return { point, left: Number(times) };
}
