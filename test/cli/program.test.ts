import type { Command } from "commander";
import { expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { REASONS } from "../../src/cli/session-commands.ts";
import { NOT_DOSED_REASONS } from "../../src/producers/record-outcome.ts";

type Named = { readonly name: string; readonly command: Command };

function listCommands(command: Command, path: readonly string[] = []): Named[] {
  const inner = command.commands.flatMap((each) => listCommands(each, [...path, each.name()]));
  return path.length === 0 ? inner : [{ name: path.join(" "), command }, ...inner];
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  return help;
}

function examplesOf(command: Command): string[] {
  return Array.from(helpOf(command).matchAll(/^ {2}\$ afterglow (.+)$/gm), ([, example = ""]) => example);
}

const commands = listCommands(makeProgram());
const names = commands.map(({ name }) => name);

test("the command line has every noun and verb of the plan", () => {
  expect(names).toEqual(
    expect.arrayContaining([
      "db migrate",
      "db status",
      "clinic add",
      "clinic set",
      "series enqueue",
      "series preview",
      "series show",
      "outlook",
      "protocol list",
      "protocol check",
      "protocol show",
      "protocol approve",
      "template list",
      "template check",
      "template render",
      "session arrive",
      "session dose",
      "session not-dosed",
      "session discharge",
      "session no-show",
      "touchpoint explain",
      "status",
      "worker",
      "demo",
    ]),
  );
});

test.each(commands)("the help of $name shows how it is used", ({ command }) => {
  expect(examplesOf(command).length).toBeGreaterThan(0);
});

test.each(commands)("every example of $name is a command line that exists", ({ command }) => {
  for (const example of examplesOf(command)) {
    const called = commands.filter(({ name }) => `${example} `.startsWith(`${name} `)).toSorted((a, b) => b.name.length - a.name.length)[0];
    const known = called?.command.options.map(({ long }) => long);
    expect(called, example).toBeDefined();
    expect(known, example).toEqual(expect.arrayContaining(Array.from(example.matchAll(/(?<= )--[a-z-]+/g), ([option]) => option)));
  }
});

test.each(names.filter((name) => /(list|check|show|preview|render|explain|status|outlook)$/.test(name)))(
  "%s prints for programs too",
  (name) => {
    const found = commands.find((each) => each.name === name);
    expect(found?.command.options.map(({ long }) => long)).toContain("--json");
  },
);

test("the reasons for which somebody is not treated are those that can be stored", () => {
  expect(REASONS).toEqual(NOT_DOSED_REASONS);
});
