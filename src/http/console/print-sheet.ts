/** The sheet of a day to print, or to keep open when the network is down: one page that needs nothing but itself. */
import { formatDay, formatLocal } from "../../domain/calendar.ts";
import { toLocal } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html } from "../html.ts";
import { clock, type NamedVisit, type TodayView } from "./today-page.ts";
import { CONSOLE_STYLESHEET_PATH } from "./console-stylesheet.ts";

export function printSheet({ day, zone, now, visits }: TodayView, basePath: string): string {
  const row = ({ startsAt, endsAt, name, chart, phone, escort, status, readiness, kind, number, of }: NamedVisit) => html`<tr>
<td class="nowrap">${clock(zone, startsAt)} to ${clock(zone, endsAt)}</td><td><strong>${name}</strong> ${chart}<br>${phone ? toNationalPhone(phone) : "no phone"}</td>
<td>${kind} ${number} of ${of}</td><td>${escort ? `${escort.name} ${escort.phone ? toNationalPhone(escort.phone) : "no phone"}` : "nobody named"}</td>
<td>${
    readiness
      ? readiness.items
          .filter(({ state }) => state !== "done")
          .map(({ item }) => item)
          .join(", ") || "ready"
      : status
  }</td><td></td></tr>`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sheet of ${formatDay(day)} - Afterglow</title>
<link rel="stylesheet" href="${basePath}${CONSOLE_STYLESHEET_PATH}"></head>
<body><main id="main"><h1>Visits of ${formatDay(day)}</h1><p>As of ${formatLocal(toLocal(zone, now)).replace("T", " ")}. Shred after the day.</p>
<table><thead><tr><th>Time</th><th>Patient</th><th>Visit</th><th>Driver</th><th>Open</th><th>Notes</th></tr></thead><tbody>${visits.map(row)}</tbody></table></main></body></html>
`.markup;
}
