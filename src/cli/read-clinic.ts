/** A clinic's settings file, read and refused as a whole. */
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import { parseClinic } from "../domain/parse-clinic.ts";
import { parsePlainText } from "../domain/parse-series-text.ts";
import { Refusal, UsageError } from "./failures.ts";
import { type Format, readInput } from "./read-input.ts";

/** The settings and what is worth a second look. All faults in one {@link Refusal}. */
export async function readClinicFile(
  file: string,
  { format: asked }: { format?: Format | undefined } = {},
): Promise<{ settings: ClinicSettings; warnings: readonly string[] }> {
  const { text, format } = await readInput(file, { format: asked });
  if (format === "csv") throw new UsageError("A clinic's settings are YAML or JSON, not CSV.");
  const plain = parsePlainText(text, format);
  const parsed = plain.ok ? parseClinic(plain.value) : plain;
  if (!parsed.ok) throw new Refusal(parsed.faults);
  return { settings: parsed.value, warnings: parsed.warnings };
}
