/** `reply list`: the inbox, without what was written. */
import { readZone } from "../db/clinics.ts";
import { listReplies, MOST_REPLIES, type ReplyView } from "../db/view-replies.ts";
import { formatInstant } from "../domain/calendar.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { maskChart } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ReplyListFlags = {
  readonly clinic?: string;
  readonly patient?: string;
  readonly inbox?: "open" | "closed" | "all";
  readonly json?: true;
};

type Line = { readonly reply: ReplyView; readonly chart: string | null };

/** Oldest first, because whoever has waited longest is read first. */
export async function listInbox({ clinic: slug, patient, inbox = "open", json }: ReplyListFlags): Promise<ExitCode> {
  const lines = await withStore(async (store): Promise<Line[]> => {
    const clinicId = slug === undefined ? null : (await getClinic(store.db, slug)).id;
    const patientId: PatientId | null = patient === undefined ? null : await getPatient(store, patient, { clinic: slug });
    const replies = await listReplies(store.db, { clinicId, inbox, patientId });
    return replies.map((reply) => ({ reply, chart: chartOf(reply, store.vault) }));
  });
  if (json) for (const { reply, chart } of lines) printJson({ ...toReplyFields(reply), chart });
  else showAsText(lines);
  if (lines.length >= MOST_REPLIES) say(`warning: only ${MOST_REPLIES} are listed; ask for one clinic or one patient`);
  return EXIT.done;
}

function chartOf({ patientId, refSealed }: ReplyView, vault: Parameters<typeof maskChart>[1]): string | null {
  return patientId === null || refSealed === null ? null : maskChart({ patientId, refSealed }, vault);
}

/** Of a text that came in, with nothing that was written. */
export function toReplyFields({
  id,
  clinic,
  kind,
  patientId,
  session,
  media,
  answer,
  hasAlert,
  receivedAt,
  inbox,
  closedAt,
  closedBy,
}: ReplyView) {
  return {
    reply: toPublicId("inbound", id),
    clinic,
    kind,
    patient: patientId === null ? null : toPublicId("patient", patientId),
    session,
    media,
    answer,
    alert: hasAlert,
    receivedAt: formatInstant(receivedAt),
    inbox,
    closedAt: closedAt === null ? null : formatInstant(closedAt),
    closedBy,
  };
}

function showAsText(lines: readonly Line[]): void {
  const rows = toTable(
    lines.map(({ reply, chart }) => [
      sayWhen(readZone(reply.clinicZone), reply.receivedAt),
      reply.hasAlert ? "ALERT" : "",
      reply.kind ?? "not handled yet",
      chart === null ? "unknown number" : `chart ${chart}`,
      reply.session === null ? "" : `session ${reply.session}`,
      reply.media > 0 ? count(reply.media, "picture") : "",
      reply.answer ?? "not answered",
      reply.inbox ?? "",
      toPublicId("inbound", reply.id),
    ]),
  );
  for (const [index, row] of rows.entries()) print(lines[index]?.reply.hasAlert ? paint.red(row) : row);
  print(lines.length === 0 ? "Nothing waits to be read." : `${count(lines.length, "text")} (afterglow reply show ID)`);
}
