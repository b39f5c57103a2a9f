/** What the card of an alert is made from. */
import type { ListedAlert } from "../../db/view-console-alerts.ts";
import type { Instant } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import type { AlertCard } from "../../producers/read-alert-card.ts";
import type { Foreseen } from "./alerts-paging.ts";
import type { Typed } from "./read-form.ts";

export type AlertCardView = {
  readonly card: AlertCard;
  readonly listed: ListedAlert;
  readonly turn: Foreseen | undefined;
  readonly zone: Zone;
  readonly now: Instant;
  /** Whether the person may read answers and scores. */
  readonly mayReadOutcomes: boolean;
  readonly actor: string;
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  readonly status: number;
};
