/** How a changed session is shown: one sentence, what would keep the protocol's spacing, and instants as ISO 8601 for programs. */
import { formatInstant, formatLocal, type Instant } from "../domain/calendar.ts";
import { toLocal, type Zone } from "../domain/place-in-time.ts";
import type { Changed } from "../producers/change-facts.ts";
import type { ProposedChange } from "../producers/judge-spacing.ts";
import { endChange } from "./change-command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { sayWhen } from "./say-when.ts";

type Shown<Value> = {
  readonly json: true | undefined;
  readonly say: (value: Value) => string;
  /** The instants among the fields. */
  readonly moments: (value: Value) => { readonly [Field in keyof Value]?: Instant };
};

/** Prints the result of a change of one session. */
export function endSessionChange<Value extends { readonly session: string; readonly proposal?: readonly ProposedChange[] }>(
  result: Changed<Value>,
  { json, say, moments }: Shown<Value>,
): ExitCode {
  if (result.kind !== "changed") return endChange(result, { json, say: () => "" });
  const { value } = result;
  const times = Object.entries<Instant | undefined>(moments(value)).flatMap(([name, at]) =>
    at === undefined ? [] : [[name, formatInstant(at)]],
  );
  const fields = { ...value, ...Object.fromEntries(times), ...(value.proposal && { proposal: value.proposal.map(toFields) }) };
  return endChange({ ...result, value: fields }, { json, say: () => [say(value), ...sayProposal(value.proposal ?? [])].join("\n") });
}

/** A proposed move for programs. */
export function toFields(proposed: ProposedChange) {
  return { ...proposed, from: formatInstant(proposed.from), to: formatInstant(proposed.to) };
}

/** One line a dose, with the command that would move it; nothing where nothing is proposed. */
export function sayProposal(proposal: readonly ProposedChange[]): string[] {
  if (proposal.length === 0) return [];
  const lines = proposal.map(
    ({ session, number, zone, from, to }) =>
      `  session ${number}, ${sayWhen(zone, from)} -> ${sayWhen(zone, to)}: afterglow session move ${session} --to ${toOption(zone, to)}`,
  );
  return ["To keep the protocol's spacing, once the patient agrees:", ...lines];
}

function toOption(zone: Zone, at: Instant): string {
  return formatLocal(toLocal(zone, at));
}
