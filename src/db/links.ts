/** Personal links: one that stands for each subject and recipient, of which only the hash of the token is stored. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, LinkId, PatientId, TouchpointId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";
import { hashToken, type LinkTokens } from "./link-tokens.ts";
import type { LinkKind } from "./page-links.ts";
import { unnest } from "./rows.ts";

export type LinkSubject = {
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly kind: LinkKind;
  /** A session or a series, an invitation to a survey; of preferences the patient. */
  readonly subjectId: string;
  readonly recipient: "patient" | "escort";
  readonly expiresAt: Instant;
};

/**
 * The personal links of these subjects that stand, made where missing or revoked: then of the next generation. An expiry only ever moves later. By
 * `subject/recipient`, and `subject/share` of the link that a patient passes on; of other kinds a subject has links of one.
 */
export async function ensureLinks(tx: Tx, subjects: readonly LinkSubject[], tokens: LinkTokens): Promise<Map<string, LinkId>> {
  const first = await saveLinks(
    tx,
    subjects.map((subject) => ({ ...subject, generation: 0 })),
    tokens,
  );
  const revoked = first.filter(({ isRevoked }) => isRevoked);
  if (revoked.length === 0) return toMap(first);
  const subjectIds = revoked.map(({ subjectId }) => subjectId);
  const { rows: newest } = await sql<LinkPlace & { next: number }>`
    select subject_id, kind, recipient, max(generation) + case when bool_and(revoked_at is not null) then 1 else 0 end as next
    from links where subject_id = any(${subjectIds}::uuid[]) group by subject_id, kind, recipient`.execute(tx);
  const generations = new Map(newest.map(({ next, ...link }) => [placeOf(link), next]));
  const isRevoked = new Set(revoked.map(placeOf));
  const again = subjects.flatMap((subject) => {
    const place = placeOf(subject);
    return isRevoked.has(place) ? [{ ...subject, generation: generations.get(place) ?? 0 }] : [];
  });
  return toMap([...first, ...(await saveLinks(tx, again, tokens))]);
}

type LinkPlace = { readonly subjectId: string; readonly kind: LinkKind; readonly recipient: string };
type SavedLink = LinkPlace & { id: LinkId; isRevoked: boolean };

/** Of a session the escort may have a page of their own beside the one that the patient passes on. */
function placeOf({ subjectId, kind, recipient }: LinkPlace): string {
  return `${subjectId}/${kind === "share" ? "share" : recipient}`;
}

function toMap(links: readonly SavedLink[]): Map<string, LinkId> {
  return new Map(links.map((link) => [placeOf(link), link.id]));
}

async function saveLinks(tx: Tx, subjects: readonly (LinkSubject & { generation: number })[], tokens: LinkTokens): Promise<SavedLink[]> {
  if (subjects.length === 0) return [];
  const rows = subjects.map((subject) => {
    const id = newId<"link">();
    return { ...subject, id, tokenHash: hashToken(tokens.tokenOf({ id, generation: subject.generation, keyId: tokens.keyId })) };
  });
  const values = unnest(rows, {
    id: ["uuid", ({ id }) => id],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    kind: ["text", ({ kind }) => kind],
    subject_id: ["uuid", ({ subjectId }) => subjectId],
    recipient: ["text", ({ recipient }) => recipient],
    generation: ["smallint", ({ generation }) => generation],
    token_hash: ["bytea", ({ tokenHash }) => tokenHash],
    expires_at: ["timestamptz", ({ expiresAt }) => formatInstant(expiresAt)],
  });
  const { rows: saved } = await sql<SavedLink>`
    insert into links (id, clinic_id, patient_id, kind, subject_id, recipient, generation, key_id, token_hash, expires_at)
    select v.id, v.clinic_id, v.patient_id, v.kind, v.subject_id, v.recipient, v.generation, ${tokens.keyId}, v.token_hash, v.expires_at
    from ${values} as v (id, clinic_id, patient_id, kind, subject_id, recipient, generation, token_hash, expires_at)
    on conflict (subject_id, kind, recipient, generation) do update
      set expires_at = case when links.revoked_at is null then greatest(links.expires_at, excluded.expires_at) else links.expires_at end
    returning id, subject_id, kind, recipient, revoked_at is not null as is_revoked`.execute(tx);
  return saved;
}

/** Gives rows the link that stands. What is in a provider's hands keeps the bytes it has; should it come back, it is written anew. */
export async function relinkTouchpoints(tx: Tx, rows: readonly { id: TouchpointId; linkId: LinkId }[]): Promise<void> {
  if (rows.length === 0) return;
  const values = unnest(rows, { id: ["uuid", ({ id }) => id], link_id: ["uuid", ({ linkId }) => linkId] });
  await sql`
    update touchpoints t set link_id = l.link_id from ${values} as l (id, link_id)
    where t.id = l.id and t.state in ('planned', 'held', 'sending', 'unknown')`.execute(tx);
}
