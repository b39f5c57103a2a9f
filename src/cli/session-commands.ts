/** `afterglow session …` and `afterglow sessions …` */
import { type Command, Option } from "commander";
import { SESSION_KINDS, SETTINGS } from "../domain/protocol.ts";
import type { AddOptions } from "./add-session.ts";
import { addChangeOptions, type ChangeFlags } from "./change-command.ts";
import { declare, end } from "./declare.ts";
import type { CallOffOptions, MoveOptions } from "./move-session.ts";
import type { OutcomeOptions } from "./record-outcome.ts";
import type { SyncFlags } from "./sync-sessions.ts";

const ID = "ses_0197c3a4-5a1e-7c00-8f00-0123456789ab";
const SERIES = "ser_0197c3a4-5a1e-7c00-8f00-0123456789ab";
/** As `NOT_DOSED_REASONS` of the producer, which is loaded only when a command runs; a test compares the two. */
export const REASONS = ["bp", "food", "no-driver", "illness", "declined", "clinician"] as const;

const VERBS = [
  ["arrive", "The patient has arrived"],
  ["dose", "The patient was treated"],
  ["not-dosed", "The patient came and was not treated"],
  ["discharge", "The patient went home; before the observation is over it warns, and never refuses"],
  ["no-show", "The patient did not come"],
] as const;
export type OutcomeVerb = (typeof VERBS)[number][0];

export function declareSessionCommands(program: Command): void {
  const session = declare(program, {
    usage: "session",
    does: "Change a session, or record what happened at it; messages follow",
    examples: [`session move ${ID} --to 2027-01-13T09:00 --because patient`, `session dose ${ID}`, `session not-dosed ${ID} --reason bp`],
  });
  declareChanges(session);
  declareAdding(session);
  declareOutcomes(session);
  declareDay(session);
  declareSync(program);
}

function becauseOption(): Option {
  return new Option("--because <whom>", "whose wish it is").choices(["patient", "clinic"]);
}

function occurrenceOption(): Option {
  return new Option("--occurrence <which>", "which of the two, where the clocks are set back").choices(["first", "second"]);
}

function declareChanges(session: Command): void {
  const move = declare(session, {
    usage: "move <id>",
    does: "Move a session, or give a postponed one its new time; whoever was told the old one is told once",
    examples: [
      `session move ${ID} --to 2027-01-13T09:00 --because patient --dry-run`,
      `session move ${ID} --to 2027-01-13T09:00 --minutes 60 --if-revision 4`,
    ],
  })
    .requiredOption("--to <time>", "local date and time where it happens, such as 2027-01-13T09:00")
    .addOption(occurrenceOption())
    .option("--minutes <number>", "another length of the treatment, observation not counted")
    .addOption(becauseOption());
  addChangeOptions(move).action(async (id: string, options: MoveOptions) =>
    end(await (await import("./move-session.ts")).moveOne(id, options)),
  );
  const cancel = declare(session, {
    usage: "cancel <id>",
    does: "Cancel a session; whoever was told of it is told once",
    examples: [`session cancel ${ID} --because patient --dry-run`],
  }).addOption(becauseOption().makeOptionMandatory());
  addChangeOptions(cancel).action(async (id: string, options: CallOffOptions) =>
    end(await (await import("./move-session.ts")).cancelOne(id, options)),
  );
  const postpone = declare(session, {
    usage: "postpone <id>",
    does: "Take a session out of its time without a new date yet",
    examples: [`session postpone ${ID} --because clinic`],
  }).addOption(becauseOption().makeOptionMandatory());
  addChangeOptions(postpone).action(async (id: string, options: CallOffOptions) =>
    end(await (await import("./move-session.ts")).postponeOne(id, options)),
  );
}

function declareAdding(session: Command): void {
  const add = declare(session, {
    usage: "add <series>",
    does: "Add a session to a series, such as a booster",
    examples: [
      `session add ${SERIES} --kind booster --at 2027-03-08T09:00 --dry-run`,
      `session add ${SERIES} --kind integration --at 2027-03-10T14:00 --setting telehealth --with "Dr. Lee" --join-url https://visit.example.org/room`,
    ],
  })
    .addOption(new Option("--kind <kind>", "what kind of session").choices(SESSION_KINDS).makeOptionMandatory())
    .requiredOption("--at <time>", "local date and time where it happens")
    .addOption(occurrenceOption())
    .option("--minutes <number>", "length of the treatment, if not the protocol's")
    .addOption(new Option("--setting <setting>", "where it happens; at the clinic if left out").choices(SETTINGS))
    .option("--place <text>", "room or address")
    .option("--with <name>", "who sees the patient")
    .option("--join-url <link>", "link of a video visit")
    .option("--external-id <id>", "its id in the clinic's own system");
  addChangeOptions(add).action(async (id: string, options: AddOptions) =>
    end(await (await import("./add-session.ts")).addOne(id, options)),
  );
}

function declareOutcomes(session: Command): void {
  for (const [verb, meaning] of VERBS) {
    const reason = verb === "not-dosed" ? " --reason no-driver" : "";
    const command = declare(session, {
      usage: `${verb} <id>`,
      does: `${meaning}; a repeat changes nothing`,
      examples: [`session ${verb} ${ID}${reason}`, `session ${verb} ${ID}${reason} --at 2027-01-11T09:05-07:00`],
    });
    if (verb === "not-dosed") command.addOption(new Option("--reason <reason>", "why").choices(REASONS).makeOptionMandatory());
    if (verb === "discharge") command.option("--why <text>", "why before the observation is over; kept sealed");
    command.option("--at <instant>", "when it happened, if not now");
    addChangeOptions(command).action(async (id: string, options: OutcomeOptions) =>
      end(await (await import("./record-outcome.ts")).recordSessionOutcome(id, verb, options)),
    );
  }
}

function declareDay(session: Command): void {
  const ready = declare(session, {
    usage: "ready <id>",
    does: "Say from about when the patient may be taken home; the escort is told once",
    examples: [`session ready ${ID} --pickup 12:10`],
  }).requiredOption("--pickup <time>", "time of day where the session happens");
  addChangeOptions(ready).action(async (id: string, options: ChangeFlags & { pickup: string }) =>
    end(await (await import("./ready-session.ts")).sayReady(id, options)),
  );
  const form = declare(session, {
    usage: "form-filed <id>",
    does: "Record that the monitoring form of a session is filed",
    examples: [`session form-filed ${ID} --by "Sam Lee" --at 2027-01-11T13:05-07:00`],
  })
    .requiredOption("--by <name>", "who filed it")
    .requiredOption("--at <instant>", "when");
  addChangeOptions(form).action(async (id: string, options: ChangeFlags & { by: string; at: string }) =>
    end(await (await import("./ready-session.ts")).recordForm(id, options)),
  );
}

const FILE_HELP = `
CSV: a header and one appointment a row, found by externalId.
  externalId  the appointment's id in the clinic's own system; needed
  startsAt    local date and time where it happens, 2027-01-11T09:00; needed
  zone        the zone of startsAt, if it is another
  minutes     length of the treatment, observation not counted
  status      scheduled (if left out) or cancelled; arrived, completed, no_show and not_dosed are left alone
  series      the series' external id; needed to add an appointment that is new, with
  kind        preparation, dosing, integration, assessment or booster, and if known setting, place, with
  Other columns are not read.
iCalendar: one VEVENT an appointment. UID (or X-AFTERGLOW-ID) is the external id, DTSTART with an IANA TZID, in UTC or floating,
  STATUS:CANCELLED cancels; X-AFTERGLOW-SERIES, -KIND, -MINUTES and -SETTING as the columns. DTEND is not read.

A session with an outcome is never moved. A session that the file lacks is asked about, never cancelled.`;

function declareSync(program: Command): void {
  const sessions = declare(program, {
    usage: "sessions",
    does: "Many sessions at once: bring them to where the clinic's own calendar has them",
    examples: ["sessions sync appointments.csv --clinic aspen-ridge"],
  });
  declare(sessions, {
    usage: "sync <file>",
    does: "Bring sessions to where the clinic's own system has them: shows what would change, and takes it over with --apply",
    examples: [
      "sessions sync appointments.csv --clinic aspen-ridge",
      "sessions sync appointments.ics --clinic aspen-ridge --until 2027-01-31 --apply",
    ],
  })
    .addHelpText("after", FILE_HELP)
    .requiredOption("--clinic <slug>", "the clinic whose export it is")
    .option("--apply", "take it over; without it nothing is stored")
    .option("--until <day>", "last day that the export covers, if its last row is earlier")
    .addOption(new Option("--format <format>", "what the file holds, if its name does not say").choices(["csv", "ics"]))
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (file: string, options: SyncFlags) => end(await (await import("./sync-sessions.ts")).syncFile(file, options)));
}
