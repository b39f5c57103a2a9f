/** The page Queues, from what was read: what stops sending and who works come first, because everything under them is read in their light. */
import { MOST_SKEW_MS } from "../../db/liveness.ts";
import { readZone } from "../../db/clinics.ts";
import type { Switch } from "../../db/switches.ts";
import type { ChannelBacklog, OpsView, Unsent } from "../../db/view-ops.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { sayReason } from "../../producers/explain-conditions.ts";
import { NEVER_PAUSED } from "../../queues/all-queues.ts";
import type { QueueStanding } from "../../producers/steer-queue.ts";
import { html, type Html } from "../html.ts";
import { sayCode } from "./code-words.ts";
import { roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { facts, notice, panel, pill } from "./console-parts.ts";
import type { OpsPage } from "./ops-view.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";

/** What somebody may do here; what concerns every clinic needs somebody of every clinic. */
export type OpsPowers = {
  readonly stop: boolean;
  readonly stopAll: boolean;
  readonly resume: boolean;
  readonly resumeAll: boolean;
  readonly steer: boolean;
};

export type OpsShown = {
  readonly page: OpsPage;
  readonly powers: OpsPowers;
  readonly stems: readonly string[];
  readonly done: string | null;
};

export function opsBody({ page, powers, stems, done }: OpsShown, context: ConsoleContext): Html {
  const here: Here = { context, powers, path: context.basePath + roomPath(context.clinic.slug, "ops"), zone: readZone(context.zone) };
  const { numbers } = page;
  return html`${done === null ? null : notice("good", html`<p>${done}</p>`)}
<div class="head">${stopped(page)}${stopForm(here, stems)}</div>${listOff(page, here)}
${workers(page)}
${numbers === undefined ? notice("bad", html`<p><strong>The numbers could not be read in time.</strong> The database is busy or down; what stands below does not need it. The page asks again by itself.</p>`) : backlogPanel(numbers, here)}
${queuesPanel(page, here)}
${numbers === undefined ? null : counted(numbers, page)}
<div class="columns">${pagerPanel(page)}${ledgerPanel(page)}</div>
<p class="quiet small">Numbers are of the whole installation, because queues and workers are shared; groups are not counted beyond 50,000. Times are in ${context.zone}.</p>`;
}

type Here = { readonly context: ConsoleContext; readonly powers: OpsPowers; readonly path: string; readonly zone: Zone };

function stopped({ switches, elsewhere, safeMode }: OpsPage): Html {
  if (safeMode) return html`<p>${pill("red", "nothing is sent")} Safe mode is on.</p>`;
  if (switches.length > 0)
    return html`<p>${pill("amber", "partly stopped")} ${switches.length} ${switches.length === 1 ? "switch is" : "switches are"} off.</p>`;
  return html`<p>${pill("green", "sending")} Nothing is switched off${elsewhere > 0 ? ` here; ${elsewhere} ${elsewhere === 1 ? "switch is" : "switches are"} off at other clinics` : ""}.</p>`;
}

function listOff({ safeMode, switches, numbers }: OpsPage, here: Here): Html {
  const safe =
    safeMode &&
    notice(
      "bad",
      html`<p><strong>Safe mode is on: nothing is sent to patients.</strong> ${safeMode.reason}, since ${moment(here.zone, safeMode.since, numbers?.now ?? safeMode.since)}.</p><p class="small">It ends by hand, once somebody has looked: <code>afterglow safe-mode show</code>.</p>`,
    );
  const off = html`<ul class="rows">${switches.map((each) => switchRow(each, numbers?.now ?? null, here))}</ul>`;
  return html`${safe ?? null}${switches.length === 0 ? null : panel("Switched off", off)}`;
}

function switchRow(each: Switch, now: OpsView["now"] | null, { zone, powers, path }: Here): Html {
  const may = each.clinicId === null ? powers.resumeAll : powers.resume;
  return html`<li><span class="main">${pill("red", "off")} <strong>${sayCoverage(each)}</strong> <span class="quiet">since ${moment(zone, each.offAt, now ?? each.offAt)}, ${sayActor(each.actor)}</span><br>${each.reason}</span>${may ? html`<a class="button" href="${path}/resume?switch=${toPublicId("switch", each.id)}">See what would go on</a>` : html`<span class="quiet small">${each.clinicId === null ? "for every clinic: only an administrator of all of them switches it on" : "your role cannot switch it on"}</span>`}</li>`;
}

/** `Texts of this clinic`. */
export function sayCoverage({ scope, subject, clinicId }: Pick<Switch, "scope" | "subject" | "clinicId">): string {
  const where = clinicId === null ? "of every clinic" : "of this clinic";
  switch (scope) {
    case "everything":
      return "Everything, of every clinic";
    case "clinic":
      return `Everything ${where}`;
    case "channel":
      return `${subject === "sms" ? "Texts" : "Mails"} ${where}`;
    case "template":
      return `What is written from ${subject ?? "a template"}, ${where}`;
    case "patient":
      return `Everything to one patient (${subject === null ? "" : toPublicId("patient", subject)})`;
  }
}

function stopForm({ powers, path }: Here, stems: readonly string[]): Html | null {
  if (!powers.stop) return null;
  const option = (value: string, label: string) => html`<option value="${value}">${label}</option>`;
  return html`<form method="get" action="${path}/stop" class="actions"><label for="what">Stop</label><select id="what" name="what" class="narrow">
${option("channel:sms", "texts of this clinic")}${option("channel:email", "mails of this clinic")}${option("clinic", "everything of this clinic")}${powers.stopAll ? option("everything", "everything, of every clinic") : null}${stems.map((stem) => option(`template:${stem}`, `template ${stem}`))}
</select><button>See what it stops</button></form>`;
}

function workers({ workers: alive, readAt }: OpsPage): Html {
  if (alive.length === 0)
    return panel(
      "Workers",
      notice(
        "bad",
        html`<p><strong>No worker is alive.</strong> Nothing is planned or sent; start one: <code>afterglow worker</code>.</p>`,
      ),
    );
  const versions = new Set(alive.map(({ version }) => version));
  return panel(
    "Workers",
    table(
      "Workers",
      ["Process", "Does", "Version", "Heartbeat", "Clock"],
      alive.map(({ host, pid, role, version, beatAt, skewMs }) => [
        html`${host}/${pid}`,
        html`${role}`,
        versions.size > 1 ? pill("amber", version) : html`${version}`,
        html`${sayLength((readAt - beatAt) / 1_000)} ago`,
        Math.abs(skewMs) > MOST_SKEW_MS ? pill("red", `${sayMs(skewMs)} off: claims nothing`) : html`${sayMs(skewMs)} off`,
      ]),
    ),
    html`<span class="quiet small">${alive.length} alive${versions.size > 1 ? html`, ${pill("amber", `${versions.size} versions`)}` : null}</span>`,
  );
}

function counted(numbers: OpsView, { unsent }: OpsPage): Html {
  return html`<div class="columns">${latenessPanel(numbers)}${attemptsPanel(numbers)}</div>
<div class="columns">${unsentPanel(unsent)}${unsettledPanel(numbers)}</div>
${codesPanel(numbers)}`;
}

/** Where there is nothing to count. */
function none(text: string): Html {
  return html`<p class="body quiet">${text}</p>`;
}

function backlogPanel({ backlog, unplanned, hints }: OpsView, { zone, powers, path }: Here): Html {
  const row = (each: ChannelBacklog) => [
    html`${CHANNELS[each.channel] ?? each.channel}`,
    number(each.ready),
    each.oldestReadySeconds === null ? html`<span class="quiet">none</span>` : html`${sayLength(each.oldestReadySeconds)}`,
    number(each.waiting),
    number(each.nextHour),
    number(each.nextDay),
    html`${sayRate(each.rate)} <span class="quiet">of ${sayRate(each.permitted)}</span>`,
    each.willMiss === 0
      ? pill("green", "none")
      : html`${pill("red", number(each.willMiss).markup)}${each.firstMissAt === null ? null : html` <span class="nowrap">from ${moment(zone, each.firstMissAt, each.firstMissAt)}</span>`}`,
  ];
  const drift = html`<p class="body small">${sayHints(hints)} ${unplanned === 0 ? "Every plan is fresh." : html`<strong>${number(unplanned)}</strong> ${unplanned === 1 ? "plan waits" : "plans wait"} to be made.`}</p>`;
  return panel(
    "Backlog",
    html`${
      backlog.length === 0
        ? none("No sender yet. A clinic's senders appear here with their rates.")
        : table(
            "Backlog",
            ["Channel", "Ready", "Oldest ready", "Due, must wait", "Next hour", "Next 24 h", "A second", "Will miss, 2 h"],
            backlog.map(row),
            NUMERIC,
          )
    }${drift}`,
    powers.steer ? html`<a class="button" href="${path}/queue?verb=requeue">Hint again</a>` : null,
  );
}

/** How far the hints are from the rows. */
function sayHints({ hinted, stale, unhinted }: OpsView["hints"]): Html | string {
  if (hinted + stale + unhinted === 0) return "No row is due and unclaimed.";
  const lost = html`, <strong>${number(stale)}</strong> longer ago: those hints are lost, or nobody takes them, and the sweep gives new ones`;
  return html`Of the rows that may be claimed now, <strong>${number(hinted)}</strong> were hinted in the last ten seconds${stale === 0 ? null : lost}; <strong>${number(unhinted)}</strong> wait for the sweep.`;
}

/** Columns of numbers in the table of backlogs. */
const NUMERIC = new Set([1, 2, 3, 4, 5, 6]);
const CHANNELS: { readonly [channel: string]: string } = { sms: "Texts", email: "Mails", task: "Tasks" };

function latenessPanel({ lateness }: OpsView): Html {
  const body =
    lateness.length === 0
      ? none("Nothing was sent. Lateness is measured from a message's moment to the call at the provider.")
      : table(
          "Lateness",
          ["Channel", "Over", "Half within", "99 % within", "Sends"],
          lateness.map(({ channel, window, p50Ms, p99Ms, sends }) => [
            html`${CHANNELS[channel] ?? channel}`,
            html`${window === "now" ? "5 minutes" : "a day"}`,
            html`${sayMs(p50Ms)}`,
            html`${sayMs(p99Ms)}`,
            number(sends),
          ]),
          new Set([2, 3, 4]),
        );
  return panel("Lateness", body);
}

function unsettledPanel({ unsettled }: OpsView): Html {
  const body =
    unsettled.length === 0
      ? none("Nothing is open. Every answer of the providers is known, and nothing is held.")
      : table(
          "Unknown and held",
          ["State", "Because", "Oldest", "How many"],
          unsettled.map(({ state, reason, oldestSeconds, count }) => [
            pill(state === "unknown" ? "amber" : "plain", state),
            html`${sayReason(reason) ?? "the provider's answer was lost"}`,
            oldestSeconds > 0 ? html`${sayLength(oldestSeconds)}` : html`<span class="quiet">-</span>`,
            number(count),
          ]),
          new Set([3]),
        );
  return panel("Unknown and held", body);
}

const ATTEMPT_TONES: { readonly [state: string]: "green" | "red" | "amber" | "blue" } = {
  delivered: "green",
  sent: "green",
  refused: "red",
  failed: "red",
  undelivered: "red",
  unknown: "amber",
  "not-sent": "amber",
};

function attemptsPanel({ attempts }: OpsView): Html {
  const body =
    attempts.length === 0
      ? none("No attempts in a day. What was handed to a provider appears here.")
      : table(
          "Attempts of a day",
          ["Channel", "Became", "How many"],
          attempts.map(({ channel, state, count }) => [
            html`${CHANNELS[channel] ?? channel}`,
            pill(ATTEMPT_TONES[state] ?? "plain", state.replaceAll(/[-_]/g, " ")),
            number(count),
          ]),
          new Set([2]),
        );
  return panel("Attempts, one day", body);
}

function unsentPanel(unsent: readonly Unsent[] | undefined): Html {
  if (unsent === undefined) return panel("Ended unsent, one day", notice("warn", html`<p>Could not be counted in time.</p>`));
  const body =
    unsent.length === 0
      ? none("Nothing ended unsent. Messages that were not sent appear here by reason.")
      : table(
          "Ended unsent",
          ["Ended", "Because", "How many"],
          unsent.map(({ state, reason, count }) => [html`${state}`, html`${sayReason(reason) ?? UNSENT[state] ?? ""}`, number(count)]),
          new Set([2]),
        );
  return panel("Ended unsent, one day", body, html`<span class="quiet small">counted once a minute</span>`);
}

/** Of a state that comes without a reason. */
const UNSENT: { readonly [state: string]: string } = {
  superseded: "the plan wants something else now",
  cancelled: "its visit does not take place",
  tasked: "work for the front desk: on its list",
  failed: "the provider refused it",
  expired: "its last moment passed",
};

function codesPanel({ codes }: OpsView): Html {
  const body =
    codes.length === 0
      ? none("No codes. Providers reported no error in a day.")
      : table(
          "Codes of providers",
          ["Channel", "Code", "Means", "How many"],
          codes.map(({ channel, code, count }) => [
            html`${CHANNELS[channel] ?? channel}`,
            html`<code>${code}</code>`,
            html`${sayCode(channel, code) ?? "see the provider's list"}`,
            number(count),
          ]),
          new Set([3]),
        );
  return panel("Codes of providers, one day", body);
}

function queuesPanel({ queues, backend }: OpsPage, here: Here): Html {
  const aside = html`<span class="quiet small">on ${backend === "redis" ? "Redis" : "PostgreSQL"} · <a href="${here.context.basePath}/console/queues">every job</a></span>`;
  if (queues === undefined)
    return panel(
      "Jobs",
      notice("bad", html`<p><strong>The queues do not answer.</strong> What is due waits in the rows and goes when they are back.</p>`),
      aside,
    );
  const rows = queues.map((queue) => [
    html`<strong>${queue.name}</strong>${queue.isPaused ? html` ${pill("red", "paused")}` : null}`,
    jobs(queue, ["waiting", "prioritized", "paused"]),
    jobs(queue, ["delayed"]),
    jobs(queue, ["active"]),
    (queue.jobs["failed"] ?? 0) > 0 ? pill("amber", String(queue.jobs["failed"])) : number(0),
    html`${here.powers.steer ? steering(queue, here) : null}`,
  ]);
  return panel("Jobs", table("Jobs", ["Queue", "Waiting", "Later", "At work", "Failed", ""], rows, new Set([1, 2, 3, 4])), aside);
}

function jobs({ jobs: byState }: QueueStanding, states: readonly string[]): Html {
  return number(states.reduce((sum, state) => sum + (byState[state] ?? 0), 0));
}

function steering({ name, isPaused, jobs: { failed = 0 } }: QueueStanding, { path }: Here): Html {
  const link = (verb: string, words: string) =>
    html`<a class="button" href="${path}/queue?verb=${verb}&amp;name=${name}">${words}<span class="hidden"> ${name}</span></a>`;
  return html`<span class="buttons">${isPaused ? link("resume", "Resume") : name === NEVER_PAUSED ? html`` : link("pause", "Pause")}${failed > 0 ? link("retry", "Retry") : null}</span>`;
}

function pagerPanel({ pager: { alerts, unacknowledgedSeconds, failedPages, unreached } }: OpsPage): Html {
  const open = alerts.reduce((sum, { count }) => sum + count, 0);
  const rows = [
    ["Alerts that are not closed", open === 0 ? "none" : alerts.map(({ count, level, state }) => `${count} ${level} ${state}`).join(", ")],
    ["Longest unacknowledged", unacknowledgedSeconds > 0 ? sayLength(unacknowledgedSeconds) : "none waits"],
    ["Pages not taken, one hour", failedPages > 0 ? pill("amber", String(failedPages)) : "none"],
  ] as const;
  const aside = unreached > 0 ? pill("red", `${unreached} reached nobody`) : pill("green", "reaches people");
  return panel("Pager", html`<div class="body">${facts(rows)}</div>`, aside);
}

function ledgerPanel({ ledger }: OpsPage): Html {
  if (!ledger)
    return panel("Books", none("Never checked. Workers of a production database check them every hour; by hand: afterglow ledger check."));
  const broken = Object.entries(ledger.violations);
  const isOld = ledger.ageSeconds > OLD_AFTER_SECONDS;
  const aside =
    broken.length > 0 ? pill("red", `${broken.length} broken`) : isOld ? pill("amber", "old") : pill("green", "every promise holds");
  const rows: (readonly [string, Html | string])[] = [
    ["Last checked", `${sayLength(ledger.ageSeconds)} ago`],
    ...broken.map(([name, count]) => [name, pill("red", `${count} rows`)] as const),
    ["Given up", ledger.unfinished > 0 ? pill("amber", `${ledger.unfinished} took too long`) : "none"],
  ];
  return panel("Books", html`<div class="body">${facts(rows)}</div>`, aside);
}

const OLD_AFTER_SECONDS = 7_200;

/** A table that scrolls by itself where it is wider than the screen. `numeric` are columns of numbers. */
function table(name: string, heads: readonly string[], rows: readonly (readonly Html[])[], numeric: ReadonlySet<number> = new Set()): Html {
  const kind = (column: number) => (numeric.has(column) ? html` class="number"` : null);
  const head = (text: string, column: number) =>
    text === "" ? html`<th><span class="hidden">What may be done</span></th>` : html`<th scope="col"${kind(column)}>${text}</th>`;
  const cell = (value: Html, column: number) => html`<td${kind(column)}>${value}</td>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table><thead><tr>${heads.map(head)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div>`;
}

function number(count: number): Html {
  return html`${count.toLocaleString("en-US")}`;
}

/** A second, or a minute where that reads better. */
function sayRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return `${(perSecond * 60).toFixed(1)} a min`;
  return perSecond < 10 ? String(Number(perSecond.toPrecision(2))) : Math.round(perSecond).toLocaleString("en-US");
}

function sayMs(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  return size < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : sayLength(ms / 1_000);
}

/** `8 s`, `3 min`, `2 h 5 min`, `4 days`. */
export function sayLength(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}
