/** From the rows of a visit, or of all visits of a series, to their page. Reads only. */
import { getApprovals } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { findStandingLink } from "../db/page-links.ts";
import { findPageSession, loadPageSessions, type PageSessionRow } from "../db/pages.ts";
import type { PageVisit } from "./page-visit.ts";
import { type SessionOnPage, toSessionOnPage } from "./session-on-page.ts";
import { toSeriesPage, toSessionPage } from "./session-page.ts";
import { isAhead } from "./session-phase.ts";
import type { AnswerFault } from "./show-answers.ts";

export type ReadingDeps = { readonly db: Database; readonly tokens: LinkTokens; readonly basePath: string; readonly publicBaseUrl: string };

/** A visit of an open page, and where its own page is. */
export type VisitOnPage = { readonly session: SessionOnPage; readonly path: string };

/** The visit that an open page is about: the link's own, or of a link to a series the one with this number. Undefined where there is none such. */
export async function findVisitOnPage(deps: ReadingDeps, visit: PageVisit, number: number | null): Promise<VisitOnPage | undefined> {
  const { listsSeries, sessions } = await loadPageSessions(deps.db, visit.link);
  const row =
    number === null
      ? listsSeries
        ? undefined
        : sessions[0]
      : listsSeries
        ? await findPageSession(deps.db, visit.link, number)
        : undefined;
  if (!row) return undefined;
  const [session] = await toSessions(deps, visit, [row]);
  return session && { session, path: number === null ? visit.path : `${visit.path}/visit/${number}` };
}

/** The page of an open link, or of one visit out of its list. Undefined where there is none such. */
export async function readSessionPage(deps: ReadingDeps, visit: PageVisit, number: number | null): Promise<string | undefined> {
  const found = await findVisitOnPage(deps, visit, number);
  if (found) return writeSessionPage(deps, visit, { ...found, fault: null, late: false });
  if (number !== null) return undefined;
  const { sessions } = await loadPageSessions(deps.db, visit.link);
  return toSeriesPage(visit, { sessions: await toSessions(deps, visit, sessions), preferencesPath: await findPreferences(deps, visit) });
}

type Answered = VisitOnPage & { readonly fault: AnswerFault | null; readonly late: boolean };

/** The page of one visit that was found, with what came of an answer. */
export async function writeSessionPage(deps: ReadingDeps, visit: PageVisit, answered: Answered): Promise<string> {
  const shareUrl = await findShareUrl(deps, visit, answered.session);
  return toSessionPage(visit, { ...answered, preferencesPath: await findPreferences(deps, visit), shareUrl });
}

/** Only for the patient who may pass it on, and only while somebody can still get ready. */
async function findShareUrl({ db, tokens, publicBaseUrl }: ReadingDeps, { link, canAnswer }: PageVisit, session: SessionOnPage) {
  if (!canAnswer || link.recipient !== "patient" || !isAhead(session.phase) || session.companion === null) return null;
  const standing = await findStandingLink(db, { subjectId: session.id, kind: "share" });
  return standing ? `${publicBaseUrl}/v/${tokens.tokenOf(standing)}` : null;
}

async function toSessions({ db }: ReadingDeps, visit: PageVisit, rows: readonly PageSessionRow[]): Promise<SessionOnPage[]> {
  const approvals = await getApprovals(
    db,
    rows.map(({ approvalId }) => approvalId),
  );
  return rows.map((row) => {
    const approval = approvals.get(row.approvalId);
    if (!approval) throw new Error(`Approval ${row.approvalId} is not stored`);
    return toSessionOnPage(row, visit, approval.protocol.instructions);
  });
}

async function findPreferences({ db, tokens, basePath }: ReadingDeps, { link, canAnswer }: PageVisit): Promise<string | null> {
  if (!canAnswer || link.recipient !== "patient") return null;
  const standing = await findStandingLink(db, { subjectId: link.patientId, kind: "preferences" });
  return standing ? `${basePath}/v/${tokens.tokenOf(standing)}` : null;
}
