/** `touchpoint explain`: where a touchpoint stands, why, and what it waits for. Opaque ids only. */
import { type DeliveryView, type Explained, findExplained, listDeliveries } from "../db/view-explain.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { parsePublicId, type PublicKind, toPublicId } from "../domain/ids.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type Condition, conditionsOf, sayState } from "./explain-conditions.ts";
import { Refusal, UsageError } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { toWall } from "./touchpoint-fields.ts";
import { withStore } from "./with-store.ts";

export async function explainTouchpoint(text: string, { json }: { json?: true }): Promise<ExitCode> {
  const id = parsePublicId("touchpoint", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a touchpoint, such as tp_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow series show lists them).`,
    );
  const { row, deliveries } = await withStore(async ({ db }) => ({
    row: await findExplained(db, id),
    deliveries: await listDeliveries(db, id),
  }));
  if (!row) throw new Refusal([{ path: "touchpoint", value: text, expected: "the id of a touchpoint that is stored" }], "nothing to show");
  const conditions = row.state === "planned" ? conditionsOf(row) : [];
  if (json) printJson(toJson(row, { deliveries, conditions }));
  else showAsText(row, { deliveries, conditions });
  return EXIT.done;
}

type Rest = { readonly deliveries: readonly DeliveryView[]; readonly conditions: readonly Condition[] };

function timesOf({ dueAt, tryAt, sendBy, expiresAt }: Explained): [string, Instant][] {
  return Object.entries({ dueAt, tryAt, sendBy, expiresAt });
}

function toJson(row: Explained, { deliveries, conditions }: Rest) {
  const { id, seriesId, sessionId, mergedInto, fallbackOf, legalAt, zone, now, state, reason } = row;
  const { clinic, rule, template, purpose, recipient, channel, importance, onUnknown, awaits, attempts, isClaimable } = row;
  return {
    touchpoint: toPublicId("touchpoint", id),
    series: toPublicId("series", seriesId),
    session: maybeId("session", sessionId),
    clinic,
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
    claimableNow: isClaimable && conditions.every(({ holds }) => holds),
    conditions,
    now: formatInstant(now),
    zone,
    times: Object.fromEntries(timesOf(row).map(([name, at]) => [name, { utc: formatInstant(at), local: toWall(zone, at) }])),
    legal: legalAt.map(({ from, to }) => ({ from: formatInstant(from), to: formatInstant(to) })),
    mergedInto: maybeId("touchpoint", mergedInto),
    fallbackOf: maybeId("touchpoint", fallbackOf),
    deliveries: deliveries.map(({ claimedAt, calledAt, answeredAt, ...delivery }) => ({
      ...delivery,
      claimedAt: maybeAt(claimedAt),
      calledAt: maybeAt(calledAt),
      answeredAt: maybeAt(answeredAt),
    })),
  };
}

function maybeAt(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

function maybeId(kind: PublicKind, id: string | null): string | null {
  return id === null ? null : toPublicId(kind, id);
}

function showAsText(row: Explained, { deliveries, conditions }: Rest): void {
  const { id, channel, recipient, rule, template, clinic, seriesId, session, sessionStatus, sessionStartsAt, sessionZone, zone } = row;
  print(`${paint.bold(toPublicId("touchpoint", id))}  ${row.state}${row.reason ? ` (${row.reason})` : ""}`);
  print(sayState(row));
  print(`${channel} to ${recipient} by rule ${rule}, template ${template}, at ${clinic}, series ${toPublicId("series", seriesId)}`);
  if (session !== null && sessionStartsAt !== null && sessionZone !== null)
    print(`session ${session}, ${sessionStatus}, ${sayWhen(sessionZone, sessionStartsAt)} ${sessionZone}`);
  if (row.mergedInto) print(`said by ${toPublicId("touchpoint", row.mergedInto)}`);
  if (row.fallbackOf) print(`stands in for ${toPublicId("touchpoint", row.fallbackOf)}`);
  print();
  for (const line of toTable(timesOf(row).map(([name, at]) => [TIMES[name] ?? name, formatInstant(at), sayWhen(zone, at), zone])))
    print(line);
  if (conditions.length > 0) showConditions(row, conditions);
  if (deliveries.length > 0) print();
  for (const { attempt, state, code, calledAt } of deliveries)
    print(`attempt ${attempt}: ${state}${code ? ` (${code})` : ""}${calledAt === null ? "" : `, called at ${formatInstant(calledAt)}`}`);
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
