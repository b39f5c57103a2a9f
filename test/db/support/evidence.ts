/** What a provider might have said about a claim: accepted, unless wished otherwise. */
import { newId } from "../../../src/clock.ts";
import type { Claim, Evidence } from "../../../src/db/sends.ts";
import { NOW } from "./stored-clinic.ts";

const DELIVERY = { sent: "sent", failed: "refused", planned: "not-sent", unknown: "unknown" } as const;

export function evidenceOf({ id, deliveryId }: Claim, wish: Partial<Evidence> = {}): Evidence {
  const touchpointState = wish.touchpointState ?? "sent";
  return {
    id,
    deliveryId,
    attempt: 1,
    touchpointState,
    deliveryState: DELIVERY[touchpointState],
    reason: null,
    code: null,
    calledAt: NOW,
    answeredAt: NOW,
    latenessMs: 5,
    backOffSeconds: 0,
    providerMessageId: touchpointState === "sent" ? `SM${newId().replaceAll("-", "")}` : null,
    ...wish,
  };
}
