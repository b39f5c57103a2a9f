/**
 * Writes what a person says or does for a task: its template in the clinic's language, with the facts of this moment. Reads only. Names the patient, so whoever
 * shows it says so in the audit.
 */
import { z } from "zod";
import { type Approval, getApprovals, readWording } from "../db/approvals.ts";
import { readLocale, readStaffedHours, readZone } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { findScript, loadScriptSessions, type ScriptRow, type ScriptSession } from "../db/task-scripts.ts";
import { readReleases } from "../db/template-releases.ts";
import type { Vault } from "../db/vault.ts";
import type { ApprovalId, TaskId } from "../domain/ids.ts";
import type { MessageFacts, SessionForMessage } from "../domain/message-facts.ts";
import { SESSION_STATUSES } from "../domain/patient-facts.ts";
import { type Protocol, SESSION_KINDS, SETTINGS } from "../domain/protocol.ts";
import { sessionsOfWeek } from "../domain/sessions-of-week.ts";
import { compileTemplates } from "../messages/compile-template.ts";
import { RenderError } from "../messages/render-error.ts";
import { renderTask, type RenderedTask } from "../messages/render-message.ts";
import { templateSourcesSchema, type TemplateSources } from "../messages/template-sources.ts";

/** `unwritten`: there is no wording for this task, or the facts lack what it needs; `missing` names it. */
export type Script = ({ readonly kind: "written" } & RenderedTask) | { readonly kind: "unwritten"; readonly missing: string };

export async function writeScript({ db, vault }: { db: Database; vault: Vault }, id: TaskId): Promise<Script> {
  const row = await findScript(db, id);
  if (!row?.approvalId) return { kind: "unwritten", missing: row ? `the template ${row.template}` : "the task" };
  const approval = (await getApprovals(db, [row.approvalId])).get(row.approvalId);
  const wording = approval && (await findWording(db, row, approval.id));
  if (!approval || !wording) return { kind: "unwritten", missing: `the template ${row.template}` };
  const { patientId, seriesId } = row;
  const sessions = seriesId === null ? [] : await loadScriptSessions(db, { patientId, seriesId });
  const pinned = await getApprovals(
    db,
    sessions.map(({ approvalId }) => approvalId),
  );
  const facts = toFacts(row, { vault, sessions, pinned, protocol: approval.protocol });
  try {
    return { kind: "written", ...renderTask(await compileTemplates(wording), facts, { now: row.now }) };
  } catch (error) {
    if (error instanceof RenderError) return { kind: "unwritten", missing: error.field };
    throw error;
  }
}

/** Only the part that is read: the clinic's newest release of the stem, else what was approved. */
async function findWording(db: Database, row: ScriptRow, approvalId: ApprovalId): Promise<TemplateSources | undefined> {
  const { template, clinicId } = row;
  const locale = readLocale(row.clinicLocale);
  const released = (await readReleases(db, [clinicId])).get(clinicId)?.sources[template];
  const approved = async () => ({ [locale]: (await readWording(db, { approvalId, releaseId: null, stem: template, locale })) ?? {} });
  const sources = templateSourcesSchema.parse({ [template]: released ?? (await approved()) });
  const task = sources[template]?.[locale]?.task;
  return task === undefined ? undefined : { [template]: { [locale]: { task } } };
}

type Context = {
  readonly vault: Vault;
  readonly sessions: readonly ScriptSession[];
  readonly protocol: Protocol;
  readonly pinned: ReadonlyMap<ApprovalId, Approval>;
};

function toFacts(row: ScriptRow, { vault, sessions, protocol, pinned }: Context): MessageFacts {
  const open = (table: "patients" | "escorts", column: string, sealed: Buffer) => vault.open(sealed, { table, column, row: row.patientId });
  const name = open("patients", "name_sealed", row.nameSealed);
  const own = sessions.find(({ id }) => id === row.sessionId);
  const isToEscort = row.recipient === "escort" && row.escortNameSealed !== null;
  return {
    template: row.template,
    locale: readLocale(row.clinicLocale),
    clinic: {
      name: row.clinicName,
      phone: row.clinicPhone,
      zone: readZone(row.clinicZone),
      staffedHours: readStaffedHours(row.staffedHours),
    },
    recipient: {
      kind: row.recipient ?? "staff",
      name: isToEscort && row.escortNameSealed ? open("escorts", "name_sealed", row.escortNameSealed) : name,
      zone: readZone(row.recipientZone),
    },
    patient: {
      name,
      ref: open("patients", "ref_sealed", row.refSealed),
      phone: row.phoneSealed && open("patients", "phone_sealed", row.phoneSealed),
      detailAccepted: row.detailAccepted,
    },
    instructions: protocol.instructions,
    session: own ? toSession(own) : null,
    sessions: listFor(row, { own, sessions, protocol }).map((session) => ({
      ...toSession(session),
      instructions: pinned.get(session.approvalId)?.protocol.instructions ?? protocol.instructions,
    })),
    link: "",
  };
}

type Listing = Pick<Context, "sessions" | "protocol"> & { readonly own: ScriptSession | undefined };

/**
 * As in messages: a week lists its visits in whichever series, a series all that is to come, a change everything that changed with it; and a call about an answer
 * to a text that spoke of several visits, all of those.
 */
function listFor({ rule: id, seriesId, asked, now }: ScriptRow, { own, sessions, protocol }: Listing): readonly ScriptSession[] {
  const rule = protocol.rules.find((each) => each.id === id);
  const isToCome = ({ status, startsAt }: ScriptSession) => status === "scheduled" && startsAt > now;
  if (asked.length > 1) return sessions.filter((session) => asked.includes(session.id) && isToCome(session));
  if (rule?.anchor === "week.start" && own)
    return sessionsOfWeek(sessions.filter(isToCome), rule, { zone: readZone(own.zone), startsAt: own.startsAt });
  const ofSeries = sessions.filter((session) => session.seriesId === seriesId);
  if (rule?.anchor === "session.moved" || rule?.anchor === "session.off") {
    const changed = ofSeries.filter(({ changedAt, status }) => changedAt === own?.changedAt && status === own?.status);
    return changed.length > 1 ? changed : [];
  }
  return rule?.anchor.startsWith("series.") || own === undefined ? ofSeries.filter(isToCome) : [];
}

const kindColumn = z.enum(SESSION_KINDS);
const settingColumn = z.enum(SETTINGS);
const statusColumn = z.enum(SESSION_STATUSES);

function toSession(row: ScriptSession): SessionForMessage {
  const { kind, setting, status, zone, startsAt, endsAt, dischargedAt, changedBecause, toldStartsAt, pickupAt, place, withWhom, joinUrl } =
    row;
  return {
    kind: kindColumn.parse(kind),
    setting: settingColumn.parse(setting),
    status: statusColumn.parse(status),
    zone: readZone(zone),
    startsAt,
    endsAt,
    dischargedAt,
    changedBecause,
    toldStart: toldStartsAt,
    pickupAt,
    place,
    with: withWhom,
    joinUrl,
  };
}
