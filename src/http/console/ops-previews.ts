/** What operations see before they stop something, let it go on, or steer a queue. */
import type { Coverage, Stopped, Switch } from "../../db/switches.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { RequeueRequest, RequeueResult } from "../../producers/requeue-due.ts";
import type { QueueVerb, Steered } from "../../producers/steer-queue.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, facts, field, notice, panel } from "./console-parts.ts";
import { sayCoverage } from "./ops-page.ts";
import type { Typed } from "./read-form.ts";

type Body = (context: ConsoleContext) => Html;

/** `covered` null: that very switch is off already. */
type Stopping = { readonly what: string; readonly coverage: Coverage; readonly covered: Stopped | null };

export function beforeStop({ what, coverage, covered }: Stopping, { fault, typed = "" }: { fault?: string; typed?: string }): Body {
  return (context) => {
    if (covered === null)
      return html`${notice("plain", html`<p>${sayCoverage(coverage)}: this is off already. Nothing was changed.</p>`)}${goBack(context)}`;
    const reason = field({
      name: "reason",
      label: "Why",
      value: typed,
      hint: "For those who find it off. No patient's name.",
      required: true,
      ...(fault !== undefined && { fault: `Expected: ${fault}.` }),
    });
    return confirmation(context, {
      heading: sayCoverage(coverage),
      body: html`${facts(countRows(covered))}
<p>From that moment nothing of it leaves for patients and escorts. What a provider has already is not called back; work for staff goes on. What reaches its last moment meanwhile expires, and what mattered becomes a call.</p>`,
      action: "stop",
      fields: html`<input type="hidden" name="what" value="${what}">${reason}`,
      button: html`<button class="danger">Stop sending this</button>`,
    });
  };
}

export function beforeResume(off: Switch, covered: Stopped): Body {
  return (context) =>
    confirmation(context, {
      heading: sayCoverage(off),
      body: html`${facts([["Off because", off.reason], ...countRows(covered)])}
<p>What is still of use goes at once, within each sender's rate; what was over meanwhile has expired and is not sent any more.</p>`,
      action: "resume",
      fields: html`<input type="hidden" name="switch" value="${toPublicId("switch", off.id)}">`,
      button: html`<button class="first">Let it go on</button>`,
    });
}

function countRows({ planned, due, endWithinADay }: Stopped): (readonly [string, string])[] {
  return [
    ["Planned messages of it", say(planned)],
    ["Due at this moment", say(due)],
    ["End unsent within a day if nothing changes", say(endWithinADay)],
  ];
}

const VERBS: {
  readonly [Verb in QueueVerb]: { readonly heading: string; readonly body: string; readonly button: string; readonly counts: string };
} = {
  pause: {
    heading: "Pause",
    body: "No worker of any process takes its jobs until it is resumed. Rows stay as they are and what is due waits; what reaches its last moment expires. To stop sending, use a switch: it holds whatever becomes of the queue.",
    button: "Pause this queue",
    counts: "Jobs that wait",
  },
  resume: {
    heading: "Resume",
    body: "Workers take its jobs again at once. A job only wakes a worker up: the row says whether there is still something to do.",
    button: "Resume this queue",
    counts: "Jobs that wait",
  },
  retry: {
    heading: "Retry",
    body: "Jobs that failed are put in line again. Nothing goes out twice because of that: a job only says what to look at, and a row is claimed once.",
    button: "Retry the failed jobs",
    counts: "Jobs that failed",
  },
};

export function beforeSteering(verb: QueueVerb, { standing, count }: Extract<Steered, { kind: "steered" }>): Body {
  const { heading, body, button, counts } = VERBS[verb];
  return (context) =>
    confirmation(context, {
      heading: `${heading} ${standing.name}`,
      body: html`${facts([[counts, say(count)]])}<p>${body}</p>`,
      action: "queue",
      fields: html`<input type="hidden" name="verb" value="${verb}"><input type="hidden" name="name" value="${standing.name}">`,
      button: html`<button class="${verb === "pause" ? "danger" : "first"}">${button}</button>`,
    });
}

/** What the form about hinting again asks for. */
export function readRequeue(form: Typed): RequeueRequest {
  const channel = form.text("channel");
  return { channel: channel === "email" || channel === "sms" ? channel : null, backedOff: form.text("backedOff") === "yes" };
}

export function beforeRequeue({ channel, backedOff }: RequeueRequest, { due, rested }: RequeueResult): Body {
  const sum = (rows: RequeueResult["due"]) => say(rows.reduce((total, { count }) => total + count, 0));
  return (context) => {
    const path = `${context.basePath}${roomPath(context.clinic.slug, "ops")}/queue?verb=requeue${channel === null ? "" : `&channel=${channel}`}`;
    return confirmation(context, {
      heading: "Hint again what is due",
      body: html`${facts([
        ["Due, hinted, unclaimed", sum(due)],
        ["Tried now instead of later", backedOff ? sum(rested) : null],
      ])}
<p>The next sweep, within a second, gives each of these rows a new hint. Nothing goes out twice: a hint is a wake-up, and a row is claimed once. By itself the sweep does the same ten seconds after a hint was lost.</p>
${backedOff ? null : html`<p><a href="${path}&amp;backedOff=yes">Also try now what rests after a failed attempt</a></p>`}`,
      action: "queue",
      fields: html`<input type="hidden" name="verb" value="requeue"><input type="hidden" name="channel" value="${channel ?? ""}"><input type="hidden" name="backedOff" value="${backedOff ? "yes" : ""}">`,
      button: html`<button class="first">Hint again</button>`,
    });
  };
}

export function goneBody(context: ConsoleContext): Html {
  return html`${empty("There is nothing to do", "It is so already, or what was asked for is not there any more. Nothing was changed.")}${goBack(context)}`;
}

type Confirmation = {
  readonly heading: string;
  readonly body: Html;
  /** The last part of the address. */
  readonly action: "stop" | "resume" | "queue";
  readonly fields: Html;
  readonly button: Html;
};

function confirmation(context: ConsoleContext, { heading, body, action, fields, button }: Confirmation): Html {
  const form = csrfForm(context, {
    action: `${roomPath(context.clinic.slug, "ops")}/${action}`,
    body: html`${fields}<div class="buttons">${button}<a class="button" href="${context.basePath}${roomPath(context.clinic.slug, "ops")}">Leave it as it is</a></div>`,
    name: "form",
  });
  return panel(heading, html`<div class="body">${body}${form}</div>`);
}

function goBack({ basePath, clinic }: ConsoleContext): Html {
  return html`<p><a href="${basePath}${roomPath(clinic.slug, "ops")}">Back to the queues</a></p>`;
}

function say(count: number): string {
  return count.toLocaleString("en-US");
}
