/** What a patient has chosen: language, quiet hours, channels, optional messages. Changed under the patient's lock. */
import { sql } from "kysely";
import type { Locale, WallClockSpan } from "../domain/clinic.ts";
import { wallClock } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import { OPTIONAL_STREAMS, type OptionalStream } from "../domain/optional-stream.ts";
import type { Reach } from "../domain/patient-facts.ts";
import { readLocale } from "./clinics.ts";
import type { Database, Tx } from "./database.ts";

export type Preferences = {
  readonly locale: Locale;
  readonly quietHours: WallClockSpan;
  /** As staff set them: the patient may have them longer, never shorter. */
  readonly givenQuietHours: WallClockSpan;
  readonly unsubscribed: ReadonlySet<OptionalStream>;
  readonly sms: Reach;
  readonly email: Reach;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
};

type Row = {
  locale: string;
  quietFrom: number;
  quietTo: number;
  givenQuietFrom: number | null;
  givenQuietTo: number | null;
  unsubscribed: string[];
  sms: Reach | null;
  email: Reach | null;
  phoneSealed: Buffer | null;
  emailSealed: Buffer | null;
};

/** Undefined for a patient who is not stored. */
export async function findPreferences(db: Database, id: PatientId): Promise<Preferences | undefined> {
  // An address that has opted out is that, whatever else holds: only whoever has the telephone can take it back.
  const reach = (channel: "sms" | "email") => sql`(
    select case
        when c.address_index is null then 'no-address'
        when exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) then 'opted-out'
        when c.dead_at is not null then 'dead-address'
        when not c.granted then 'no-consent'
        else 'reachable' end
    from contact_points c where c.patient_id = p.id and c.person = 'patient' and c.channel = ${channel})`;
  const { rows } = await sql<Row>`
    select p.locale, p.quiet_from, p.quiet_to, p.given_quiet_from, p.given_quiet_to, p.unsubscribed, p.phone_sealed, p.email_sealed,
      ${reach("sms")} as sms, ${reach("email")} as email
    from patients p where p.id = ${id}`.execute(db);
  return rows[0] && toPreferences(rows[0]);
}

function toPreferences({
  locale,
  quietFrom,
  quietTo,
  givenQuietFrom,
  givenQuietTo,
  unsubscribed,
  sms,
  email,
  ...sealed
}: Row): Preferences {
  return {
    locale: readLocale(locale),
    quietHours: { from: wallClock(quietFrom), to: wallClock(quietTo) },
    givenQuietHours: { from: wallClock(givenQuietFrom ?? quietFrom), to: wallClock(givenQuietTo ?? quietTo) },
    unsubscribed: new Set(OPTIONAL_STREAMS.filter((stream) => unsubscribed.includes(stream))),
    sms: sms ?? "no-address",
    email: email ?? "no-address",
    ...sealed,
  };
}

export type ChosenPreferences = Pick<Preferences, "locale" | "quietHours" | "givenQuietHours" | "unsubscribed">;

/** Writes what was chosen; consents are the ledger's. */
export async function savePreferences(
  tx: Tx,
  id: PatientId,
  { locale, quietHours, givenQuietHours, unsubscribed }: ChosenPreferences,
): Promise<void> {
  const isLonger = quietHours.from !== givenQuietHours.from || quietHours.to !== givenQuietHours.to;
  await tx
    .updateTable("patients")
    .set({
      locale,
      quietFrom: quietHours.from,
      quietTo: quietHours.to,
      givenQuietFrom: isLonger ? givenQuietHours.from : null,
      givenQuietTo: isLonger ? givenQuietHours.to : null,
      unsubscribed: `{${[...unsubscribed].join(",")}}`,
    })
    .where("id", "=", id)
    .execute();
}
