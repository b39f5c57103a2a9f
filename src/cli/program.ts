/** The command line's words: every noun and verb, and nothing of what they do. */
import { Command } from "commander";
import { VERSION } from "../version.ts";
import { declareAccessCommands } from "./access-commands.ts";
import { declareAlertCommands } from "./alert-commands.ts";
import { declareBounceCommands } from "./bounce-commands.ts";
import { declareClinicCommands } from "./clinic-commands.ts";
import { declareDatabaseCommands } from "./database-commands.ts";
import { declarePatientCommands } from "./patient-commands.ts";
import { HELP_LAYOUT } from "./help-layout.ts";
import { declareIncidentCommands } from "./incident-commands.ts";
import { declareLedgerCommands } from "./ledger-commands.ts";
import { declareProtocolCommands } from "./protocol-commands.ts";
import { declareRosterCommands } from "./roster-commands.ts";
import { declareQueueCommands } from "./queue-commands.ts";
import { declareReplyCommands } from "./reply-commands.ts";
import { declareRunCommands } from "./run-commands.ts";
import { declareSafeModeCommands } from "./safe-mode-commands.ts";
import { declareSeriesCommands } from "./series-commands.ts";
import { declareSessionCommands } from "./session-commands.ts";
import { declareSurveyCommands } from "./survey-commands.ts";
import { declareSwitchCommands } from "./switch-commands.ts";
import { declareTaskCommands } from "./task-commands.ts";
import { declareTemplateCommands } from "./template-commands.ts";
import { declareWebhookCommands } from "./webhook-commands.ts";

const EXAMPLES = `
Examples:
  $ afterglow demo
  $ afterglow series preview examples/ana-iv.yaml --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z
  $ afterglow db migrate && afterglow clinic add examples/clinic.yaml
  $ afterglow series enqueue my-series.yaml

Exit codes: 0 done, 1 the input was refused, 2 the command line was wrong, 3 a dependency is down or not configured.`;

/** Errors of the command line are thrown instead of ending the process, so that what was written before them is not lost. */
export function makeProgram(): Command {
  const program = new Command("afterglow")
    .description("Keeps a clinic's patients informed, prepared and followed up, from booking to the last survey.")
    .version(VERSION)
    .addHelpText("after", EXAMPLES)
    .configureHelp(HELP_LAYOUT)
    .showHelpAfterError("(add --help for what it takes and for examples)")
    .exitOverride();
  declareSeriesCommands(program);
  declareSessionCommands(program);
  declarePatientCommands(program);
  declareTaskCommands(program);
  declareReplyCommands(program);
  declareIncidentCommands(program);
  declareSurveyCommands(program);
  declareAlertCommands(program);
  declareRosterCommands(program);
  declareRunCommands(program);
  declareLedgerCommands(program);
  declareClinicCommands(program);
  declareBounceCommands(program);
  declareProtocolCommands(program);
  declareTemplateCommands(program);
  declareSwitchCommands(program);
  declareQueueCommands(program);
  declareSafeModeCommands(program);
  declareAccessCommands(program);
  declareWebhookCommands(program);
  declareDatabaseCommands(program);
  return program;
}
