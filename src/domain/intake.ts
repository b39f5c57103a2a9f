import type { Instant } from "./calendar.ts";
import type { ClinicSettings } from "./clinic-settings.ts";
import type { FaultList } from "./fault-list.ts";

/** What a series is read against: the clinic that enqueues it, and the moment of reading (clinic time). */
export type SeriesContext = { readonly clinic: Pick<ClinicSettings, "slug" | "zone" | "country" | "locale">; readonly now: Instant };

/** A series being read: its context, and the list that collects what is wrong with it. */
export type Intake = SeriesContext & { readonly list: FaultList };
