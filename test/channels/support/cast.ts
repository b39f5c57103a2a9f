import { newId } from "../../../src/clock.ts";
import type { EmailContent, Envelope } from "../../../src/channels/channel.ts";

/** An envelope for one person, with ids of its own unless given. */
export function toPerson(to: string, given: Partial<Envelope> = {}): Envelope {
  return {
    touchpointId: newId<"touchpoint">(),
    deliveryId: newId<"delivery">(),
    from: { name: "Harbor Clinic", address: to.startsWith("+") ? "+15005550006" : "hello@harbor.test" },
    to,
    validSeconds: 3_600,
    ...given,
  };
}

export const BEN = "ben@mail.test";
export const ANA = "+14155550123";

export const REMINDER: EmailContent = {
  subject: "Your appointment on Monday",
  text: "Hello Ben,\nsee you on Monday at 9:00.\n",
  html: "<p>Hello Ben,<br>see you on Monday at 9:00.</p>",
  calendar: null,
};
