/** One closure: whom it postponed, who has been told, and whom nobody reached. */
import type { Closure } from "../../db/closures.ts";
import type { ClosedOut, Notice } from "../../db/view-closure.ts";
import type { Instant } from "../../domain/calendar.ts";
import { toPublicId } from "../../domain/ids.ts";
import { isUndelivered } from "../../domain/provider-rank.ts";
import { sayReason } from "../../producers/explain-conditions.ts";
import { html, type Html } from "../html.ts";
import { capital, pathOfChange } from "./change-room.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice } from "./console-parts.ts";
import { moment } from "./say-moment.ts";

export type Postponed = ClosedOut & { readonly name: string; readonly chart: string; readonly phone: string | null };

export type ClosureView = {
  readonly closure: Closure;
  readonly rows: readonly Postponed[];
  readonly now: Instant;
  readonly revision: number;
  readonly seen: number;
};

export function closureBody(view: ClosureView, context: ConsoleContext): Html {
  const { closure, rows, now } = view;
  const { zone, from, to, reason, reopenedAt } = closure;
  const open = rows.filter((row) => !hasReached(row));
  const reached = rows.filter(hasReached);
  return html`<p>${moment(zone, from, now)} to ${moment(zone, to, now)}: ${reason}</p>
${reopenedAt === null ? null : notice("plain", html`<p>The clinic is open again since ${moment(zone, reopenedAt, now)}. These visits stay postponed until they get a new date.</p>`)}
${list("Nobody reached them yet", open, { view, context, nothing: rows.length === 0 ? empty("Nobody is waiting for a new date", "Whom this closure postponed has been booked again, or there was nobody.") : empty("Everybody was reached", "Each of them has a message that the provider took, or a call that was made.") })}
${reached.length === 0 ? null : list("Reached, waiting for a new date", reached, { view, context, nothing: null })}
${reopenedAt === null ? reopenForm(view, context) : null}`;
}

type Listing = { readonly view: ClosureView; readonly context: ConsoleContext; readonly nothing: Html | null };

function list(heading: string, rows: readonly Postponed[], { view, context, nothing }: Listing): Html {
  return html`<section class="panel"><header><h2>${heading}</h2><span class="quiet">${rows.length}</span></header>${rows.length === 0 ? nothing : html`<ul class="rows">${rows.map((row) => postponedRow(row, view, context))}</ul>`}</section>`;
}

function postponedRow(row: Postponed, { now }: ClosureView, { basePath, mayDo }: ConsoleContext): Html {
  const { name, chart, phone, patientId, sessionId, zone, startsAt } = row;
  return html`<li><span class="main"><a href="${basePath}/console/patients/${toPublicId("patient", patientId)}"><strong>${name}</strong></a> <span class="quiet">${chart}, was ${moment(zone, startsAt, now)}</span><br><span class="small quiet">${standing(row)}</span></span>${phone !== null && row.mayBeCalled && !hasReached(row) ? html`<a href="tel:${phone}">Call</a>` : null}${mayDo("sessions.change") ? html`<a class="button" href="${basePath}${pathOfChange({ of: "session", verb: "move" }, sessionId)}">New date<span class="hidden"> for ${name}</span></a>` : null}</li>`;
}

/** Accepted by a provider that has not given it up since, or said in a call. */
function hasReached({ notices }: Pick<ClosedOut, "notices">): boolean {
  return notices.some(({ channel, state, rank, taskState }) =>
    channel === "task" ? taskState === "done" : (state === "sent" && !isUndelivered(rank)) || taskState === "done",
  );
}

function standing({ notices, toldStartsAt, planIsFresh, mayBeCalled }: ClosedOut): string {
  if (!mayBeCalled) return "On hold, not to be called";
  if (notices.length > 0) return notices.map(sayNotice).join(" · ");
  if (!planIsFresh) return "Being planned";
  return toldStartsAt === null ? "Nothing had been announced, so nothing is sent" : "No message is planned";
}

function sayNotice({ channel, state, reason, report, taskState }: Notice): string {
  const how = reason === null ? report : sayReason(reason);
  const words = { sms: "text", email: "email", task: "call" }[channel];
  return capital(`${words} ${channel === "task" ? (taskState ?? "planned") : state}${how ? ` (${how})` : ""}`);
}

function reopenForm({ closure, revision, seen }: ClosureView, context: ConsoleContext): Html {
  return csrfForm(context, {
    action: roomPath(context.clinic.slug, "days"),
    name: "inline",
    body: html`<input type="hidden" name="change" value="reopen"><input type="hidden" name="closure" value="${toPublicId("closure", closure.id)}"><input type="hidden" name="revision" value="${revision}"><input type="hidden" name="seen" value="${seen}"><button name="step" value="look">Open again</button>`,
  });
}
