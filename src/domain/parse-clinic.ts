/** A clinic's settings file, turned into settings that the rest of the program trusts. */
import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import { parseWallClock, WEEKDAYS } from "./calendar.ts";
import { checkPlainData } from "./check-plain-data.ts";
import type { StaffedHours, WallClockSpan } from "./clinic.ts";
import type { ClinicSettings, SenderSettings } from "./clinic-settings.ts";
import { parseEmail } from "./email-address.ts";
import type { Parsed } from "./fault.ts";
import { type FaultList, faultList } from "./fault-list.ts";
import { lineField, localeField, optional, part as partField, slugField, textField, withDefault } from "./field.ts";
import { parseNeutralName } from "./neutral-name.ts";
import { readClosures, readStaffedSpans } from "./opening-days.ts";
import { parsePhone } from "./phone-number.ts";
import { readSafety } from "./parse-safety.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading, refused } from "./reading.ts";
import { MOST_TEXTS_A_WEEK } from "./texts-per-week.ts";
import { readQuietHours } from "./wall-clock-span.ts";
import { readZone } from "./zone-name.ts";

/** Mail relays take far more; this keeps a new sender's reputation. A clinic changes it. */
const EMAILS_PER_SECOND = 10;
/** Segments a second of a low-volume 10DLC campaign over the major networks: docs of Twilio resellers, https://support.aircall.io/en-gb/articles/10375354774557 */
const TEXTS_PER_SECOND = 3.75;
const UNDO_MINUTES = 10;
const UNDO = "a whole number of minutes from 0 to 120";
const TEXTS = "a whole number of texts from 1 to 50";
const RATE = "a number of messages a second, above 0 and at most 1000";

const numberField = textField(accepted, "(303) 555-0100");
const rateField = z.number(RATE).gt(0, RATE).max(1000, RATE);
const nameField = textField(parseNeutralName, "Aspen Ridge Clinic");

const schema = z.strictObject(
  {
    slug: slugField("aspen-ridge"),
    group: optional(slugField("aspen-group")),
    name: nameField,
    phone: numberField,
    country: withDefault(textField(readCountry, "US"), "US"),
    zone: textField(readZone, "America/Denver"),
    locale: withDefault(localeField, "en"),
    address: optional(lineField("12 Aspen Road, Denver, CO 80203")),
    hours: partField,
    closures: partField,
    quietHours: partField,
    undoMinutes: withDefault(z.int(UNDO).min(0, UNDO).max(120, UNDO), UNDO_MINUTES),
    textsPerWeek: withDefault(z.int(TEXTS).min(1, TEXTS).max(50, TEXTS), MOST_TEXTS_A_WEEK),
    senders: partField,
    safety: partField,
  },
  "a clinic: slug, name, phone, zone, hours, senders, and group, country, locale, address, closures, quietHours, undoMinutes, textsPerWeek, safety",
);

const sendersSchema = z.strictObject({ email: partField, sms: partField }, "the senders: { email: { address }, sms: { number } }");

const emailSchema = z.strictObject(
  { address: textField(parseEmail, "hello@example.org"), name: optional(nameField), perSecond: withDefault(rateField, EMAILS_PER_SECOND) },
  "the sender of emails: { address, name, perSecond }",
);

const smsSchema = z.strictObject(
  { number: numberField, name: optional(nameField), perSecond: withDefault(rateField, TEXTS_PER_SECOND) },
  "the sender of texts: { number, perSecond }",
);

const days = Object.fromEntries(WEEKDAYS.map((day) => [day, partField]));
const hoursSchema = z.strictObject(days, 'the staffed hours: { mon: ["08:00-17:00"] }');

/** Reads a clinic's settings; all faults at once. Names that patients see must not tell what is treated there. */
export function parseClinic(input: unknown): Parsed<ClinicSettings> {
  const list = faultList(checkPlainData(input));
  const { whole, part } = readFields(schema, input, { path: "", list });
  if (typeof input !== "object" || input === null || Array.isArray(input)) return list.conclude<ClinicSettings>(undefined);
  const phone = readNumber(list, { text: part.phone, country: part.country, path: "phone" });
  const staffedHours = readHours(list, part.hours);
  const closures = readClosures(list, part.closures, "closures");
  const quietHours = readQuietHours(list, part.quietHours, "quietHours");
  const senders = readSenders(list, part.senders, { name: part.name, country: part.country });
  const safety = readSafety(list, part.safety, { country: part.country, staffedHours });
  if (!whole || phone === undefined || quietHours === undefined || !senders || !safety) return list.conclude<ClinicSettings>(undefined);
  const { slug, name, country, zone, locale, address, undoMinutes, textsPerWeek } = whole;
  const own = {
    slug,
    group: whole.group ?? slug,
    name,
    phone,
    country,
    zone,
    locale,
    address,
    undoMinutes,
    textsPerWeek,
    surveysEnabled: safety.surveys,
    safety,
  };
  return list.conclude({ ...own, staffedHours, closures, quietHours: quietHours ?? usualQuietHours(), ...senders });
}

function readCountry(text: string): Reading<string> {
  return isSupportedCountry(text) ? accepted(text) : refused("a country as two capital letters (ISO 3166), such as US");
}

type NumberRead = { readonly text: string | undefined; readonly country: string | undefined; readonly path: string };

function readNumber(list: FaultList, { text, country, path }: NumberRead): string | undefined {
  return text === undefined || country === undefined ? undefined : list.take(parsePhone(text, country), { path, value: text });
}

function readHours(list: FaultList, input: unknown): StaffedHours {
  const { whole, part } = readFields(hoursSchema, input, { path: "hours", list });
  const written = WEEKDAYS.filter((day) => part[day] !== undefined && part[day] !== null);
  const hours: StaffedHours = Object.fromEntries(written.map((day) => [day, readStaffedSpans(list, part[day], `hours.${day}`)]));
  const staffed = written.some((day) => !Array.isArray(part[day]) || part[day].length > 0);
  if (whole && !staffed) list.add({ path: "hours", value: input }, "at least one weekday with a span on which somebody answers the phone");
  return hours;
}

type Senders = Pick<ClinicSettings, "email" | "sms">;

function readSenders(
  list: FaultList,
  input: unknown,
  { name, country }: { name: string | undefined; country: string | undefined },
): Senders | undefined {
  const senders = readFields(sendersSchema, input, { path: "senders", list });
  if (!senders.whole) return undefined;
  const email = readFields(emailSchema, senders.whole.email, { path: "senders.email", list });
  const sms = readFields(smsSchema, senders.whole.sms, { path: "senders.sms", list });
  const number = readNumber(list, { text: sms.part.number, country, path: "senders.sms.number" });
  if (!email.whole || !sms.whole || number === undefined || name === undefined) return undefined;
  return { email: sender(email.whole.address, email.whole, name), sms: sender(number, sms.whole, name) };
}

function sender(address: string, { name, perSecond }: { name: string | null; perSecond: number }, clinicName: string): SenderSettings {
  return { address, name: name ?? clinicName, perSecond };
}

/** 20:00 to 09:00: inside the narrowest state rules, which are written for marketing and taken here as manners. */
function usualQuietHours(): WallClockSpan {
  const [from, to] = [parseWallClock("20:00"), parseWallClock("09:00")];
  if (from === undefined || to === undefined) throw new Error("The usual quiet hours are not times of day");
  return { from, to };
}
