/**
 * Writes the messages of a preview as they would read: in the recipient's language, with the wording in force. Trigger: staff, before they enqueue. Stores nothing.
 * What only sending knows (the personal link) stands as a placeholder; a message whose wording is missing says which.
 */
import { findApprovalInForce, readApprovedTemplates } from "../db/approvals.ts";
import { findClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { readReleases } from "../db/template-releases.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import { AS_BOOKED, type MessageFacts, type SessionForMessage } from "../domain/message-facts.ts";
import type { Protocol } from "../domain/protocol.ts";
import { type ResolvedSession, resolveSessions } from "../domain/resolve-sessions.ts";
import { sessionsOfWeek } from "../domain/sessions-of-week.ts";
import { compileSound, type Templates } from "../messages/compile-template.ts";
import { overlayReleases } from "../messages/overlay-releases.ts";
import { RenderError } from "../messages/render-error.ts";
import { renderEmail, renderSms } from "../messages/render-message.ts";
import type { TemplateSources } from "../messages/template-sources.ts";
import { remember } from "../domain/remember.ts";
import type { PreviewBasis, PreviewRow } from "./preview-series.ts";

export type PreviewedMessage = {
  readonly row: PreviewRow;
  /** Null for what staff do, and for what will not be sent. */
  readonly text:
    | { readonly kind: "sms"; readonly body: string; readonly segments: number }
    | { readonly kind: "email"; readonly subject: string; readonly text: string }
    | { readonly kind: "unwritten"; readonly missing: string }
    | null;
};

export type PreviewedSeries = { readonly messages: readonly PreviewedMessage[]; readonly sessions: readonly ResolvedSession[] };

/** `rows` come from the preview of the same request on the same basis. */
export async function previewMessages(
  { db, publicBaseUrl }: { readonly db: Database; readonly publicBaseUrl: string },
  request: EnqueueRequest,
  { basis, rows }: { readonly basis: PreviewBasis; readonly rows: readonly PreviewRow[] },
): Promise<PreviewedSeries> {
  const { clinic, protocol, known, now } = basis;
  const patientZone = known?.patient.zone ?? request.patient.zone ?? clinic.zone;
  const { sessions } = resolveSessions(request, { protocol, clinic, patientZone, now });
  const templates = await loadWording(db, request);
  const writing = { request, basis, sessions, publicBaseUrl, house: await findClinic(db, request.clinic), templates };
  return { sessions, messages: rows.map((row) => ({ row, text: write(row, writing) })) };
}

async function loadWording(db: Database, { clinic: slug, protocol }: EnqueueRequest): Promise<Templates | undefined> {
  const clinic = await findClinic(db, slug);
  const approval = clinic && (await findApprovalInForce(db, clinic.id, protocol));
  if (!approval) return undefined;
  const released = (await readReleases(db, [clinic.id])).get(clinic.id);
  const read = async () => overlayReleases(await readApprovedTemplates(db, approval.id), released?.sources ?? {});
  return compileOnce(`${approval.id}/${released?.version ?? ""}`, read);
}

type Writing = {
  readonly request: EnqueueRequest;
  readonly basis: PreviewBasis;
  readonly sessions: readonly ResolvedSession[];
  readonly publicBaseUrl: string;
  readonly house: { readonly name: string; readonly phone: string; readonly address?: string | null | undefined } | undefined;
  readonly templates: Templates | undefined;
};

function write(row: PreviewRow, writing: Writing): PreviewedMessage["text"] {
  const { templates } = writing;
  if (row.channel === "task" || row.state === "suppressed") return null;
  if (!templates) return { kind: "unwritten", missing: row.template };
  const facts = toFacts(row, writing);
  const now = { now: later(row.dueAt, row.notBefore) };
  try {
    if (row.channel === "sms") {
      const { body, segments } = renderSms(templates, facts, now);
      return { kind: "sms", body, segments };
    }
    const { subject, text } = renderEmail(templates, facts, now);
    return { kind: "email", subject, text };
  } catch (error) {
    if (error instanceof RenderError) return { kind: "unwritten", missing: `${error.stem} (${error.field})` };
    throw error;
  }
}

function later(one: Instant, other: Instant): Instant {
  return instant(Math.max(one, other));
}

function toFacts(row: PreviewRow, { request, basis, sessions, publicBaseUrl, house }: Writing): MessageFacts {
  const { patient } = request;
  const { clinic, protocol, known } = basis;
  const own = sessions.find(({ number }) => number === row.session);
  const name = row.recipient === "escort" ? (patient.escort?.name ?? "") : patient.name;
  return {
    template: row.template,
    locale: row.locale,
    clinic: {
      name: house?.name ?? "",
      phone: house?.phone ?? "",
      zone: clinic.zone,
      staffedHours: clinic.staffedHours,
      address: house?.address ?? null,
    },
    recipient: { kind: row.recipient, name, zone: row.zone },
    patient: {
      name: patient.name,
      ref: "",
      phone: null,
      detailAccepted: known?.detailAccepted ?? patient.consents.some(({ to }) => to === "detail"),
    },
    instructions: protocol.instructions,
    session: own ? toSession(own) : null,
    sessions: listFor(row, { protocol, sessions, own }),
    link: `${publicBaseUrl}/v/…`,
    preferencesLink: `${publicBaseUrl}/v/…`,
  };
}

function toSession({ kind, setting, zone, startsAt, endsAt, place, with: by, joinUrl }: ResolvedSession): SessionForMessage {
  return { ...AS_BOOKED, kind, setting, zone, startsAt, endsAt, dischargedAt: null, place, with: by, joinUrl };
}

const OF_SERIES = new Set(["series.enqueued", "series.start", "series.end"]);

type Listing = { readonly protocol: Protocol; readonly sessions: readonly ResolvedSession[]; readonly own: ResolvedSession | undefined };

/** Of this series alone: visits of others the message itself will add. */
function listFor(row: PreviewRow, { protocol, sessions, own }: Listing): SessionForMessage[] {
  const rule = protocol.rules.find(({ id }) => id === row.rule);
  const toCome = sessions.filter(({ status, startsAt }) => status === null && startsAt > row.dueAt);
  if (rule?.anchor === "week.start" && own) return sessionsOfWeek(toCome, rule, own).map(toSession);
  return rule && OF_SERIES.has(rule.anchor) ? toCome.map(toSession) : [];
}

const compiled = new Map<string, Templates>();
/** One approval and its releases are a handful in use at a time. */
const MOST_COMPILED = 20;

async function compileOnce(version: string, read: () => Promise<TemplateSources>): Promise<Templates> {
  return compiled.get(version) ?? remember(compiled, version, (await compileSound(await read())).templates, MOST_COMPILED);
}
