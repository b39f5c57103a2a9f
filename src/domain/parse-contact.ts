/** A change of how somebody is reached, read by the same rules as a series: what is left out stays, null means none from now on. */
import { parseEmail } from "./email-address.ts";
import type { ConsentGiven } from "./enqueue-request.ts";
import type { Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import type { Intake, SeriesContext } from "./intake.ts";
import { parseConsents } from "./parse-consent.ts";
import { parsePersonName } from "./person-name.ts";
import { parsePhone } from "./phone-number.ts";
import type { Locale } from "./clinic.ts";
import { localeField } from "./field.ts";
import { accepted, type Reading, refused } from "./reading.ts";

export type ContactChange = {
  /** E.164. */
  readonly phone?: string | null;
  readonly email?: string | null;
  /** Given for the addresses as they are after the change. */
  readonly consents: readonly ConsentGiven[];
};

export type EscortChange = ContactChange & { readonly name?: string; readonly locale?: Locale };

/** As somebody typed it; `consent` is a list of consents as in a series file. */
export type ContactInput = {
  readonly name?: string | undefined;
  readonly phone?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly locale?: string | undefined;
  readonly consent?: readonly unknown[] | undefined;
};

/** Reads it against the clinic whose country counts; all faults at once. */
export function parseContact(input: ContactInput, context: SeriesContext): Parsed<EscortChange> {
  const intake: Intake = { ...context, list: faultList() };
  const { list } = intake;
  const take = <Value>(path: string, text: string | null | undefined, read: (text: string) => Reading<Value>) =>
    text === null || text === undefined ? text : list.take(read(text), { path, value: text });
  const phone = take("phone", input.phone, (text) => parsePhone(text, context.clinic.country));
  const email = take("email", input.email, parseEmail);
  const name = take("name", input.name, parsePersonName) ?? undefined;
  const locale = take("locale", input.locale, readLocale) ?? undefined;
  const consents = parseConsents(intake, input.consent, "consent");
  return list.conclude({
    ...(name !== undefined && { name }),
    ...(phone !== undefined && { phone }),
    ...(email !== undefined && { email }),
    ...(locale !== undefined && { locale }),
    consents,
  });
}

function readLocale(text: string): Reading<Locale> {
  const read = localeField.safeParse(text);
  return read.success ? accepted(read.data) : refused("one of en, es");
}
