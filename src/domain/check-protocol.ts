/** Reads a protocol file, and finds what a schema cannot: rules that could never be sent, or would say something that is no longer true. */
import { parseDocument } from "yaml";
import { formatCalendarOffset, lengthOf } from "./calendar.ts";
import { checkPhases } from "./check-phases.ts";
import { checkPlainData } from "./check-plain-data.ts";
import { checkRule } from "./check-rule.ts";
import { checkStories } from "./check-stories.ts";
import { addIssue } from "./add-issue.ts";
import type { Fault, Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import { type Protocol, protocolSchema } from "./protocol.ts";
import { findKnownKeys } from "./protocol-json-schema.ts";

/** Longest file that is read, in characters; the longest of ours has a tenth of it. */
const LONGEST_FILE = 300_000;
/** How often a file may repeat a part of itself by an alias, so that a small file cannot grow without end. */
const MOST_ALIASES = 50;

/**
 * Reads the text of a protocol file (YAML, of which JSON is a part). All faults come at once, an unknown key with the one that was probably meant. What it
 * accepts may still be senseless: {@link checkProtocol} says so.
 */
export function parseProtocol(text: string): Parsed<Protocol> {
  const read = readYaml(text);
  if (!read.ok) return read;
  const list = faultList(checkPlainData(read.input));
  const result = protocolSchema.safeParse(read.input);
  for (const issue of result.error?.issues ?? []) addIssue(list, { issue, input: read.input, findKnownKeys });
  return list.conclude(result.data);
}

/** Everything in a well-formed protocol that would go wrong for a patient, with paths into the file; none when the protocol is sound. */
export function checkProtocol(protocol: Protocol): Fault[] {
  const ofRules = protocol.rules.flatMap((rule, index) =>
    checkRule(rule, protocol).map((fault) => ({ ...fault, path: `rules[${index}].${fault.path}` })),
  );
  return [...checkPhases(protocol.phases), ...checkLengths(protocol), ...ofRules, ...checkStories(protocol.rules)];
}

function checkLengths({ spacing: { least, most }, instructions }: Protocol): Fault[] {
  const { solids, liquids, nasalProducts, arriveEarly, observation, restriction } = instructions;
  const lengths = Object.entries({ solids, liquids, nasalProducts, arriveEarly, observation, restriction });
  const faults: Fault[] = lengths.flatMap(([name, length]) =>
    length?.sign === -1
      ? { path: `instructions.${name}`, value: formatCalendarOffset(length), expected: "a length without a sign, such as PT6H" }
      : [],
  );
  if (lengthOf(least) <= lengthOf(most)) return faults;
  return [
    ...faults,
    { path: "spacing.least", value: formatCalendarOffset(least), expected: `at most spacing.most, ${formatCalendarOffset(most)}` },
  ];
}

type YamlRead = { readonly ok: true; readonly input: unknown } | { readonly ok: false; readonly faults: readonly Fault[] };

function readYaml(text: string): YamlRead {
  if (text.length > LONGEST_FILE)
    return { ok: false, faults: [{ path: "file", expected: `at most ${LONGEST_FILE} characters (it has ${text.length})` }] };
  const document = parseDocument(text, { stringKeys: true, uniqueKeys: true });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0)
    return {
      ok: false,
      faults: wrong.map(({ linePos, message }) => ({
        path: `line ${linePos?.[0].line ?? 1}`,
        expected: `YAML that can be read (${firstLine(message)})`,
      })),
    };
  try {
    return { ok: true, input: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    // Only an alias is left to go wrong here: an unknown one, or one that makes a small file grow without end.
    if (error instanceof ReferenceError)
      return { ok: false, faults: [{ path: "file", expected: `few and known aliases (${firstLine(error.message)})` }] };
    throw error;
  }
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/:$/, "");
}
