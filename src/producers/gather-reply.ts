/** Everything that decides what follows from a text, read and opened. */
import type { Database } from "../db/database.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import { type EarlierText, type InboundRow, listEarlier, placeOfBody } from "../db/inbound-messages.ts";
import { getApprovals } from "../db/approvals.ts";
import {
  findOptOut,
  type LastText,
  listLastTexts,
  listPeopleAt,
  listVisitsSince,
  loadOffered,
  type PersonAtNumber,
} from "../db/reply-context.ts";
import type { Vault } from "../db/vault.ts";
import { DAY, type Instant, instant, MINUTE } from "../domain/calendar.ts";
import { classifyReply, findCrisisIn, type ReplyReading } from "../domain/classify-reply.ts";
import type { AskedText, PendingChoice, ReplyCase } from "../domain/reply-case.ts";
import { foldText } from "../domain/fold-text.ts";
import type { InboundId } from "../domain/ids.ts";
import { sessionsOfWeek } from "../domain/sessions-of-week.ts";

export type GatheredReply = { readonly reply: ReplyCase; readonly people: readonly PersonAtNumber[]; readonly body: string };

/** Pieces of one message come within this time. */
const TOGETHER_MS = 2 * MINUTE;
/** What goes back and forth faster than people write. */
const LOOP_MS = 10 * MINUTE;
/** So many answers of ours within that time, or so many equal texts, and no more are given. */
const MOST_ANSWERS = 5;
const MOST_EQUAL = 3;
/** A question back is open for a day. */
const CHOICE_OPEN_MS = DAY;

export async function gatherReply(
  db: Database,
  row: InboundRow,
  { vault, answered }: { vault: Vault; answered: ReplyCase["answered"] },
): Promise<GatheredReply> {
  const { now } = await readClinicTime(db);
  const body = vault.open(row.bodySealed, placeOfBody(row.id));
  const earlier = await listEarlier(db, row, instant(row.receivedAt - DAY));
  const people = await listPeopleAt(db, row);
  const bodyOf = makeBodyOf(vault);
  const reading = classifyReply({ body, media: row.media, carrierKeyword: row.carrierKeyword });
  const reply: ReplyCase = {
    reading: { ...reading, crisis: reading.crisis ?? findInPieces(body, since(earlier, row.receivedAt, TOGETHER_MS).map(bodyOf)) },
    now,
    isWordy: foldText(body).length > 3,
    people,
    lastTexts: await Promise.all((await listLastTexts(db, row)).map((text) => withListed(db, text))),
    optOut: (await findOptOut(db, row)) ?? null,
    receivedAt: row.receivedAt,
    pending: await findPending(db, earlier, row.receivedAt),
    isLoop: isLoop(body, since(earlier, row.receivedAt, LOOP_MS), bodyOf),
    saidLately: saidLately(earlier, row.receivedAt),
    answered,
  };
  return { reply, people, body };
}

/** The visits to come of which the text spoke: a plan of a week, and one into which others were merged, list several. The first of them is the one in question. */
async function withListed(db: Database, text: LastText): Promise<AskedText> {
  const { rule: id, approvalId, begins, sessionId } = text;
  const rule = (await getApprovals(db, [approvalId])).get(approvalId)?.protocol.rules.find((each) => each.id === id);
  const visits = begins === null ? [] : await listVisitsSince(db, text);
  const ofWeek = rule?.anchor === "week.start" && begins !== null ? sessionsOfWeek(visits, rule, begins) : [];
  const listed = visits.filter((visit) => visit.isMerged || ofWeek.includes(visit)).map((visit) => visit.id);
  const main = sessionId ?? listed[0] ?? null;
  return { ...text, sessionId: main, alsoListed: listed.filter((each) => each !== main) };
}

/** Each body is opened once, and only when it is asked for. One that does not open must not keep what comes after it. */
function makeBodyOf(vault: Vault): (text: EarlierText) => string {
  const opened = new Map<InboundId, string>();
  return ({ id, bodySealed }) => {
    const known = opened.get(id) ?? openOrNothing(vault, { id, bodySealed });
    opened.set(id, known);
    return known;
  };
}

function openOrNothing(vault: Vault, { id, bodySealed }: Pick<EarlierText, "id" | "bodySealed">): string {
  try {
    return vault.open(bodySealed, placeOfBody(id));
  } catch {
    return "";
  }
}

function since(earlier: readonly EarlierText[], receivedAt: Instant, lengthMs: number): EarlierText[] {
  return earlier.filter((text) => receivedAt - text.receivedAt <= lengthMs);
}

/** Words that a phone or a carrier cut in two: each piece before with this one, in both orders. A piece that alarmed by itself has done so already. */
function findInPieces(body: string, before: readonly string[]): ReplyReading["crisis"] {
  const quiet = before.filter((text) => findCrisisIn([text]) === null);
  return findCrisisIn(quiet.flatMap((text) => [`${text} ${body}`, `${body} ${text}`]));
}

function isLoop(body: string, lately: readonly EarlierText[], bodyOf: (text: EarlierText) => string): boolean {
  if (lately.filter(({ answer }) => answer !== null).length >= MOST_ANSWERS) return true;
  return lately.length >= MOST_EQUAL - 1 && lately.filter((text) => bodyOf(text) === body).length >= MOST_EQUAL - 1;
}

/** The crisis text is repeated after ten minutes, the others after a day where it matters. */
function saidLately(earlier: readonly EarlierText[], receivedAt: Instant): ReadonlySet<string> {
  const said = earlier.filter(({ answer, receivedAt: at }) => answer !== "answer-crisis" || receivedAt - at <= LOOP_MS);
  return new Set(said.flatMap(({ answer }) => answer ?? []));
}

async function findPending(db: Database, [last]: readonly EarlierText[], receivedAt: Instant): Promise<PendingChoice | null> {
  if (last?.answer !== "answer-which" || receivedAt - last.receivedAt > CHOICE_OPEN_MS) return null;
  const intent = last.kind === "confirm" || last.kind === "asks-to-move" ? last.kind : null;
  return intent && { intent, offered: await loadOffered(db, last.offered) };
}
