/** The sheet of a day to print, or to keep for when the network is down: one page that needs nothing but itself, its few rules of style included. */
import { createHash } from "node:crypto";
import { formatDay, formatLocal } from "../../domain/calendar.ts";
import { toLocal } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html } from "../html.ts";
import { clock, type NamedVisit, type TodayView } from "./today-page.ts";

const STYLE = `
:root { color-scheme: light; }
body { margin: 1.5rem; font: 11pt/1.35 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; color: #000; background: #fff; }
h1 { font-size: 1.25rem; margin: 0; }
p { margin: .25rem 0 1rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .375rem .5rem; border: 1px solid #777; }
td:first-child { white-space: nowrap; }
td:last-child { width: 25%; }
tr { break-inside: avoid; }
`;

/** Nothing but this very style, from nowhere. */
export const SHEET_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'`;

export function printSheet({ day, zone, now, visits }: TodayView): string {
  const row = ({ startsAt, endsAt, name, chart, phone, escort, status, readiness, kind, number, of }: NamedVisit) => html`<tr>
<td>${clock(zone, startsAt)} to ${clock(zone, endsAt)}</td><td><strong>${name}</strong> ${chart}<br>${phone ? toNationalPhone(phone) : "no phone"}</td>
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
<style>${{ markup: STYLE }}</style></head>
<body><main id="main"><h1>Visits of ${formatDay(day)}</h1><p>As of ${formatLocal(toLocal(zone, now)).replace("T", " ")}. Shred after the day.</p>
<table><thead><tr><th>Time</th><th>Patient</th><th>Visit</th><th>Driver</th><th>Open</th><th>Notes</th></tr></thead><tbody>${visits.map(row)}</tbody></table></main></body></html>
`.markup;
}
