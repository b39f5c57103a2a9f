/** One message: where it stands, why, what it waits for, and everything that happened to it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { listTasksOfTouchpoint } from "../../db/tasks.ts";
import { type Explained, findExplained } from "../../db/view-explain.ts";
import { loadNames } from "../../db/view-names.ts";
import { listDeliveries, listFacts, listSwitched } from "../../db/view-story.ts";
import { parseInstant } from "../../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../../domain/ids.ts";
import { type Condition, conditionsOf, findBlock, sayState } from "../../producers/explain-conditions.ts";
import { type Happening, tellStory } from "../../producers/tell-story.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { capital } from "./change-room.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { facts, notice, panel, pill } from "./console-parts.ts";
import { paramOf } from "./patients-room.ts";
import { tellShown } from "./tell-shown.ts";
import { sayAddressee, sayRule, withoutCommands } from "./say-change.ts";
import { clockAt, dayAt, moment, sayDate, sayMoment } from "./say-moment.ts";

export function touchpointRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get(
      "/console/touchpoints/:touchpoint",
      { config: requirePermission("patients.read", { of: "touchpoint" }) },
      async (request, reply) => {
        const { row, name, chart, story, conditions } = await readTouchpoint(deps, request);
        return sendConsolePage(
          deps,
          { request, reply },
          {
            title: "Message",
            heading: sayRule(row.rule),
            room: "patients",
            above: ({ basePath, clinic }) =>
              html`<a href="${basePath}${roomPath(clinic.slug, "patients")}">Patients</a> / <a href="${basePath}/console/patients/${toPublicId("patient", row.patientId)}">${name}</a> <span class="quiet">${chart}</span>`,
            body: () => touchpointBody({ row, name, story, conditions }),
          },
        );
      },
    );
  };
}

type Shown = {
  readonly row: Explained;
  readonly name: string;
  readonly story: readonly Happening[];
  readonly conditions: readonly Condition[];
};

async function readTouchpoint(deps: ConsoleDeps, request: FastifyRequest): Promise<Shown & { readonly chart: string }> {
  const { db } = deps;
  const id = parsePublicId("touchpoint", paramOf(request, "touchpoint"));
  const row = id && (await findExplained(db, id));
  if (!id || !row) throw new AccessDenied("not-found");
  await tellShown(deps, request, { ids: [row.patientId], where: "console message" });
  const told = {
    deliveries: await listDeliveries(db, id),
    facts: (await listFacts(db, row)).filter(({ kind }) => !kind.endsWith(".shown")),
    switched: await listSwitched(db, id),
    tasks: await listTasksOfTouchpoint(db, row.patientId, id),
  };
  const { name = "", chart = "" } = (await loadNames(deps, [row.patientId])).get(row.patientId) ?? {};
  const conditions = row.state === "planned" || row.state === "held" ? conditionsOf(row) : [];
  return { row, name, chart, story: tellStory(row, told), conditions };
}

function touchpointBody({ row, name, story, conditions }: Shown): Html {
  const { channel, recipient, zone, dueAt, tryAt, sendBy, expiresAt, session, protocol, now, attempts } = row;
  const block = findBlock(conditions);
  const told = facts([
    ["To", sayAddressee(channel, recipient, name)],
    ["About", session === null ? null : `visit ${session}`],
    ["Due", moment(zone, dueAt, now)],
    ["Next attempt", conditions.length === 0 || tryAt === dueAt ? null : moment(zone, tryAt, now)],
    ["Of use until", moment(zone, expiresAt, now)],
    ["Latest moment to send", moment(zone, sendBy, now)],
    ["Attempts", attempts === 0 ? null : String(attempts)],
    ["From", protocol],
  ]);
  return html`${notice(row.state === "sent" ? "good" : row.state === "failed" ? "bad" : "plain", html`<p><strong>${sayState(row)}</strong>${block ? html` ${capital(clean(block.says, row))}.` : null}</p>`)}
<div class="columns">${panel("What it is", html`<div class="body">${told}</div>`)}${conditions.length === 0 ? null : panel("What must hold for it to go", html`<ul class="rows dense checks">${conditions.map((each) => condition(each, row))}</ul>`)}</div>
${panel("What happened to it", html`<ol class="story">${story.map((each) => happening(each, row))}</ol>`)}`;
}

/** Sentences are written for the terminal as well: moments stand in them as machines read them, and commands. */
function clean(says: string, { zone, now }: Pick<Explained, "zone" | "now">): string {
  return withoutCommands(says)
    .replaceAll(/\bstaff:/g, "")
    .replace(/^legal: /, "it may go from ")
    .replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}[\d:.]*Z/g, (text) => {
      const at = parseInstant(text);
      return at === undefined ? text : sayMoment(zone, at, now);
    });
}

function condition({ holds, says }: Condition, row: Explained): Html {
  return html`<li><span class="main">${capital(clean(says, row))}</span>${holds ? pill("green", "holds") : pill("amber", "waits")}</li>`;
}

/** Opaque ids help nobody at a desk. */
function happening({ order, clinicAt, says }: Happening, { zone, now }: Pick<Explained, "zone" | "now">): Html {
  const at = clinicAt ?? order;
  const words = clean(says, { zone, now }).replaceAll(/,? ?\b(?:apr|tp|tsk)_[0-9a-f-]{36}\b/g, "");
  return html`<li><span class="dot" aria-hidden="true"></span><span class="when">${clockAt(zone, at)}</span><div class="main"><p>${capital(words)}</p><p class="small quiet">${sayDate(dayAt(zone, at), dayAt(zone, now))}</p></div></li>`;
}
