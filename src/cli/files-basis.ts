/** What a preview stands on where there is no database: the clinic's settings from a file, the draft of the protocol, and nobody who is known already. */
import type { Instant } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { ClinicId } from "../domain/ids.ts";
import { protocolName } from "../domain/protocol.ts";
import type { PreviewBasis } from "../producers/preview-series.ts";
import { Refusal } from "./failures.ts";
import type { FindBasis } from "./preview-series.ts";
import { getDraft } from "./protocol-files.ts";
import { readClinicFile } from "./read-clinic.ts";
import type { FindContext } from "./read-series.ts";

export type FilesBasis = { readonly findContext: FindContext; readonly findBasis: FindBasis };

/** Reads the clinic at once, protocols when a series names them. */
export async function filesBasis({
  clinic: file,
  protocols,
  now,
}: {
  clinic: string;
  protocols: string | undefined;
  now: Instant;
}): Promise<FilesBasis> {
  const { settings } = await readClinicFile(file);
  const clinic = toClinic(settings);
  return {
    findContext: () => Promise.resolve({ clinic: settings, now }),
    findBasis: async (request) => {
      try {
        const { protocol, file: draft } = await getDraft(request.protocol, protocols);
        const basis = [
          `the draft of ${protocolName(protocol)} in ${draft}, approved by nobody`,
          `the clinic's settings in ${file}`,
          "no history, no other series, no opt-outs",
        ];
        return { clinic, protocol, now, known: null, basis };
      } catch (error) {
        if (error instanceof Refusal) return { faults: error.faults };
        throw error;
      }
    },
  };
}

/** The settings as the planner reads a clinic; its id is of this preview only. */
function toClinic({
  zone,
  locale,
  staffedHours,
  closures,
  quietHours,
  undoMinutes,
  textsPerWeek,
  surveysEnabled,
}: ClinicSettings): PreviewBasis["clinic"] {
  return {
    id: "foreseen" as ClinicId,
    zone,
    locale,
    staffedHours,
    closures: new Set(closures),
    quietHours,
    undoMinutes,
    textsPerWeek,
    surveysEnabled,
  };
}
