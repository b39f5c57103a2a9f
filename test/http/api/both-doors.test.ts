import type { Command } from "commander";
import { expect, test } from "vitest";
import { makeProgram } from "../../../src/cli/program.ts";
import { ROLE_WORDS } from "../../../src/cli/access-commands.ts";
import { ROLES } from "../../../src/domain/roles.ts";
import { OPERATIONS } from "../../../src/http/api/operations.ts";

/** Of this machine, its database and its processes: nothing that could be asked over a network. */
const OF_THE_MACHINE = new Set(["db migrate", "db status", "worker", "demo", "bounce read", "clinic add", "roster check", "roster test"]);
/** Queues are steered on pages of their own, behind the same permissions. */
const isOfQueues = (verb: string) => verb.startsWith("queue ");

function verbsOf(command: Command, path: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((each) => verbsOf(each, [...path, each.name()]));
}

/** `switch off channel` and the like are one verb with a scope. */
const verbs = new Set(verbsOf(makeProgram()).map((verb) => verb.replace(/^(switch (?:on|off)) .*/, "$1")));
const operated = new Set(OPERATIONS.flatMap(({ command }) => command ?? []));

test("every verb of the command line is an operation of the API", () => {
  expect([...verbs].filter((verb) => !operated.has(verb) && !OF_THE_MACHINE.has(verb) && !isOfQueues(verb))).toEqual([]);
});

test("every operation that changes something is a verb of the command line, but for signing in and what is said on the phone", () => {
  expect([...operated].filter((verb) => !verbs.has(verb))).toEqual([]);
  const alone = OPERATIONS.filter(({ method, command }) => method !== "GET" && command === null).map(({ id }) => id);
  expect(alone.filter((id) => !id.startsWith("auth."))).toEqual(["patients.find", "sessions.answer"]);
});

test("the command line offers the roles that there are", () => {
  expect(ROLE_WORDS).toEqual(ROLES);
});
