import type { Instant } from "./calendar.ts";
import type { ClinicSettings } from "./clinic-settings.ts";
import type { FaultList } from "./fault-list.ts";

/** Which protocol versions a clinic may enqueue, as `name@version`, and how that is said to somebody who wants another. */
export type KnownProtocols = { readonly names: ReadonlySet<string>; readonly expected: string };

/** What a series is read against: the clinic that enqueues it, and the moment of reading (clinic time). Without `protocols` any name is taken. */
export type SeriesContext = {
  readonly clinic: Pick<ClinicSettings, "slug" | "zone" | "country" | "locale">;
  readonly now: Instant;
  readonly protocols?: KnownProtocols;
};

/** A series being read: its context, and the list that collects what is wrong with it. */
export type Intake = SeriesContext & { readonly list: FaultList };
