/** `afterglow survey …` and `afterglow outcome …` */
import { type Command, Option } from "commander";
import { addChangeOptions } from "./change-command.ts";
import { declare, end } from "./declare.ts";
import type { AnswerFlags } from "./answer-survey.ts";
import type { AssessFlags } from "./assess-patient.ts";
import type { ImportFlags } from "./import-baselines.ts";
import type { ListSurveyFlags } from "./list-surveys.ts";
import type { OutcomeFlags } from "./show-outcome.ts";
import type { QuestionsFlags } from "./show-questions.ts";
import type { ShowSurveyFlags } from "./show-survey.ts";

const REF = "10482 --clinic aspen-ridge";
const INVITATION = "inv_0197c3a4-5a1e-7c00-8f00-0123456789ab";
/** As `INVITATION_STATES` of the database and `ASSESSMENT_KINDS` of the producer, which a command loads only when it runs; a test compares them. */
export const INVITATION_STATE_WORDS = ["open", "answered", "missed", "planned"] as const;
export const ASSESSMENT_KIND_WORDS = ["c-ssrs", "cadss", "kset", "interview", "other"] as const;

export function declareSurveyCommands(program: Command): void {
  const survey = declare(program, {
    usage: "survey",
    does: "Surveys: what is asked of whom, and answers that were given on the phone",
    examples: [
      "survey list --clinic aspen-ridge --state open",
      `survey answer ${REF} --instrument phq-9 --items "1 1 0 2 0 1 0 0 0 1" --by-phone`,
    ],
  });
  declareReading(survey);
  declareAnswer(survey);
  const outcome = declare(program, {
    usage: "outcome",
    does: "Outcomes: how a patient's measures have changed, answers from paper, assessments that a clinician made",
    examples: [`outcome show ${REF}`, "outcome import baselines.csv --clinic aspen-ridge"],
  });
  declareOutcome(outcome);
}

function declareReading(survey: Command): void {
  const list = declare(survey, {
    usage: "list",
    does: "List what was asked, the newest first; patients by the end of their chart number",
    examples: ["survey list", "survey list --clinic aspen-ridge --state missed --json"],
  });
  list
    .option("--clinic <slug>", "of one clinic")
    .addOption(
      new Option("--state <state>", "open: asked and not answered; missed: closed without an answer").choices(INVITATION_STATE_WORDS),
    )
    .option("--patient <ref>", "of one patient, by chart number or id")
    .option("--json", "print one object a line")
    .action(async (flags: ListSurveyFlags) => end(await (await import("./list-surveys.ts")).listSurveys(flags)));
  const show = declare(survey, {
    usage: "show <invitation>",
    does: "Show what was asked and answered, question by question; looking is kept in the audit",
    examples: [`survey show ${INVITATION} --actor "Maria Lopez"`],
  });
  show
    .option("--actor <name>", "who looks, for the audit")
    .option("--json", "print one object")
    .action(async (id: string, flags: ShowSurveyFlags) => end(await (await import("./show-survey.ts")).showSurvey(id, flags)));
  const questions = declare(survey, {
    usage: "questions [instrument]",
    does: "Show an instrument as it is asked, to read out on the phone, with its licence and where its numbers come from; without one: list them",
    examples: ["survey questions", "survey questions phq-9 --locale es"],
  });
  questions
    .addOption(new Option("--locale <locale>", "the language").choices(["en", "es"]).default("en"))
    .option("--json", "print one object")
    .action(async (id: string | undefined, flags: QuestionsFlags) => end((await import("./show-questions.ts")).showQuestions(id, flags)));
}

function declareAnswer(survey: Command): void {
  const answer = declare(survey, {
    usage: "answer <ref>",
    does: "Record what a patient answered on the phone; an invitation that is open is answered by it",
    examples: [
      `survey answer ${REF} --instrument phq-9 --items "1 1 0 2 0 1 0 0 0 1" --by-phone`,
      `survey answer ${REF} --instrument phq-9 --items "1 1 0 2 0 1 0 0 -" --by-phone --dry-run`,
    ],
  });
  addChangeOptions(
    answer
      .option("--clinic <slug>", "a clinic of the patient's group, when several groups know the chart number")
      .requiredOption("--instrument <id>", "such as phq-9; survey questions lists them")
      .requiredOption("--items <numbers>", "each item's number in order, with spaces between; - for one that was left out")
      .requiredOption("--by-phone", "it was asked on the phone, in the words of the instrument"),
  ).action(async (ref: string, flags: AnswerFlags) => end(await (await import("./answer-survey.ts")).answerByPhone(ref, flags)));
}

function declareOutcome(outcome: Command): void {
  const withClinic = (command: Command) =>
    command.option("--clinic <slug>", "a clinic of the patient's group, when several groups know the chart number");
  const show = declare(outcome, {
    usage: "show <ref>",
    does: "Show how each measure has changed: baseline, last, change, response, remission; looking is kept in the audit",
    examples: [`outcome show ${REF} --actor "Maria Lopez"`, `outcome show ${REF} --json`],
  });
  withClinic(show)
    .option("--actor <name>", "who looks, for the audit")
    .option("--json", "print one object")
    .action(async (ref: string, flags: OutcomeFlags) => end(await (await import("./show-outcome.ts")).showOutcome(ref, flags)));
  const importing = declare(outcome, {
    usage: "import <file>",
    does: "Take over answers from paper or another system, as CSV: ref, instrument, date, and items or total; each row stands for itself",
    examples: ["outcome import baselines.csv --clinic aspen-ridge --dry-run", "outcome import baselines.csv --clinic aspen-ridge"],
  });
  importing
    .requiredOption("--clinic <slug>", "the clinic")
    .option("--dry-run", "show what would be stored, and store nothing")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object a row")
    .action(async (file: string, flags: ImportFlags) => end(await (await import("./import-baselines.ts")).importBaselines(file, flags)));
  const assess = declare(outcome, {
    usage: "assess <ref>",
    does: "Record that a clinician made an assessment whose questions do not ship here: when, by whom, its level",
    examples: [`outcome assess ${REF} --kind c-ssrs --level "low" --by "Dr. Lee" --at 2026-01-12T10:00-07:00`],
  });
  addChangeOptions(
    withClinic(assess)
      .addOption(new Option("--kind <kind>", "what was used").choices(ASSESSMENT_KIND_WORDS).makeOptionMandatory())
      .requiredOption("--level <text>", "what came of it, in the clinic's words; kept sealed")
      .requiredOption("--by <name>", "who made it")
      .requiredOption("--at <instant>", "when, as 2027-01-11T10:00-07:00"),
  ).action(async (ref: string, flags: AssessFlags) => end(await (await import("./assess-patient.ts")).assessPatient(ref, flags)));
}
