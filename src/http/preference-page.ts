/** The page on which a patient chooses messages, language and quiet hours: one form, and nothing of an address that somebody else could use. */
import { formatWallClock, type WallClock } from "../domain/calendar.ts";
import { LOCALES, type Locale } from "../domain/clinic.ts";
import { findQuietChoices } from "../domain/longer-quiet-hours.ts";
import { OPTIONAL_STREAMS } from "../domain/optional-stream.ts";
import type { Preferences } from "../db/preferences.ts";
import { sayTime } from "../messages/say-time.ts";
import { html, type Html } from "./html.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import { PREFERENCE_WORDS, type PreferenceWords } from "./preference-words.ts";
import { showContact } from "./show-contact.ts";

export type PreferencesOnPage = Pick<Preferences, "locale" | "quietHours" | "givenQuietHours" | "unsubscribed" | "sms" | "email"> & {
  /** The last digits of the number, and the address with all but its first letter hidden; null for none. */
  readonly phoneEnding: string | null;
  readonly maskedEmail: string | null;
};

/** What came of the form: `none` on a first look. */
export type Saving = "none" | "saved" | "not-saved";

export function toPreferencePage(visit: PageVisit, preferences: PreferencesOnPage, saving: Saving): string {
  const words = PREFERENCE_WORDS[visit.locale];
  const said = saving === "saved" ? words.saved : words.notSaved;
  const body = html`${saving === "none" ? null : html`<section class="said" role="${saving === "saved" ? "status" : "alert"}"><p>${said}</p></section>`}
<form method="post" action="${visit.path}">
${showWays(preferences, words)}
${showQuiet(preferences, visit, words)}
${showOptional(preferences, words)}
${showLanguage(preferences, words)}
<p class="send"><button>${words.save}</button></p>
</form>`;
  return frame(frameOf(visit, words.title), html`${body}${showContact(visit.link.clinic, visit.locale)}`);
}

function showWays({ sms, email, phoneEnding, maskedEmail }: PreferencesOnPage, words: PreferenceWords): Html {
  if (phoneEnding === null && maskedEmail === null) return html`<section><h2>${words.ways}</h2><p>${words.call}</p></section>`;
  return html`<section><fieldset>
<legend><h2>${words.ways}</h2></legend>
${phoneEnding === null ? null : showWay({ channel: "sms", reach: sms, label: words.sms(phoneEnding), hint: words.smsHint, off: sms === "opted-out" ? words.stopped(phoneEnding) : words.dead(`…${phoneEnding}`) })}
${maskedEmail === null ? null : showWay({ channel: "email", reach: email, label: words.email(maskedEmail), hint: words.emailHint, off: words.dead(maskedEmail) })}
</fieldset>
<p class="hint">${words.neither}</p></section>`;
}

type Way = {
  readonly channel: "sms" | "email";
  readonly reach: Preferences["sms"];
  readonly label: string;
  readonly hint: string;
  /** Why nothing can be chosen here. */
  readonly off: string;
};

function showWay({ channel, reach, label, hint, off }: Way): Html {
  if (reach !== "reachable" && reach !== "no-consent") return html`<p>${off}</p>`;
  return html`<label class="choice"><input type="checkbox" name="${channel}" value="on"${reach === "reachable" ? html` checked` : null}> <span>${label}<span class="hint">${hint}</span></span></label>
<input type="hidden" name="shown" value="${channel}">`;
}

function showQuiet({ quietHours, givenQuietHours }: PreferencesOnPage, { locale }: PageVisit, words: PreferenceWords): Html | null {
  const choices = findQuietChoices(givenQuietHours);
  if (!choices) return null;
  const option = (time: WallClock, chosen: WallClock) =>
    html`<option value="${formatWallClock(time)}"${time === chosen ? html` selected` : null}>${sayTime(locale, time).replace(/^las? /, "")}</option>`;
  return html`<section>
<h2>${words.quiet}</h2>
<p class="hint">${words.quietHint}</p>
<div class="pair">
<p><label for="quiet-from">${words.quietFrom}</label><select id="quiet-from" name="quietFrom">${choices.from.map((time) => option(time, quietHours.from))}</select></p>
<p><label for="quiet-to">${words.quietTo}</label><select id="quiet-to" name="quietTo">${choices.to.map((time) => option(time, quietHours.to))}</select></p>
</div>
</section>`;
}

function showOptional({ unsubscribed }: PreferencesOnPage, words: PreferenceWords): Html {
  const boxes = OPTIONAL_STREAMS.map(
    (stream) =>
      html`<label class="choice"><input type="checkbox" name="stream" value="${stream}"${unsubscribed.has(stream) ? null : html` checked`}> <span>${words.streams[stream]}</span></label>`,
  );
  return html`<section><fieldset>
<legend><h2>${words.optional}</h2></legend>
${boxes}
</fieldset>
<p class="hint">${words.optionalHint}</p></section>`;
}

const LANGUAGES: { readonly [L in Locale]: string } = { en: "English", es: "Español" };

function showLanguage({ locale }: PreferencesOnPage, words: PreferenceWords): Html {
  const choices = LOCALES.map(
    (each) =>
      html`<label class="choice"><input type="radio" name="locale" value="${each}"${each === locale ? html` checked` : null}> <span lang="${each}">${LANGUAGES[each]}</span></label>`,
  );
  return html`<section><fieldset>
<legend><h2>${words.language}</h2></legend>
<div class="pair">${choices}</div>
</fieldset></section>`;
}
