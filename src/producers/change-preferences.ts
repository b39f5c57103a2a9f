/**
 * Stores what a patient wants to be sent, how and when.
 *
 * Trigger: the patient's own page, and the one click of a mail program that unsubscribes. Re-checks: what is stored, under the patient's lock; hours only ever
 * grow longer than what staff set, and consent to an address that has opted out is not given here. Effect: the choice, the ledger of consents, and the plan that
 * follows: what is not wanted is not sent. A repeat changes nothing.
 */
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import { findPreferences, type Preferences, savePreferences } from "../db/preferences.ts";
import { formatWallClock, type Instant } from "../domain/calendar.ts";
import type { Locale, WallClockSpan } from "../domain/clinic.ts";
import type { PatientId } from "../domain/ids.ts";
import { isQuietChoice } from "../domain/longer-quiet-hours.ts";
import { OPTIONAL_STREAMS, type OptionalStream } from "../domain/optional-stream.ts";
import { writeConsent } from "./change-consent.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Refused, type Written } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

/** What is left out stays. */
export type PreferenceWish = {
  readonly locale?: Locale;
  readonly quietHours?: WallClockSpan;
  readonly unsubscribed?: ReadonlySet<OptionalStream>;
  /** Whether messages may come this way. */
  readonly sms?: "wanted" | "unwanted";
  readonly email?: "wanted" | "unwanted";
};

/** Which of the choices are new. */
export type ChangedPreferences = { readonly changed: readonly string[] };

/** What the page says beside the boxes, by version: the ledger keeps which one was agreed to. */
export const CONSENT_WORDING = "preferences-page-1";

/** Left out, `dryRun` is false and `ifRevision` any. */
export async function changePreferences(
  deps: ChangeDeps,
  id: PatientId,
  { wish, ...options }: { wish: PreferenceWish } & Pick<ChangeOptions, "actor"> & Partial<ChangeOptions>,
): Promise<Changed<ChangedPreferences>> {
  return changePatient<ChangedPreferences>(deps, id, {
    dryRun: false,
    ifRevision: null,
    ...options,
    write: (tx, patient, { now }) => write(tx, patient, { wish, now, actor: options.actor }),
  });
}

/** Ends one optional stream, whatever else was chosen. A repeat changes nothing. */
export async function unsubscribe(
  deps: ChangeDeps,
  id: PatientId,
  { stream, actor }: { stream: OptionalStream; actor: string },
): Promise<Changed<ChangedPreferences>> {
  return changePatient<ChangedPreferences>(deps, id, {
    actor,
    dryRun: false,
    ifRevision: null,
    write: async (tx, patient, { now }) => {
      const stored = await findPreferences(tx, id);
      const unsubscribed = new Set([...(stored?.unsubscribed ?? []), stream]);
      return write(tx, patient, { wish: { unsubscribed }, now, actor });
    },
  });
}

type Wishing = { readonly wish: PreferenceWish; readonly now: Instant; readonly actor: string };

async function write(tx: Tx, patient: PatientToChange, { wish, now, actor }: Wishing): Promise<Written<ChangedPreferences>> {
  const stored = await findPreferences(tx, patient.id);
  if (!stored) return refuse("patient", patient.id, "the id of a patient who is stored");
  const quietHours = wish.quietHours ?? stored.quietHours;
  if (wish.quietHours && !isSame(quietHours, stored.quietHours) && !isQuietChoice(quietHours, stored.givenQuietHours))
    return refuse("quietHours", sayHours(quietHours), `${sayHours(stored.givenQuietHours)} or longer`);
  const consents = await writeChannels(tx, patient, { wish, stored, now, actor });
  if (!Array.isArray(consents)) return consents;
  const chosen = { locale: stored.locale, unsubscribed: stored.unsubscribed, ...wish, quietHours };
  const changed = findChanged(chosen, stored);
  if (changed.length === 0 && consents.length === 0) return { kind: "same" };
  await savePreferences(tx, patient.id, { ...chosen, givenQuietHours: stored.givenQuietHours });
  const told = changed.map((what) => tellPatient(patient, { kind: "patient.preferred", actor, data: { what } }));
  return {
    kind: "written",
    value: { changed: [...changed, ...consents.map(({ data }) => String(data?.["channel"]))] },
    events: [...told, ...consents],
    warnings: [],
  };
}

/** The events of consents that are new. Nothing is agreed to for an address that does not take messages. */
async function writeChannels(
  tx: Tx,
  patient: PatientToChange,
  { wish, stored, now, actor }: Wishing & { stored: Preferences },
): Promise<AuditEvent[] | Refused> {
  const events: AuditEvent[] = [];
  for (const channel of ["sms", "email"] as const) {
    const wanted = wish[channel];
    const isOn = stored[channel] === "reachable";
    if (wanted === undefined || (stored[channel] !== "reachable" && stored[channel] !== "no-consent") || isOn === (wanted === "wanted"))
      continue;
    const consent = { to: channel, source: "preferences page", wording: CONSENT_WORDING, at: now };
    const written = await writeConsent(tx, patient, {
      person: "patient",
      action: wanted === "wanted" ? "granted" : "revoked",
      consent,
      now,
      actor,
    });
    if (written.kind === "refused") return written;
    if (written.kind === "written") events.push(...written.events);
  }
  return events;
}

function findChanged(
  { locale, quietHours, unsubscribed }: Pick<Preferences, "locale" | "quietHours" | "unsubscribed">,
  stored: Preferences,
): string[] {
  return [
    ...(locale === stored.locale ? [] : ["language"]),
    ...(isSame(quietHours, stored.quietHours) ? [] : ["quiet-hours"]),
    ...OPTIONAL_STREAMS.filter((stream) => unsubscribed.has(stream) !== stored.unsubscribed.has(stream)),
  ];
}

function isSame(one: WallClockSpan, other: WallClockSpan): boolean {
  return one.from === other.from && one.to === other.to;
}

function sayHours({ from, to }: WallClockSpan): string {
  return `${formatWallClock(from)} to ${formatWallClock(to)}`;
}
