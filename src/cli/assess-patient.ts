/** `outcome assess`. */
import { parseInstant } from "../domain/calendar.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { type AssessmentKind, recordAssessment } from "../producers/record-assessment.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { finish, withPatient } from "./change-patient.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { patientContext } from "./patient-context.ts";

export type AssessFlags = ChangeFlags & {
  readonly clinic?: string;
  readonly kind: AssessmentKind;
  readonly level: string;
  readonly by: string;
  readonly at: string;
};

export async function assessPatient(ref: string, { kind, level: text, by, at, ...flags }: AssessFlags): Promise<ExitCode> {
  const level = readLine("--level", text);
  const madeBy = readLine("--by", by);
  const madeAt = parseInstant(at);
  if (madeAt === undefined) throw new UsageError(`--at ${at}: expected a moment with its zone, such as 2027-01-11T10:00-07:00.`);
  const options = toChangeOptions(flags);
  const found = await withPatient(ref, flags, async (core, id) => {
    const clinic = await getClinic(core.db, (await patientContext(core, id, flags)).clinic.slug);
    return recordAssessment(core, id, { ...options, kind, level, madeBy, madeAt, clinicId: clinic.id });
  });
  return finish(found, flags, (value) => `${value.kind} recorded, made at ${value.madeAt}`);
}

function readLine(option: string, text: string): string {
  const line = parseLine(text, { most: 200 });
  if (!line.ok) throw new UsageError(`${option}: expected ${line.expected}.`);
  return line.value;
}
