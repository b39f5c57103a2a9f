/**
 * Mails digests of visits that are not ready.
 *
 * Trigger: every half minute in every worker process. Re-checks: that nobody else has claimed the mail, that nothing is in safe mode, and that the person still
 * stands in the roster. Effect: one mail, and how it ended in the audit. What provably was not sent is tried again for some hours, and after them not sent at all,
 * whatever has kept it; what may have been is not, and stays unknown: the calls it speaks of are on the list all the same. A repeat finds it claimed.
 */
import type { Channel, EmailContent, SendOutcome } from "../channels/channel.ts";
import { findPagingClinic, type PagingClinic } from "../db/alert-pages.ts";
import type { Database } from "../db/database.ts";
import { claimDigestMails, type DigestMailEnd, type DueDigestMail, recordDigestMail } from "../db/digests.ts";
import { appendEvents } from "../db/events.ts";
import { openSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { formatDay } from "../domain/calendar.ts";
import { everybodyOn } from "../domain/roster.ts";
import type { Log } from "../log.ts";
import { endAll } from "./end-all.ts";
import { writeDigest } from "../messages/write-digest.ts";
import { CLINIC_ITSELF } from "../producers/write-digests.ts";

export type DigestMailDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly log: Log;
  readonly email: Pick<Channel<EmailContent>, "send">;
  readonly publicBaseUrl: string;
};

const AGAIN_SECONDS = 60;
const OF_USE_SECONDS = 6 * 3_600;

/** Returns how many it took up. One that fails keeps none of the others; it rejects when all have ended, and what failed ends as lost when its claim runs out. */
export async function sendDigests(deps: DigestMailDeps): Promise<number> {
  const due = await claimDigestMails(deps.db);
  await endAll(due.map((mail) => sendOne(deps, mail)));
  return due.length;
}

async function sendOne(deps: DigestMailDeps, mail: DueDigestMail): Promise<void> {
  if (mail.isLost) return end(deps, mail, { kind: "unknown", code: "lost" });
  if (mail.ageSeconds >= OF_USE_SECONDS) return end(deps, mail, { kind: "not-sent", code: "too-late" });
  const clinic = await findPagingClinic(deps.db, mail.clinicId);
  const to = clinic && findMailbox(deps.vault, clinic, mail.person);
  if (!clinic || !to) return end(deps, mail, { kind: "refused", reason: "bad-address", code: "not-on-roster" });
  const { id, about, unready, visits, slug } = mail;
  const url = `${deps.publicBaseUrl}/console/clinics/${slug}/today?day=${formatDay(about)}`;
  const written = writeDigest({ locale: clinic.locale, clinic: clinic.name, url, about, unready, visits });
  const envelope = { touchpointId: id, deliveryId: id, from: clinic.email, to, validSeconds: OF_USE_SECONDS };
  await end(deps, mail, await deps.email.send(envelope, { ...written, calendar: null }));
}

function findMailbox(vault: Vault, { id, safetySealed, email }: PagingClinic, person: string): string | null {
  if (person === CLINIC_ITSELF) return email.address;
  const entries = everybodyOn(openSafety(vault, id, safetySealed).roster);
  return entries.find((entry) => entry.name === person && entry.email !== null)?.email ?? null;
}

async function end({ db, log }: DigestMailDeps, mail: DueDigestMail, outcome: SendOutcome): Promise<void> {
  const ended = toEnd(mail, outcome);
  const { clinicId } = mail;
  if (ended.state !== "sent") log.warn("digest.not-sent", { clinicId, kind: outcome.kind, code: ended.code ?? "" });
  await transact(db, async (tx) => {
    if (!(await recordDigestMail(tx, mail, ended)) || ended.state === "planned") return;
    const data = { about: formatDay(mail.about), outcome: ended.state, code: ended.code };
    await appendEvents(tx, [{ kind: "digest.mailed", clinicId, subjectId: clinicId, actor: "afterglow", data }]);
  });
}

function toEnd({ ageSeconds }: DueDigestMail, outcome: SendOutcome): DigestMailEnd {
  const none = { providerMessageId: null, againInSeconds: 0 };
  if (outcome.kind === "sent") return { ...none, state: "sent", providerMessageId: outcome.providerMessageId, code: null };
  const { kind, code } = outcome;
  if (kind === "unknown") return { ...none, state: "unknown", code };
  if (kind === "refused" || ageSeconds >= OF_USE_SECONDS) return { ...none, state: "failed", code };
  return { ...none, state: "planned", code, againInSeconds: AGAIN_SECONDS };
}
