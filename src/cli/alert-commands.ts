/** `afterglow alert …` */
import { type Command, Option } from "commander";
import type { AlertKind, AlertLevel, AlertOutcome, AlertState } from "../domain/alert.ts";
import { addChangeOptions } from "./change-command.ts";
import type { AckFlags, CloseFlags, RaiseFlags, ReleaseFlags } from "./change-alert.ts";
import { declare, end } from "./declare.ts";
import type { ListAlertFlags, ShowAlertFlags } from "./show-alerts.ts";

const ID = "alr_0197c3a4-5a1e-7c00-8f00-0123456789ab";
const MESSAGE = "tp_0197c3a4-5a1e-7c00-8f00-0123456789ab";

/** As the lists of `domain/alert.ts`; a test compares them. */
export const ALERT_WORDS = {
  states: ["open", "acknowledged", "closed"] as const satisfies readonly AlertState[],
  levels: ["critical", "high", "medium"] as const satisfies readonly AlertLevel[],
  outcomes: ["reached", "not-reached", "welfare-check", "911", "hospital", "false-alarm"] as const satisfies readonly AlertOutcome[],
  kinds: [
    "self-harm-answer",
    "self-harm-words",
    "severe-side-effect",
    "side-effect",
    "worsening",
    "no-next-day-answer",
    "no-home-end",
  ] as const satisfies readonly AlertKind[],
};

export function declareAlertCommands(program: Command): void {
  const alert = declare(program, {
    usage: "alert",
    does: "Safety: who may be in danger, who has it, what came of it",
    examples: [
      "alert list",
      `alert show ${ID}`,
      `alert ack ${ID} --actor "Maria Lopez"`,
      `alert close ${ID} --outcome reached --actor "Maria Lopez"`,
    ],
  });
  declareReading(alert);
  declareTaking(alert);
  declareRaising(alert);
}

function declareReading(alert: Command): void {
  declare(alert, {
    usage: "list",
    does: "List alerts that are not closed: unacknowledged first, then the gravest; patients by the end of their chart number",
    examples: ["alert list", "alert list --clinic aspen-ridge --state open", "alert list --state closed --json"],
  })
    .option("--clinic <slug>", "of this clinic only")
    .addOption(new Option("--state <state>", "in this state only").choices(ALERT_WORDS.states))
    .option("--json", "print one object an alert")
    .action(async (flags: ListAlertFlags) => end(await (await import("./show-alerts.ts")).listAlertsBy(flags)));
  declare(alert, {
    usage: "show <id>",
    does: "Show who it is and whom to call, the last session, what was answered, who was paged; the audit keeps who looked",
    examples: [`alert show ${ID} --actor "Maria Lopez"`, `alert show ${ID} --json`],
  })
    .option("--actor <name>", "who looks, for the audit")
    .option("--json", "print one object")
    .action(async (id: string, flags: ShowAlertFlags) => end(await (await import("./show-alerts.ts")).showAlert(id, flags)));
}

function declareTaking(alert: Command): void {
  declare(alert, {
    usage: "ack <id>",
    does: "Say that you have it: nobody else is paged",
    examples: [`alert ack ${ID} --actor "Maria Lopez"`, `alert ack ${ID} --actor "Maria Lopez" --over`],
  })
    .requiredOption("--actor <name>", "who has it from now on")
    .option("--over", "take it from whoever has it")
    .option("--json", "print one object")
    .action(async (id: string, flags: AckFlags) => end(await (await import("./change-alert.ts")).acknowledgeBy(id, flags)));
  const closing = declare(alert, {
    usage: "close <id>",
    does: "Close an alert by name (--actor), with what came of it; what was kept back and is still of use goes on",
    examples: [`alert close ${ID} --outcome reached --note "talked for ten minutes, sister is there" --actor "Maria Lopez"`],
  })
    .addOption(new Option("--outcome <outcome>", "what came of it").choices(ALERT_WORDS.outcomes).makeOptionMandatory())
    .option("--note <text>", "in your words; kept sealed");
  addChangeOptions(closing).action(async (id: string, flags: CloseFlags) =>
    end(await (await import("./change-alert.ts")).closeBy(id, flags)),
  );
}

function declareRaising(alert: Command): void {
  const raising = declare(alert, {
    usage: "raise <ref>",
    does: "Raise an alert about a patient by hand: staff are paged as for any other",
    examples: ['alert raise 10482 --kind self-harm-words --level critical --actor "Maria Lopez"'],
  })
    .option("--clinic <slug>", "the clinic that looks after it, where there are several")
    .addOption(new Option("--kind <kind>", "what it is about").choices(ALERT_WORDS.kinds).makeOptionMandatory())
    .addOption(new Option("--level <level>", "how grave it is").choices(ALERT_WORDS.levels).makeOptionMandatory());
  addChangeOptions(raising).action(async (ref: string, flags: RaiseFlags) =>
    end(await (await import("./change-alert.ts")).raiseBy(ref, flags)),
  );
  const releasing = declare(alert, {
    usage: "release <touchpoint>",
    does: "Decide about a message that an open alert keeps back: let it go, or say that it was told by voice",
    examples: [`alert release ${MESSAGE} --as send --dry-run`, `alert release ${MESSAGE} --as told --actor "Maria Lopez"`],
  }).addOption(new Option("--as <verdict>", "let it go; somebody has said it").choices(["send", "told"]).makeOptionMandatory());
  addChangeOptions(releasing).action(async (id: string, flags: ReleaseFlags) =>
    end(await (await import("./change-alert.ts")).releaseBy(id, flags)),
  );
}
