/** Writes into the model what is said to whom, and asks of every call whether it may be. */
import { sql } from "kysely";
import type { Database } from "../../../src/db/database.ts";
import { CHANGE, judgeCall } from "./judge-call.ts";
import { type Call, type CallRow, isOn, markDead, marksIn, type Model } from "./model.ts";
import type { Hearing, Refusal } from "./provider.ts";

type Ears = {
  readonly model: Model;
  readonly broken: string[];
  readonly report: (call: Call, status: string, code: string | null) => Promise<void>;
};

export function hearCalls(db: Database, { model, broken, report }: Ears): Hearing {
  return {
    onCall: async (call) => {
      const { rows } = await sql<CallRow>`
        select patient_id, session_id, recipient, rule, occurrence, purpose, substring(split_part(key, '/', 2) from '^([a-z0-9-]+):') as survey from touchpoints where id = ${call.touchpointId}`.execute(
        db,
      );
      const [row] = rows;
      if (!row) return void broken.push("a call for no touchpoint");
      broken.push(...judgeCall(model, call, row));
      remember(model, call, row);
    },
    onEarlyReport: async (call) => {
      for (const status of ["queued", "delivered", "sent"]) await report(call, status, null);
    },
  };
}

function remember(model: Model, call: Call, row: CallRow): void {
  model.calls.push(call);
  const person = model.people.find(({ patientId }) => patientId === row.patientId);
  if (person) person.hasHeard = true;
  call.about = { ...row, startsAt: person?.visits.find(({ id }) => id === row.sessionId)?.startsAt ?? null };
  for (const mark of marksIn(call.text)) {
    const given = person?.marks.get(mark);
    if (!given) continue;
    const { visit, startsAt } = given;
    if (row.recipient !== "patient") continue;
    if (isOn(visit) && visit.startsAt === startsAt) visit.tellings.push({ what: startsAt, call });
    if (!isOn(visit) && CHANGE.test(row.rule)) visit.tellings.push({ what: "off", call });
  }
}

/** What a process was told of addresses has been stored: from now on it is known. */
export function learnOf(model: Model, refused: Refusal[]): void {
  for (const { call, why } of refused.splice(0)) {
    if (why === "opted-out") model.optedOut.add(call.to);
    else markDead(model, call.to);
  }
}
