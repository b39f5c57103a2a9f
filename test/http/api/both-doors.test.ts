import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../../src/cli/program.ts";
import { ROLE_WORDS } from "../../../src/cli/access-commands.ts";
import { ROLES } from "../../../src/domain/roles.ts";
import { OPERATIONS } from "../../../src/http/api/operations.ts";

/** Verbs that no request over a network can ask for, each with why. */
const OF_THE_MACHINE: Readonly<Record<string, string>> = {
  "db migrate": "changes the schema, before there is anything to ask",
  "db status": "is asked when the schema may not be there",
  worker: "is a process",
  demo: "is a process",
  "clinic add": "nobody has a role at a clinic that does not exist yet",
  "bounce read": "takes a mail from the mail server's pipe, which has no key",
};

/** Operations that no command asks for, each with why. */
const OF_PROGRAMS: Readonly<Record<string, string>> = {
  "auth.sign-in": "whoever has the terminal of the server needs none",
  "auth.code": "as auth.sign-in",
  "auth.set-up": "as auth.sign-in",
  "auth.confirm": "as auth.sign-in",
  "auth.password": "as auth.sign-in",
  "auth.sign-out": "as auth.sign-in",
  "auth.session": "as auth.sign-in",
  "clinics.list": "says where the caller has a place; a terminal has one everywhere",
  "clinics.show": "shows settings, which a terminal has as a file (clinic set)",
  "series.list": "pages of ids for programs; a terminal begins with a patient (patient show)",
  "sessions.list": "as series.list; a terminal has clinic readiness and outlook",
  "sessions.show": "as series.list; a terminal has series show",
  "patients.list": "as series.list",
  "patients.find": "a terminal takes a chart number wherever an id is taken",
  "touchpoints.list": "pages of what series show has at once",
  "sessions.answer": "what a patient says on the phone is written down at the desk, not on the server",
  "fhir.appointments": "another shape of series show, for other systems",
  "fhir.communications": "another shape of series show, for other systems",
  "fhir.questionnaire-responses": "another shape of outcome show, for other systems",
  "patients.chart": "for copying into a chart, which is not open on a server",
  "audit.list": "the terminal reads the table; patient export has a person's part of it",
};

/** Shown first by one of the two alone, or by another word. */
const SHOWN_OTHERWISE: Readonly<Record<string, string>> = {
  "clinics.set": "the terminal takes a file that somebody has before them",
  "sessions.sync": "the terminal shows unless --apply is said",
  "protocols.approve": "the terminal has protocol check",
};

/** Held to a revision by one of the two alone. */
const MATCHED_OTHERWISE: Readonly<Record<string, string>> = {
  "clinics.set": "a file is the whole of a clinic's settings, whatever they were",
  "series.migrate-all": "of many patients at once, who have a revision each",
};

type Verb = { readonly name: string; readonly options: readonly string[] };

function verbsOf(command: Command, path: readonly string[] = []): Verb[] {
  if (command.commands.length === 0) return [{ name: path.join(" "), options: command.options.map(({ long }) => long ?? "") }];
  return command.commands.flatMap((each) => verbsOf(each, [...path, each.name()]));
}

/** `switch off channel` and the like are one verb with a scope. */
const toVerb = (name: string) => name.replace(/^(switch (?:on|off)) .*/, "$1");
const verbs = verbsOf(makeProgram()).map(({ name, options }) => ({ name: toVerb(name), options }));
const names = new Set(verbs.map(({ name }) => name));
const operated = new Set(OPERATIONS.flatMap(({ command }) => command ?? []));
const sorted = (list: Iterable<string>) => [...list].toSorted();

describe("what the terminal does and what the API does", () => {
  test("is the same, but for what is of the machine", () => {
    expect(sorted([...names].filter((verb) => !operated.has(verb)))).toEqual(sorted(Object.keys(OF_THE_MACHINE)));
  });

  test("is the same the other way round, but for what only programs and people elsewhere need", () => {
    expect(sorted([...operated].filter((verb) => !names.has(verb)))).toEqual([]);
    const alone = OPERATIONS.filter(({ command }) => command === null).map(({ id }) => id);
    expect(sorted(alone)).toEqual(sorted(Object.keys(OF_PROGRAMS)));
  });

  test("is shown first by both where either can show it", () => {
    const wrong = OPERATIONS.flatMap(({ id, command, method, dryRun }) => {
      const verb = verbs.find(({ name }) => name === command);
      const isShown = verb?.options.some((option) => option === "--dry-run") === true;
      return verb && method !== "GET" && isShown !== (dryRun === true) && !(id in SHOWN_OTHERWISE) ? [`${id}: ${isShown}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test("refuses a revision that is not the present one by both where either does", () => {
    const wrong = OPERATIONS.flatMap(({ id, command, method, ifMatch }) => {
      const verb = verbs.find(({ name }) => name === command);
      const isMatched = verb?.options.some((option) => option === "--if-revision") === true;
      return verb && method !== "GET" && isMatched !== (ifMatch === true) && !(id in MATCHED_OTHERWISE) ? [`${id}: ${isMatched}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});

test("the command line offers the roles that there are", () => {
  expect(ROLE_WORDS).toEqual(ROLES);
});
