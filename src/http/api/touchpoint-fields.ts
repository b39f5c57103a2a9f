/** A touchpoint as programs read it: the same names in a preview, in an outlook and of what is stored. */
import { z } from "zod";
import type { TouchpointView } from "../../db/view-series.ts";
import { formatInstant } from "../../domain/calendar.ts";
import { toPublicId } from "../../domain/ids.ts";
import { toTouchpointFields } from "../../domain/touchpoint-fields.ts";
import { toPage } from "./cursor.ts";
import { idText, momentText } from "./fields.ts";

const told = {
  rule: z.string(),
  session: z.int().nullable().meta({ description: "The session's number in the series." }),
  occurrence: z.int(),
  recipient: z.string(),
  purpose: z.string(),
  channel: z.string(),
  template: z.string(),
  locale: z.string(),
  dueAt: momentText,
  notBefore: momentText,
  sendBy: momentText,
  expiresAt: momentText,
  local: z.string().meta({ description: "When it is due on the recipient's wall.", example: "2027-01-11T09:00" }),
  zone: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
};

export const previewTouchpoint = z.strictObject(told).meta({ id: "PreviewTouchpoint" });
export const touchpointFields = z
  .strictObject({ touchpoint: idText, series: idText, patient: idText, ...told, awaits: z.string().nullable() })
  .meta({ id: "Touchpoint" });

export function toStoredTouchpoint(view: TouchpointView): z.output<typeof touchpointFields> {
  const { id, seriesId, patientId, awaits } = view;
  const ids = {
    touchpoint: toPublicId("touchpoint", id),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
  };
  return { ...ids, ...toTouchpointFields(view), awaits };
}

/** A page of touchpoints that were asked for with one more than `limit`, in the order of time and id. */
export function toTouchpointPage(rows: readonly TouchpointView[], limit: number) {
  return toPage(rows, { limit, keyOf: ({ dueAt, id }) => [formatInstant(dueAt), id], toEntry: toStoredTouchpoint });
}
