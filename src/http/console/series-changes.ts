/** What the console can change about a series and its visits: each shown with everything that follows before it is done. */
import { parseLocalDateTime } from "../../domain/calendar.ts";
import { parsePublicId, type SeriesId, type SessionId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { SESSION_KINDS, type SessionKind } from "../../domain/protocol.ts";
import { addSession } from "../../producers/add-session.ts";
import { cancelSession } from "../../producers/cancel-session.ts";
import type { Refused } from "../../producers/change-facts.ts";
import { fileForm } from "../../producers/file-form.ts";
import { moveSession } from "../../producers/move-session.ts";
import { pauseSeries } from "../../producers/pause-series.ts";
import { postponeSession } from "../../producers/postpone-session.ts";
import { resumeSeries } from "../../producers/resume-series.ts";
import { stopSeries } from "../../producers/stop-series.ts";
import { voidSeries } from "../../producers/void-series.ts";
import { html, type Html } from "../html.ts";
import type { About, ConsoleChange } from "./change-room.ts";
import { notice } from "./console-parts.ts";
import type { FormFields } from "./form-fields.ts";
import { readCount, type Typed, typedAs } from "./read-form.ts";
import { sayMoment, toField } from "./say-moment.ts";

const WHOSE = [
  { value: "patient", label: "the patient" },
  { value: "clinic", label: "the clinic" },
] as const;

function readBecause(typed: Typed): "patient" | "clinic" {
  return typed.text("because") === "clinic" ? "clinic" : "patient";
}

function seriesOf({ id }: About): SeriesId {
  const read = parsePublicId("series", id);
  if (!read) throw new Error("A page of a series has no series");
  return read;
}

function sessionOf({ id }: About): SessionId {
  const read = parsePublicId("session", id);
  if (!read) throw new Error("A page of a visit has no visit");
  return read;
}

function refused(path: string, expected: string): Refused {
  return { kind: "refused", faults: [{ path, expected }] };
}

const A_TIME = "a day and a time, such as 2027-01-13T09:00";

/** Which of the two, where the clocks are set back. */
function readOccurrence(typed: Typed): { readonly occurrence?: "first" | "second" } {
  const text = typed.text("occurrence");
  return text === "first" || text === "second" ? { occurrence: text } : {};
}

/** Asked in the place where it matters: a refusal or warning of the producer names it. */
function occurrenceField(form: FormFields): Html {
  return html`<details><summary class="small">The clocks are set back on that day</summary>${form.select("occurrence", "Which of the two", [
    { value: "", label: "the only one, or the first" },
    { value: "first", label: "the first" },
    { value: "second", label: "the second" },
  ])}</details>`;
}

/** Where doses could go for the protocol's spacing to hold: shown, never done by itself. */
function tellProposal(value: unknown, { now }: About): Html | null {
  const proposal: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "proposal") : [];
  const moves = Array.isArray(proposal) ? proposal.filter(isProposed) : [];
  if (moves.length === 0) return null;
  return html`<div class="body">${notice("plain", html`<p>For the spacing of the protocol these visits could move, after asking the patient:</p><ul>${moves.map(({ number, zone, from, to }) => html`<li>Visit ${number}: from ${sayMoment(zone, from, now)} to <strong>${sayMoment(zone, to, now)}</strong></li>`)}</ul>`)}</div>`;
}

type Proposed = { readonly number: number; readonly zone: Zone; readonly from: About["now"]; readonly to: About["now"] };

function isProposed(value: unknown): value is Proposed {
  return typeof value === "object" && value !== null && "number" in value && "zone" in value && "from" in value && "to" in value;
}

const ofSeries: readonly ConsoleChange[] = [
  {
    of: "series",
    verb: "pause",
    permission: "series.change",
    title: "Pause the series",
    meaning: "Nothing of this series is sent until it is resumed. Its visits stay booked.",
    run: (deps, about, { options }) => pauseSeries(deps, seriesOf(about), options),
  },
  {
    of: "series",
    verb: "resume",
    permission: "series.change",
    title: "Resume the series",
    meaning: "What is still of use is planned again; what the pause outlasted is not made up for.",
    run: (deps, about, { options }) => resumeSeries(deps, seriesOf(about), options),
  },
  {
    of: "series",
    verb: "stop",
    permission: "series.change",
    title: "Stop the series",
    meaning: "For good: its visits to come are called off, and a patient who had heard of them is told once.",
    isDangerous: true,
    fields: (form) => form.radios("because", "Wish of", WHOSE),
    run: (deps, about, { typed, options }) => stopSeries(deps, seriesOf(about), { ...options, because: readBecause(typed) }),
  },
  {
    of: "series",
    verb: "void",
    permission: "series.change",
    title: "Take the series back",
    meaning: "It should never have been: the wrong protocol, the wrong patient. While nothing has left, the patient hears nothing of it.",
    isDangerous: true,
    run: (deps, about, { options }) => voidSeries(deps, seriesOf(about), { ...options, reach: "any" }),
  },
  {
    of: "series",
    verb: "add",
    permission: "sessions.change",
    title: "Add the visit",
    meaning: "One more visit of this series.",
    begin: ({ now, zone }, asked) =>
      typedAs({ startsAt: asked.text("day") ? `${asked.text("day")}T09:00` : toField(zone, now), kind: "dosing" }),
    fields: (
      form,
      { zone },
    ) => html`<div class="pair">${form.text("startsAt", "Day and time", { type: "datetime-local", required: true, hint: `On the clock of ${zone}` })}${form.text("minutes", "Minutes", { inputmode: "numeric", hint: "Empty: as long as the protocol says" })}</div>
${form.select(
  "kind",
  "Kind",
  SESSION_KINDS.map((value) => ({ value, label: value })),
)}
<div class="pair">${form.text("with", "With", { hint: "Such as: Dr. Lee" })}${form.text("place", "Place", { hint: "Such as: Room 2" })}</div>`,
    run: async (deps, about, { typed, options }) => {
      const minutes = typed.text("minutes") === "" ? null : readCount(typed.text("minutes"));
      if (minutes === undefined) return refused("minutes", "a whole number of minutes from 10 to 480");
      const kind = SESSION_KINDS.find((each): each is SessionKind => each === typed.text("kind"));
      if (!kind) return refused("kind", "one of the kinds of the list");
      const [place, by] = [typed.maybe("place"), typed.maybe("with")];
      const session = {
        kind,
        startsAt: typed.text("startsAt").replace(" ", "T"),
        ...(minutes !== null && { minutes }),
        ...(place && { place }),
        ...(by && { with: by }),
        ...readOccurrence(typed),
      };
      return addSession(deps, seriesOf(about), { ...options, session });
    },
    tell: tellProposal,
  },
];

const ofSession: readonly ConsoleChange[] = [
  {
    of: "session",
    verb: "move",
    permission: "sessions.change",
    title: "Move the visit",
    meaning: "Whoever was told of the old time is told of the new one, once.",
    begin: ({ session, zone }) => typedAs({ to: session ? toField(zone, session.startsAt) : "" }),
    fields: (
      form,
      { session, zone, now },
    ) => html`${session ? html`<p>Visit ${session.number}, ${session.kind}: <strong>${sayMoment(zone, session.startsAt, now)}</strong>${session.status === "postponed" ? " (postponed, has no date)" : null}</p>` : null}
<div class="pair">${form.text("to", "New day and time", { type: "datetime-local", required: true, hint: `On the clock of ${zone}` })}${form.text("minutes", "Minutes", { inputmode: "numeric", hint: "Empty: as long as it was" })}</div>
${occurrenceField(form)}
${form.radios("because", "Wish of", WHOSE)}`,
    run: async (deps, about, { typed, options }) => {
      const to = parseLocalDateTime(typed.text("to").replace(" ", "T"));
      const minutes = typed.text("minutes") === "" ? null : readCount(typed.text("minutes"));
      if (to === undefined) return refused("to", A_TIME);
      if (minutes === undefined) return refused("minutes", "a whole number of minutes from 10 to 480");
      return moveSession(deps, sessionOf(about), {
        ...options,
        move: { to, minutes, because: readBecause(typed), ...readOccurrence(typed) },
      });
    },
    tell: tellProposal,
  },
  ...(["cancel", "postpone"] as const).map(
    (verb): ConsoleChange => ({
      of: "session",
      verb,
      permission: "sessions.change",
      title: verb === "cancel" ? "Cancel the visit" : "Postpone the visit",
      meaning:
        verb === "cancel"
          ? "It does not take place. Whoever was told of it is told once that it is off."
          : "It keeps its place in the series and has no date until it is moved to one. Whoever was told of it is told once.",
      isDangerous: true,
      fields: (form, { session, zone, now }) =>
        html`${session ? html`<p>Visit ${session.number}, ${session.kind}: <strong>${sayMoment(zone, session.startsAt, now)}</strong></p>` : null}${form.radios("because", "Wish of", WHOSE)}`,
      run: (deps, about, { typed, options }) =>
        (verb === "cancel" ? cancelSession : postponeSession)(deps, sessionOf(about), { ...options, because: readBecause(typed) }),
    }),
  ),
  {
    of: "session",
    verb: "form-filed",
    permission: "sessions.change",
    title: "Record the form",
    meaning: "The monitoring form of this visit is filed; whatever asks for it is done.",
    begin: ({ actor }) => typedAs({ by: actor.replace(/^staff:/, "") }),
    fields: (form) => form.text("by", "Filed by", { required: true }),
    run: async (deps, about, { typed, options }) => {
      const by = typed.text("by");
      if (by === "" || by.length > 100) return refused("by", "who filed it");
      return fileForm(deps, sessionOf(about), { ...options, form: { by, at: about.now } });
    },
  },
];

export const SERIES_CHANGES: readonly ConsoleChange[] = [...ofSeries, ...ofSession];
