/** The timeline of a patient: a line for each thing that happened, with what became of it and, where nothing did, why. */
import type { TimelineEntry } from "../../db/view-patient-timeline.ts";
import type { CalendarDay, Instant } from "../../domain/calendar.ts";
import { toPublicId } from "../../domain/ids.ts";
import { isDelivered, isUndelivered } from "../../domain/provider-rank.ts";
import { sayReason } from "../../producers/explain-conditions.ts";
import { FACTS } from "../../producers/tell-story.ts";
import { html, type Html } from "../html.ts";
import { pill, type Tone } from "./console-parts.ts";
import { capital } from "./change-room.ts";
import { sayActor, sayAddressee, sayRule } from "./say-change.ts";
import { clockAt, dayAt, sayDate } from "./say-moment.ts";

export type TimelineContext = {
  readonly basePath: string;
  readonly now: Instant;
  readonly name: string;
  /** What a patient wrote, opened; undefined where the reader may not see it. */
  readonly bodyOf: (entry: TimelineEntry) => string | undefined;
};

/** Under a heading for each day. */
export function timeline(entries: readonly TimelineEntry[], context: TimelineContext): Html {
  let last: CalendarDay | undefined;
  const lines = entries.map((entry) => {
    const day = dayAt(entry.zone, entry.at);
    const heading = day === last ? null : html`<li class="day"><h3>${capital(sayNear(day, dayAt(entry.zone, context.now)))}</h3></li>`;
    last = day;
    return html`${heading}${line(entry, context)}`;
  });
  return html`<ol class="story">${lines}</ol>`;
}

function sayNear(day: CalendarDay, today: CalendarDay): string {
  const near = { [-1]: "yesterday", 0: "today", 1: "tomorrow" }[day - today];
  return near === undefined ? sayDate(day, today) : `${near}, ${sayDate(day, today)}`;
}

type Line = { readonly tone: Tone; readonly mark: string; readonly what: Html; readonly more?: Html | null; readonly state?: Html | null };

function line(entry: TimelineEntry, context: TimelineContext): Html {
  const { tone, what, more = null, state = null, mark } = toLine(entry, context);
  return html`<li class="${entry.isNoise ? "noise" : ""}"><span class="dot ${tone} ${mark}" aria-hidden="true"></span><span class="when">${clockAt(entry.zone, entry.at)}</span><div class="main"><p>${what}${entry.session === null ? null : html` <span class="quiet">· visit ${entry.session}</span>`}</p>${more}</div>${state}</li>`;
}

function toLine(entry: TimelineEntry, context: TimelineContext): Line {
  switch (entry.kind) {
    case "message":
      return messageLine(entry, context);
    case "reply":
      return {
        tone: "blue",
        mark: "in",
        what: html`<strong>Reply by text</strong>`,
        more: said(context.bodyOf(entry)),
        state: entry.state === "open" ? pill("amber", "waits for an answer") : null,
      };
    case "answer":
      return {
        tone: "blue",
        mark: "in",
        what: html`<strong>${ANSWERS[entry.what] ?? sayRule(entry.what)}</strong>`,
        more: quiet(VIAS[entry.channel ?? ""] ?? null),
      };
    case "survey":
      return {
        tone: "blue",
        mark: "in",
        what: html`<strong>Answered ${entry.what.toUpperCase()}</strong>`,
        more: quiet(context.bodyOf(entry) ?? SOURCES[entry.channel ?? ""] ?? null),
      };
    case "consent":
      return {
        tone: entry.state === "granted" ? "green" : "amber",
        mark: "",
        what: html`${CONSENTS[entry.what] ?? entry.what} ${entry.state === "granted" ? "agreed to" : "declined"}${entry.recipient === "escort" ? " by the escort" : null}`,
        more: quiet(entry.reason),
      };
    case "alert":
      return {
        tone: "red",
        mark: "",
        what: html`<strong>Alert: ${entry.what.replaceAll("-", " ")}</strong>`,
        more: quiet(
          entry.reason === null ? null : `${entry.reason.replaceAll("-", " ")}${entry.actor ? `, ${sayActor(entry.actor)}` : ""}`,
        ),
        state: html`<a href="${context.basePath}/console/alerts/${toPublicId("alert", entry.id)}">${pill(entry.state === "closed" ? "plain" : "red", entry.state ?? "")}</a>`,
      };
    case "fact":
      return {
        tone: "plain",
        mark: "fact",
        what: html`${capital(FACTS[entry.what] ?? entry.what.replaceAll(/[._-]/g, " "))}`,
        more: quiet(`by ${sayActor(entry.actor ?? "")}`),
      };
  }
}

function quiet(text: string | null): Html | null {
  return text === null ? null : html`<p class="small quiet">${text}</p>`;
}

function said(text: string | undefined): Html | null {
  return text === undefined ? null : html`<blockquote>${text}</blockquote>`;
}

const CONSENTS: { readonly [channel: string]: string } = { sms: "Texts", email: "Email", detail: "Detail in emails" };
const VIAS: { readonly [via: string]: string } = { sms: "by text", page: "on the page of the visit", staff: "told to staff" };
const SOURCES: { readonly [source: string]: string } = { patient: "on the page", staff: "on the phone", import: "imported" };

const ANSWERS: { readonly [kind: string]: string } = {
  confirmed: "Will come",
  "asks-to-move": "Asks for another time",
  "driver-named": "Named a driver",
  "driver-missing": "Has no driver",
  "fasting-acknowledged": "Read how to prepare",
  "location-confirmed": "Confirmed the place",
  "home-safe": "Safe at home",
  "home-trouble": "Not well at home",
  "session-over": "Says the session is over",
};

function messageLine(entry: TimelineEntry, { basePath, name }: TimelineContext): Line {
  const { id, channel, recipient, what, reason } = entry;
  const standing = standingOf(entry);
  const title = html`<a href="${basePath}/console/touchpoints/${toPublicId("touchpoint", id)}"><strong>${sayRule(what)}</strong></a> <span class="quiet">${sayAddressee(channel, recipient, name)}</span>`;
  const why = reason !== null && standing.word !== "sent" ? sayReason(reason) : null;
  return {
    tone: standing.tone,
    mark: standing.mark,
    what: title,
    more: quiet(why === null ? null : capital(why)),
    state: pill(standing.tone, standing.word),
  };
}

type Standing = { readonly tone: Tone; readonly word: string; readonly mark: string };

/** One word for where a message stands: what the provider said last counts more than that it took it. */
function standingOf({ state, rank, channel, data }: TimelineEntry): Standing {
  switch (state) {
    case "sent":
      if (isDelivered(rank)) return { tone: "green", word: "delivered", mark: "out" };
      if (isUndelivered(rank)) return { tone: "red", word: "not delivered", mark: "out" };
      return { tone: "green", word: "sent", mark: "out" };
    case "tasked":
      return taskStanding(data);
    case "planned":
      return { tone: "plain", word: channel === "task" ? "to do" : waits(data), mark: "" };
    case "sending":
      return { tone: "blue", word: "is being sent", mark: "out" };
    case "held":
      return { tone: "amber", word: "held", mark: "" };
    case "unknown":
      return { tone: "amber", word: "perhaps sent", mark: "out" };
    case "failed":
      return { tone: "red", word: "refused", mark: "out" };
    case "superseded":
      return { tone: "plain", word: "replaced", mark: "" };
    case "cancelled":
      return { tone: "plain", word: "called off", mark: "" };
    case null:
    default:
      return { tone: "amber", word: "not sent", mark: "" };
  }
}

function waits(data: TimelineEntry["data"]): string {
  const awaited = data?.["awaits"];
  return typeof awaited === "string" ? `after ${awaited}` : "planned";
}

function taskStanding(data: TimelineEntry["data"]): Standing {
  const state = data?.["task"];
  if (state === "done") return { tone: "green", word: "call done", mark: "" };
  return state === "open" || state === "taken"
    ? { tone: "amber", word: "call to make", mark: "" }
    : { tone: "plain", word: "on the call list", mark: "" };
}
