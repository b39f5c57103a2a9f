/** `touchpoint explain`: the story of a touchpoint, where it stands, why, and what it waits for. Opaque ids only. */
import { listTasksOfTouchpoint } from "../db/tasks.ts";
import { type Explained, findExplained } from "../db/view-explain.ts";
import { listDeliveries, listFacts, listSwitched } from "../db/view-story.ts";
import type { StoreDeps } from "../deps.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { parsePublicId, type PublicKind, type TouchpointId, toPublicId } from "../domain/ids.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type Condition, conditionsOf, findBlock, sayState } from "../producers/explain-conditions.ts";
import { Refusal, UsageError } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { type Happening, tellStory, type Told } from "../producers/tell-story.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { toWall } from "../domain/touchpoint-fields.ts";
import { withStore } from "./with-store.ts";

export async function explainTouchpoint(text: string, { json }: { json?: true }): Promise<ExitCode> {
  const id = parsePublicId("touchpoint", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a touchpoint, such as tp_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow series show lists them).`,
    );
  const found = await withStore((store) => read(store, id));
  if (!found)
    throw new Refusal([{ path: "touchpoint", value: text, expected: "the id of a touchpoint that is stored" }], "nothing to show");
  if (json) printJson(toJson(found));
  else showAsText(found);
  return EXIT.done;
}

type Explanation = {
  readonly row: Explained;
  readonly told: Told;
  readonly story: readonly Happening[];
  readonly conditions: readonly Condition[];
  /** What it waits for first; undefined when it may go, or has ended. */
  readonly block: Condition | undefined;
};

async function read({ db }: StoreDeps, id: TouchpointId): Promise<Explanation | undefined> {
  const row = await findExplained(db, id);
  if (!row) return undefined;
  const told: Told = {
    deliveries: await listDeliveries(db, id),
    facts: await listFacts(db, row),
    switched: await listSwitched(db, id),
    tasks: await listTasksOfTouchpoint(db, row.patientId, id),
  };
  const conditions = row.state === "planned" || row.state === "held" ? conditionsOf(row) : [];
  return { row, told, story: tellStory(row, told), conditions, block: findBlock(conditions) };
}

function timesOf({ dueAt, tryAt, sendBy, expiresAt }: Explained): [string, Instant][] {
  return Object.entries({ dueAt, tryAt, sendBy, expiresAt });
}

function toJson({ row, told, story, conditions, block }: Explanation) {
  const { id, seriesId, sessionId, mergedInto, fallbackOf, legalAt, zone, now, state, reason } = row;
  const { clinic, protocol, approvalId, rule, template, purpose, recipient, channel, importance, onUnknown, awaits, attempts, resends } =
    row;
  return {
    touchpoint: toPublicId("touchpoint", id),
    series: toPublicId("series", seriesId),
    session: maybeId("session", sessionId),
    clinic,
    protocol,
    approval: toPublicId("approval", approvalId),
    rule,
    template,
    purpose,
    recipient,
    channel,
    importance,
    onUnknown,
    state,
    reason,
    says: sayState(row),
    awaits,
    attempts,
    resends,
    claimableNow: row.isClaimable && conditions.every(({ holds }) => holds),
    waitsFor: block ?? null,
    conditions,
    now: formatInstant(now),
    zone,
    times: Object.fromEntries(timesOf(row).map(([name, at]) => [name, { utc: formatInstant(at), local: toWall(zone, at) }])),
    legal: legalAt.map(({ from, to }) => ({ from: formatInstant(from), to: formatInstant(to) })),
    mergedInto: maybeId("touchpoint", mergedInto),
    fallbackOf: maybeId("touchpoint", fallbackOf),
    tasks: told.tasks.map((task) => ({ task: toPublicId("task", task.id), kind: task.kind, state: task.state, outcome: task.outcome })),
    deliveries: told.deliveries.map(({ claimedAt, calledAt, answeredAt, providerAt, ...delivery }) => ({
      ...delivery,
      claimedAt: maybeAt(claimedAt),
      calledAt: maybeAt(calledAt),
      answeredAt: maybeAt(answeredAt),
      providerAt: maybeAt(providerAt),
    })),
    story: story.map(({ order, clinicAt, says }) => ({ machineAt: formatInstant(order), clinicAt: maybeAt(clinicAt), says })),
  };
}

function maybeAt(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

function maybeId(kind: PublicKind, id: string | null): string | null {
  return id === null ? null : toPublicId(kind, id);
}

function showAsText({ row, story, conditions, block }: Explanation): void {
  const { id, state, reason, zone } = row;
  print(`${paint.bold(toPublicId("touchpoint", id))}  ${state}${reason ? ` (${reason})` : ""}`);
  print(`${sayState(row)}${block ? ` First of what stands in its way: ${block.says}.` : ""}`);
  for (const line of describe(row)) print(line);
  print();
  for (const line of toTable(story.map((happening) => [sayMoment(row, happening), happening.says]))) print(line);
  print();
  for (const line of toTable(timesOf(row).map(([name, at]) => [TIMES[name] ?? name, formatInstant(at), sayWhen(zone, at), zone])))
    print(line);
  if (conditions.length > 0) showConditions(row, conditions);
}

/** In production all of it is clinic time; where clinic time is moved by hand, what only machines know stands in theirs. */
function sayMoment({ zone, mode }: Explained, { order, clinicAt }: Happening): string {
  if (clinicAt === null && mode !== "real") return `${sayWhen(zone, order)} of machine time`;
  return sayWhen(zone, clinicAt ?? order);
}

function describe(row: Explained): string[] {
  const { channel, recipient, rule, template, clinic, seriesId, session, sessionStatus, sessionStartsAt, sessionZone, mergedInto } = row;
  return [
    `${channel} to ${recipient} by rule ${rule}, template ${template}, at ${clinic}, series ${toPublicId("series", seriesId)}`,
    ...(session !== null && sessionStartsAt !== null && sessionZone !== null
      ? [`session ${session}, ${sessionStatus}, ${sayWhen(sessionZone, sessionStartsAt)} ${sessionZone}`]
      : []),
    ...(mergedInto ? [`said by ${toPublicId("touchpoint", mergedInto)}`] : []),
    ...(row.fallbackOf ? [`stands in for ${toPublicId("touchpoint", row.fallbackOf)}`] : []),
  ];
}

const TIMES: { readonly [name: string]: string } = {
  dueAt: "due",
  tryAt: "next attempt",
  sendBy: "last moment",
  expiresAt: "of use until",
};

function showConditions({ now }: Explained, conditions: readonly Condition[]): void {
  const open = conditions.filter(({ holds }) => !holds).length;
  print();
  print(open === 0 ? `It may go now, at ${formatInstant(now)}.` : `Why not yet, at ${formatInstant(now)}:`);
  for (const { holds, says } of conditions) print(`  ${holds ? paint.green("yes") : paint.red("no ")} ${says}`);
}
