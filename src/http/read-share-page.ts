/** From the rows of a visit to the page of the link that its patient has passed on. Reads only. */
import { listOptIns } from "../db/visit-escorts.ts";
import type { PageVisit } from "./page-visit.ts";
import { findVisitOnPage, type ReadingDeps } from "./read-session-page.ts";
import { type ShareFault, toSharePage } from "./share-page.ts";

/** Undefined where there is no such visit any more. */
export async function readSharePage(deps: ReadingDeps, visit: PageVisit, fault: ShareFault | null): Promise<string | undefined> {
  const found = await findVisitOnPage(deps, visit, null);
  if (!found) return undefined;
  const { session } = found;
  const last = (await listOptIns(deps.db, session.id)).find(({ linkId }) => linkId === visit.link.id);
  const texts = last ? { scope: last.scope, standing: last.optedOut ? ("stopped" as const) : last.standing } : null;
  return toSharePage(visit, { session, texts, fault });
}
