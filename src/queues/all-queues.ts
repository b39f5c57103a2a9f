/** Every queue there is, for those who look at all of them. */
import { handleReply } from "./handle-reply.ts";
import { pageStaff } from "./page-staff.ts";
import { planSeries } from "./plan-series.ts";
import { recordDelivery } from "./record-delivery.ts";
import { sendEmail, sendSms } from "./send-hints.ts";

/** In the order in which operations look at them. */
export const QUEUE_NAMES: readonly string[] = [pageStaff, sendSms, sendEmail, planSeries, handleReply, recordDelivery].map(
  ({ name }) => name,
);

/** Nobody may pause the queue that pages people: a safety answer reaches a person whatever else is stopped. */
export const NEVER_PAUSED: string = pageStaff.name;
