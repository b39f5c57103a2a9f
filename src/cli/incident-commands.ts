/** `afterglow incident …` */
import { type Command, Option } from "commander";
import { INCIDENT_OUTCOMES, INCIDENT_STATES } from "../domain/incident.ts";
import { declare, end } from "./declare.ts";
import type { CloseIncidentFlags, IncidentFlags, IncidentListFlags } from "./show-incidents.ts";

const ID = "inc_0197c3a4-5a1e-7c00-8f00-0123456789ab";

export function declareIncidentCommands(program: Command): void {
  const incident = declare(program, {
    usage: "incident",
    does: "Privacy: numbers that turned out to be somebody else's, and what was found about them",
    examples: ["incident list --clinic aspen-ridge", `incident close ${ID} --outcome low-risk --actor "Maria Lopez"`],
  });
  declare(incident, {
    usage: "list",
    does: "List privacy incidents, oldest first; patients by the end of their chart number",
    examples: ["incident list", "incident list --clinic aspen-ridge --state closed", "incident list --json"],
  })
    .option("--clinic <slug>", "of this clinic only")
    .addOption(new Option("--state <state>", "those to be looked at, or those that were").choices(INCIDENT_STATES))
    .option("--json", "print one object an incident")
    .action(async (flags: IncidentListFlags) => end(await (await import("./show-incidents.ts")).listIncidents(flags)));
  declare(incident, {
    usage: "show <id>",
    does: "Show one with the note of whoever closed it; the audit keeps who looked",
    examples: [`incident show ${ID} --actor "Maria Lopez"`, `incident show ${ID} --json`],
  })
    .option("--actor <name>", "who looks, for the audit")
    .option("--json", "print one object")
    .action(async (id: string, flags: IncidentFlags) => end(await (await import("./show-incidents.ts")).showIncident(id, flags)));
  declare(incident, {
    usage: "close <id>",
    does: "Close one with what was found; final, a repeat changes nothing",
    examples: [`incident close ${ID} --outcome notified --note "letter of 4 May" --actor "Maria Lopez"`],
  })
    .addOption(new Option("--outcome <outcome>", "what was found").choices(INCIDENT_OUTCOMES).makeOptionMandatory())
    .option("--note <text>", "in your words; kept sealed")
    .requiredOption("--actor <name>", "who has looked into it")
    .option("--json", "print one object")
    .action(async (id: string, flags: CloseIncidentFlags) => end(await (await import("./show-incidents.ts")).closeIncidentBy(id, flags)));
}
