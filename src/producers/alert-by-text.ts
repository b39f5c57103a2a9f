/**
 * The alert that a text raises.
 *
 * Trigger: words of danger in a text, in the transaction that handles it. Re-checks: nothing. Effect: the alert, and where no answer of a series can carry the
 * crisis text, that text to the number itself; where the number was answered just before, the alert's story says so. A repeat raises nothing more.
 */
import { insertCrisisAnswer } from "../db/crisis-answers.ts";
import { readLocale } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import type { InboundRow } from "../db/inbound-messages.ts";
import { loadClinicLocales } from "../db/reply-tasks.ts";
import type { ReplyReading } from "../domain/classify-reply.ts";
import type { Locale } from "../domain/clinic.ts";
import { ALERT_OF } from "../domain/decide-reply.ts";
import { guessLocale } from "../domain/guess-locale.ts";
import type { AlertId, ClinicId } from "../domain/ids.ts";
import type { ReplyDecision } from "../domain/reply-case.ts";
import type { GatheredReply } from "./gather-reply.ts";
import { raiseAlerts } from "./raise-alerts.ts";
import { NOT_ANSWERED } from "./read-alert-card.ts";

/** Who did it, where a patient's own text did. */
export const BY_TEXT = "patient:sms";

/** Returns the alert to be paged after the commit; none where the text says nothing of danger, or has raised it before. */
export async function alertByText(
  tx: Tx,
  row: InboundRow,
  { gathered, decision }: { readonly gathered: GatheredReply; readonly decision: ReplyDecision },
): Promise<readonly AlertId[]> {
  const { alert: kind, patientId, sessionId, warnsNumber, answer } = decision;
  if (kind === null) return [];
  const person = gathered.people.find((each) => each.patientId === patientId);
  const clinicId = person?.clinicId ?? row.clinicId;
  const about = { clinicId, patientId, seriesId: person?.seriesId ?? null, sessionId };
  const raised = await raiseAlerts(tx, [{ ...about, kind, level: "critical", source: "inbound-message", sourceId: row.id }], {
    actor: BY_TEXT,
  });
  if (warnsNumber) {
    const locale = person ? readLocale(person.locale) : guessLocale(gathered.body, await localeOf(tx, row.clinicId));
    await warnNumber(tx, row, { raised, clinicId, locale });
  } else if (answer?.template !== "answer-crisis") await tellUnanswered(tx, raised, clinicId);
  return raised;
}

/** Of a text of which nothing but its words could be read: nobody's, and of the clinic that was written to. */
export async function alertUnread(tx: Tx, row: InboundRow, crisis: NonNullable<ReplyReading["crisis"]>): Promise<readonly AlertId[]> {
  const about = { clinicId: row.clinicId, patientId: null, seriesId: null, sessionId: null };
  const cause = { ...about, kind: ALERT_OF[crisis], level: "critical", source: "inbound-message", sourceId: row.id } as const;
  const raised = await raiseAlerts(tx, [cause], { actor: BY_TEXT });
  await warnNumber(tx, row, { raised, clinicId: row.clinicId, locale: await localeOf(tx, row.clinicId) });
  return raised;
}

/** The crisis text to the number that wrote, for a worker to send. `clinicId`: of the alert. */
async function warnNumber(
  tx: Tx,
  row: InboundRow,
  { raised, clinicId, locale }: { readonly raised: readonly AlertId[]; readonly clinicId: ClinicId; readonly locale: Locale },
): Promise<void> {
  if (!(await insertCrisisAnswer(tx, row, locale))) await tellUnanswered(tx, raised, clinicId);
}

async function localeOf(tx: Tx, clinicId: ClinicId): Promise<Locale> {
  return readLocale((await loadClinicLocales(tx, [clinicId])).get(clinicId) ?? "en");
}

/** Into the story, where no crisis text answers it, because one has just gone: whoever calls is the first from whom that person hears. */
async function tellUnanswered(tx: Tx, raised: readonly AlertId[], clinicId: ClinicId): Promise<void> {
  await appendEvents(
    tx,
    raised.map((id) => ({ kind: NOT_ANSWERED, clinicId, subjectId: id, actor: "afterglow", data: { why: "answered-just-before" } })),
  );
}
