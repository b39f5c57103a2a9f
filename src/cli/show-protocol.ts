/** `protocol show`: a draft, or what is in force at a clinic, so that a clinician can read it in one go. */
import { findApprovalInForce, listApprovals } from "../db/approvals.ts";
import { type CalendarOffset, formatCalendarOffset, formatWallClock } from "../domain/calendar.ts";
import { parseProtocolName, type Protocol, protocolName, type Rule } from "../domain/protocol.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { readDrafts } from "./protocol-files.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";

export type ShowProtocolOptions = { readonly clinic?: string; readonly protocols?: string; readonly json?: true };

/** A name without a version means the draft's, or the newest that is approved. */
export async function showProtocol(name: string, { clinic, protocols, json }: ShowProtocolOptions): Promise<ExitCode> {
  const wanted = parseName(name);
  const { protocol, standing } = clinic === undefined ? await readDraftOf(wanted, protocols) : await readInForce(wanted, clinic);
  if (json) printJson({ ...protocol, standing });
  else show(protocol, standing);
  return EXIT.done;
}

type Wanted = { readonly id: string; readonly version: number | null };
type Found = { readonly protocol: Protocol; readonly standing: string };

function parseName(name: string): Wanted {
  const exact = parseProtocolName(name) ?? (/^[a-z][a-z0-9-]*$/.test(name) ? { id: name, version: null } : undefined);
  if (!exact) throw new UsageError(`${name}: expected a protocol, such as iv-ketamine or iv-ketamine@1.`);
  return exact;
}

async function readDraftOf({ id, version }: Wanted, folder: string | undefined): Promise<Found> {
  for (const draft of await readDrafts(folder))
    if ("protocol" in draft && draft.protocol.id === id && (version ?? draft.protocol.version) === draft.protocol.version)
      return { protocol: draft.protocol, standing: `the draft in ${draft.file}` };
  throw new Refusal(
    [
      {
        path: "protocol",
        value: version === null ? id : `${id}@${version}`,
        expected: "a protocol that a file holds (afterglow protocol list)",
      },
    ],
    "nothing to show",
  );
}

async function readInForce({ id, version }: Wanted, slug: string): Promise<Found> {
  const { withStore } = await import("./with-store.ts");
  return withStore(async ({ db }) => {
    const clinic = await getClinic(db, slug);
    const newest =
      version ??
      (await listApprovals(db, clinic.id))
        .filter(({ protocol }) => protocol === id)
        .reduce((most, each) => Math.max(most, each.version), 0);
    const approval = await findApprovalInForce(db, clinic.id, { id, version: newest });
    if (approval) return { protocol: approval.protocol, standing: `in force at ${slug}` };
    throw new Refusal(
      [{ path: "protocol", value: id, expected: `a protocol that is approved for ${slug} (afterglow protocol approve)` }],
      "nothing to show",
    );
  });
}

function show(protocol: Protocol, standing: string): void {
  const { title, summary, phases, instructions, spacing, rules, sources } = protocol;
  print(`${paint.bold(protocolName(protocol))}  ${title} (${standing})`);
  print(summary);
  print();
  for (const { id, kind, count, perWeek, everyWeeks, minutes, onRequest } of phases) {
    const often = onRequest ? "on request" : `${perWeek} a week${everyWeeks > 1 ? ` every ${everyWeeks} weeks` : ""}`;
    print(`phase ${id}: ${count ?? "open-ended"} ${kind}, ${often}, ${minutes} min`);
  }
  print(`between sessions: ${formatCalendarOffset(spacing.least)} to ${formatCalendarOffset(spacing.most)}`);
  const { source: _, companion, ...lengths } = instructions;
  const told = Object.entries(lengths).flatMap(([name, length]): string[] =>
    length === undefined ? [] : [`${name} ${formatCalendarOffset(length)}`],
  );
  print(`instructions: ${[...told, `companion ${companion}`].join(", ")}`);
  print();
  for (const line of toTable(rules.map(toCells))) print(line);
  print();
  for (const source of sources) print(`source: ${source}`);
}

function toCells({ id, purpose, anchor, offset, at, recipient, channels, deliver, needs, importance }: Rule): string[] {
  const when = `${sayOffset(offset)} ${anchor}${at === undefined ? "" : ` at ${formatWallClock(at)}`}`;
  return [id, purpose, when, recipient, channels.join(deliver === "all" ? " + " : " or "), importance, needs ? `needs ${needs}` : ""];
}

function sayOffset(offset: CalendarOffset): string {
  if (offset.days === 0 && offset.minutes === 0) return "at";
  return `${formatCalendarOffset({ ...offset, sign: 1 })} ${offset.sign < 0 ? "before" : "after"}`;
}
