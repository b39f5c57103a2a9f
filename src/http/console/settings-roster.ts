/** Who is paged when somebody may be in danger: in which order, when, and whether an hour has nobody. Read here, changed in the clinic's settings. */
import type { FastifyInstance } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { loadSafety } from "../../db/safety-settings.ts";
import { findClinicById } from "../../db/view-access.ts";
import { formatDay, formatWallClock, WEEKDAYS } from "../../domain/calendar.ts";
import { findGap, inPagingOrder, isOnDuty } from "../../domain/roster.ts";
import type { DutyHours, RosterEntry, SafetySettings } from "../../domain/safety-settings.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { notice, panel, pill } from "./console-parts.ts";
import { moment } from "./say-moment.ts";
import { inSettings } from "./settings-frame.ts";

const LOOK = requirePermission("roster.read", { of: "clinic" });
const DAYS_AHEAD = 14;

export function rosterSettings(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/settings", { config: LOOK }, async (request, reply) => {
      const clinic = await findClinicById(deps.db, clinicOf(request));
      const safety = await loadSafety(deps.db, clinic.id, deps.vault);
      const { now } = await readClinicTime(deps.db);
      const people = inPagingOrder(safety.roster).map((entry) => ({ entry, onDuty: isOnDuty(entry, clinic, now) }));
      const gap = findGap(safety, clinic, { from: now, days: DAYS_AHEAD });
      const body = html`${warnings(people, { gap: gap === undefined ? null : moment(clinic.zone, gap, now) })}${people.length === 0 ? null : html`<div class="panel"><ol class="rows">${people.map(({ entry, onDuty }) => personRow(entry, onDuty ? "on-duty" : "off"))}</ol></div>`}${rules(safety)}`;
      return sendConsolePage(
        deps,
        { request, reply },
        { title: "Roster", room: "settings", body: (context) => inSettings("roster", context, body) },
      );
    });
  };
}

type Person = { readonly entry: RosterEntry; readonly onDuty: boolean };

function warnings(people: readonly Person[], { gap }: { gap: Html | null }): Html | null {
  if (people.length === 0) return notice("bad", html`<p>Nobody is on the roster: an alert pages the clinic's own phone and mailbox.</p>`);
  if (people.every(({ onDuty }) => !onDuty)) return notice("bad", html`<p>Nobody is on duty now: an alert pages everybody in turn.</p>`);
  return gap === null ? null : notice("warn", html`<p>Nobody is on the roster from ${gap} on: an alert then pages everybody in turn.</p>`);
}

function personRow({ name, role, when, from, until, phone, email }: RosterEntry, duty: "on-duty" | "off"): Html {
  const range =
    from === null && until === null
      ? ""
      : `, ${from === null ? "" : `from ${formatDay(from)}`} ${until === null ? "" : `until ${formatDay(until)}`}`;
  return html`<li><div class="main"><p><strong>${name}</strong> <span class="quiet">${role}</span>${duty === "on-duty" ? html` ${pill("green", "on duty now")}` : null}</p><p class="small quiet">${sayHours(when)}${range}</p></div><p class="small">${phone === null ? null : html`<a href="tel:${phone}">${toNationalPhone(phone)}</a>`}${phone !== null && email !== null ? html` · ` : null}${email ?? ""}</p></li>`;
}

function sayHours(when: DutyHours): string {
  if (typeof when === "string")
    return when === "always" ? "at any hour" : when === "staffed" ? "while the clinic answers its phone" : "when the clinic is closed";
  return WEEKDAYS.flatMap((day) =>
    (when[day] ?? []).map(({ from, to }) => `${day} ${formatWallClock(from)} to ${to === 1440 ? "24:00" : formatWallClock(to)}`),
  ).join(", ");
}

function rules({ acknowledge, surveys, noAfterHoursCover: cover }: SafetySettings): Html {
  const signed =
    cover === null
      ? ""
      : ` That nobody looks outside these hours was signed by ${cover.signedBy} on ${formatDay(cover.on)}, and pages with surveys say so.`;
  return panel(
    "How it goes",
    html`<div class="body"><p>In this order, those on duty first. The next person is asked after ${acknowledge.criticalMinutes} minutes for a critical alert, after ${acknowledge.highMinutes} staffed minutes for a high one.</p><p>Surveys that ask about thoughts of self-harm are ${surveys ? "on" : "off"}.${signed}</p></div>`,
  );
}
