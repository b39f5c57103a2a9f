/** The crisis text to a number of which we know nothing but that it wrote: the clinic's newest approved wording, or as it ships where that cannot be written without a patient. */
import { type CrisisHouse, getCrisisHouse } from "../db/crisis-house.ts";
import type { Database } from "../db/database.ts";
import { readReleases } from "../db/template-releases.ts";
import type { CalendarOffset } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import type { Log } from "../log.ts";
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { renderSms } from "../messages/render-message.ts";
import { selectTemplates, templateSourcesSchema } from "../messages/template-sources.ts";
import { CRISIS, loadShippedCrisis } from "./shipped-crisis.ts";

type To = { readonly clinicId: ClinicId; readonly locale: Locale };

/** Somebody in danger is answered, whatever is wrong with the wording that the clinic approved. */
export async function writeCrisisText({ db, log }: { readonly db: Database; readonly log: Log }, to: To): Promise<string> {
  const house = await getCrisisHouse(db, { clinicId: to.clinicId, stem: CRISIS });
  const write = (templates: Templates) => renderSms(templates, factsOf(house, to.locale), { now: house.now }).body;
  try {
    return write(await compileOwn(db, to.clinicId, house));
  } catch (error) {
    log.error("message.shipped-wording", { clinicId: to.clinicId, error });
    return write(await loadShippedCrisis());
  }
}

async function compileOwn(db: Database, clinicId: ClinicId, { approved }: CrisisHouse): Promise<Templates> {
  const released = (await readReleases(db, [clinicId])).get(clinicId)?.sources[CRISIS];
  if (released === undefined && approved === null) return loadShippedCrisis();
  return compileTemplates(selectTemplates(templateSourcesSchema.parse({ [CRISIS]: released ?? approved }), [CRISIS]));
}

const NOTHING: CalendarOffset = { sign: 1, days: 0, minutes: 0 };

/** Nobody's name, no visit and no page: a wording that asks for one of them cannot be written, and the shipped one goes. */
function factsOf({ name, phone, zone, staffedHours }: CrisisHouse, locale: Locale): MessageFacts {
  return {
    template: CRISIS,
    locale,
    clinic: { name, phone, zone, staffedHours },
    recipient: { kind: "patient", name: "", zone },
    patient: { name: "", ref: "", phone: null, detailAccepted: false },
    instructions: { observation: NOTHING, restriction: NOTHING, companion: "driver", source: "nobody's" },
    session: null,
    sessions: [],
    get link(): string {
      throw new Error("Of a number that no chart has there is no page");
    },
  };
}
