/** Pages everybody on a roster with a page that says that it is a test, on every channel they have. Stores only that it was done, and how it went. */
import { newId } from "../clock.ts";
import { findPagingClinic } from "../db/alert-pages.ts";
import { appendEvents } from "../db/events.ts";
import { openSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { TestedPage, TestRoster } from "../domain/alert.ts";
import { everybodyOn } from "../domain/roster.ts";
import type { RosterEntry } from "../domain/safety-settings.ts";
import { writePage } from "../messages/write-page.ts";
import type { PagerDeps } from "./page-staff.ts";

const VALID_SECONDS = 3_600;

/** A person who stands in the roster twice is paged once. `person`: only this one. */
export function testRosterOf(deps: PagerDeps): TestRoster {
  return async (clinicId, { actor, person }) => {
    const clinic = await findPagingClinic(deps.db, clinicId);
    if (!clinic) return [];
    const { roster } = openSafety(deps.vault, clinicId, clinic.safetySealed);
    const people = new Map(everybodyOn(roster).map((entry) => [entry.name, entry]));
    const asked = [...people.values()].filter(({ name }) => person === null || name === person);
    const page = writePage({ locale: clinic.locale, clinic: clinic.name, url: `${deps.publicBaseUrl}/console`, kind: "test" });
    const pages = await Promise.all(
      asked.flatMap((entry) => listChannels(entry).map((way) => send(deps, { ...way, entry, clinic, page }))),
    );
    const taken = pages.filter(({ outcome }) => outcome === "sent").length;
    const event = { kind: "roster.tested", clinicId, subjectId: clinicId, actor, data: { pages: pages.length, taken } };
    await transact(deps.db, (tx) => appendEvents(tx, [event]));
    return pages;
  };
}

type Way = { readonly channel: "sms" | "email"; readonly to: string };

function listChannels({ phone, email }: RosterEntry): Way[] {
  return [
    ...(phone === null ? [] : [{ channel: "sms" as const, to: phone }]),
    ...(email === null ? [] : [{ channel: "email" as const, to: email }]),
  ];
}

type Sending = Way & {
  readonly entry: RosterEntry;
  readonly clinic: NonNullable<Awaited<ReturnType<typeof findPagingClinic>>>;
  readonly page: ReturnType<typeof writePage>;
};

async function send(deps: PagerDeps, { channel, to, entry, clinic, page }: Sending): Promise<TestedPage> {
  const id = newId<never>();
  const envelope = { touchpointId: id, deliveryId: id, from: clinic[channel], to, validSeconds: VALID_SECONDS };
  const outcome =
    channel === "sms"
      ? await deps.sms.send(envelope, { body: page.sms })
      : await deps.email.send(envelope, { subject: page.subject, text: page.text, html: page.html, calendar: null });
  return { name: entry.name, channel, outcome: outcome.kind, code: "code" in outcome ? outcome.code : null };
}
