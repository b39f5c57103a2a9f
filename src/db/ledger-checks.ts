/** Every check of the ledger, in the order in which an operator would ask. docs/operations.md says what to do about each. */
import { ALERT_CHECKS } from "./ledger-alert-checks.ts";
import { ATTEMPT_CHECKS } from "./ledger-attempt-checks.ts";
import { CALL_CHECKS } from "./ledger-call-checks.ts";
import type { LedgerCheck } from "./ledger-check.ts";
import { FACT_CHECKS } from "./ledger-fact-checks.ts";
import { PLAN_CHECKS } from "./ledger-plan-checks.ts";
import { STORE_CHECKS } from "./ledger-store-checks.ts";
import { keepsWallClock } from "./ledger-wall-clock.ts";

export const LEDGER_CHECKS: readonly LedgerCheck[] = [
  ...ALERT_CHECKS,
  ...PLAN_CHECKS,
  ...ATTEMPT_CHECKS,
  ...CALL_CHECKS,
  ...FACT_CHECKS,
  ...STORE_CHECKS,
  keepsWallClock,
];
