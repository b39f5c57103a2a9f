/** What a preview stands on where there is no database: the clinic's settings from a file, the draft of the protocol, and nobody who is known already. */
import type { Instant } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { SeriesContext } from "../domain/intake.ts";
import { protocolName } from "../domain/protocol.ts";
import type { PreviewBasis } from "../producers/preview-series.ts";
import { Refusal } from "./failures.ts";
import type { FindBasis } from "./preview-series.ts";
import { getDraft, protocolsFolder, readDrafts } from "./protocol-files.ts";
import { readClinicFile } from "./read-clinic.ts";
import type { FindContext } from "./read-series.ts";

export type FilesBasis = { readonly findContext: FindContext; readonly findBasis: FindBasis };

/** Reads the clinic and the protocols' names at once, a protocol when a series names it. */
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
  const known = await knownDrafts(protocols);
  return {
    findContext: () => Promise.resolve({ clinic: settings, now, ...known }),
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

/** The drafts that a series may name. Nothing where one of them cannot be read: what is wrong with it is said to whoever names it. */
async function knownDrafts(folder: string | undefined): Promise<Pick<SeriesContext, "protocols">> {
  const drafts = await readDrafts(folder);
  const names = drafts.flatMap((draft) => ("protocol" in draft ? [protocolName(draft.protocol)] : []));
  if (names.length < drafts.length) return {};
  return { protocols: { names: new Set(names), expected: `a protocol of ${protocolsFolder(folder)}: ${names.join(", ")}` } };
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
