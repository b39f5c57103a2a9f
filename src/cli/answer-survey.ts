/** `survey answer --by-phone`. */
import type { Answers } from "../domain/check-answers.ts";
import { findInstrument } from "../domain/instruments/find-instrument.ts";
import { INSTRUMENT_IDS, type Instrument } from "../domain/instruments/instrument.ts";
import { parseItems } from "../domain/parse-items.ts";
import { tellSurvey } from "../producers/tell-survey.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { finish, withPatient } from "./change-patient.ts";
import type { ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { patientContext } from "./patient-context.ts";

export type AnswerFlags = ChangeFlags & { readonly clinic?: string; readonly instrument: string; readonly items: string };

export async function answerByPhone(ref: string, { instrument: name, items, ...flags }: AnswerFlags): Promise<ExitCode> {
  const instrument = findInstrument(name);
  if (!instrument) throw new UsageError(`--instrument ${name}: expected one of ${INSTRUMENT_IDS.join(", ")}.`);
  const answers = readItems(instrument, items);
  const options = toChangeOptions(flags);
  const found = await withPatient(ref, flags, async (core, id) => {
    const clinic = await getClinic(core.db, (await patientContext(core, id, flags)).clinic.slug);
    return tellSurvey({ ...core, pageStaff: leaveToSweep }, id, { ...options, instrument, answers, clinicId: clinic.id });
  });
  return finish(found, flags, ({ invitation, alerts }) => {
    const raised = alerts.map(({ kind, level }) => `${kind} (${level})`).join(", ");
    return `answered ${instrument.name}${invitation === null ? ", which was not asked" : ""}${raised === "" ? "" : `; raised ${raised}`}`;
  });
}

/** A command has no line to a provider: where the queue does not take the page, the sweep of every worker finds the alert within seconds. */
const leaveToSweep = () => Promise.reject(new Error("Left to the sweep"));

function readItems(instrument: Instrument, text: string): Answers {
  const read = parseItems(instrument, text);
  if (!read.ok) throw new Refusal([{ path: "items", value: text, expected: read.expected }], "nothing was done");
  return read.value;
}
