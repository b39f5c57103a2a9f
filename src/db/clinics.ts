/** Clinics, their groups and senders. */
import { sql } from "kysely";
import { z } from "zod";
import { newId } from "../clock.ts";
import { formatDay, parseDay, type WallClock, wallClock, WEEKDAYS } from "../domain/calendar.ts";
import { type ClinicFacts, LOCALES, type StaffedHours } from "../domain/clinic.ts";
import type { ClinicSettings, SenderSettings } from "../domain/clinic-settings.ts";
import type { ClinicId, GroupId, SenderId } from "../domain/ids.ts";
import { parseZone, type Zone } from "../domain/place-in-time.ts";
import type { Database, Tx } from "./database.ts";

export type StoredClinic = ClinicFacts & {
  readonly groupId: GroupId;
  readonly slug: string;
  readonly name: string;
  readonly phone: string;
  readonly country: string;
  readonly address: string | null;
  readonly quietHours: { readonly from: WallClock; readonly to: WallClock };
  readonly undoMinutes: number;
};

const wallClocks = z.int().min(0).max(1440).transform(wallClock);
const staffedHoursColumn = z.partialRecord(z.enum(WEEKDAYS), z.array(z.object({ from: wallClocks, to: wallClocks })));
const localeColumn = z.enum(LOCALES);

export function readStaffedHours(column: unknown): StaffedHours {
  return staffedHoursColumn.parse(column);
}

/** A zone that was checked before it was stored; anything else is a broken row. */
export function readZone(column: string): Zone {
  const zone = parseZone(column);
  if (!zone) throw new Error(`A stored zone is unknown to this machine's time-zone data: ${column}`);
  return zone;
}

export function readLocale(column: string): ClinicFacts["locale"] {
  return localeColumn.parse(column);
}

export function readClosures(days: readonly string[]): ClinicFacts["closures"] {
  return new Set(days.flatMap((day) => parseDay(day) ?? []));
}

/** Finds a clinic by its slug. */
export async function findClinic(db: Database, slug: string): Promise<StoredClinic | undefined> {
  const row = await db
    .selectFrom("clinics")
    .select([
      "id",
      "groupId",
      "slug",
      "name",
      "phone",
      "country",
      "zone",
      "locale",
      "address",
      "staffedHours",
      "quietFrom",
      "quietTo",
      "undoMinutes",
      "textsPerWeek",
      "surveysEnabled",
    ])
    .select(sql<string[]>`closures::text[]`.as("closures"))
    .where("slug", "=", slug)
    .executeTakeFirst();
  if (!row) return undefined;
  const { quietFrom, quietTo, staffedHours, closures, zone, locale, ...rest } = row;
  return {
    ...rest,
    zone: readZone(zone),
    locale: readLocale(locale),
    staffedHours: readStaffedHours(staffedHours),
    closures: readClosures(closures),
    quietHours: { from: wallClock(quietFrom), to: wallClock(quietTo) },
  };
}

/** Adds a clinic, or sets an existing one to these settings; its group is made when it is new and never changed afterwards. */
export async function saveClinic(tx: Tx, settings: ClinicSettings): Promise<{ id: ClinicId; added: boolean }> {
  const groupId = await saveGroup(tx, settings.group);
  const columns = {
    name: settings.name,
    phone: settings.phone,
    country: settings.country,
    zone: settings.zone,
    locale: settings.locale,
    address: settings.address,
    staffedHours: JSON.stringify(settings.staffedHours),
    closures: `{${settings.closures.map(formatDay).join(",")}}`,
    quietFrom: settings.quietHours.from,
    quietTo: settings.quietHours.to,
    undoMinutes: settings.undoMinutes,
    textsPerWeek: settings.textsPerWeek,
    surveysEnabled: settings.surveysEnabled,
  };
  const { id, added } = await tx
    .insertInto("clinics")
    .values({ id: newId<"clinic">(), slug: settings.slug, groupId, ...columns })
    .onConflict((conflict) => conflict.column("slug").doUpdateSet(columns))
    .returning(["id", sql<boolean>`xmax = 0`.as("added")])
    .executeTakeFirstOrThrow();
  await saveSender(tx, id, { channel: "email", ...settings.email });
  await saveSender(tx, id, { channel: "sms", ...settings.sms });
  return { id, added };
}

async function saveGroup(tx: Tx, slug: string): Promise<GroupId> {
  await tx
    .insertInto("groups")
    .values({ id: newId<"group">(), slug })
    .onConflict((conflict) => conflict.column("slug").doNothing())
    .execute();
  return (await tx.selectFrom("groups").select("id").where("slug", "=", slug).executeTakeFirstOrThrow()).id;
}

async function saveSender(
  tx: Tx,
  clinicId: ClinicId,
  { channel, address, name, perSecond }: SenderSettings & { channel: "email" | "sms" },
): Promise<void> {
  const { id } = await tx
    .insertInto("senders")
    .values({ id: newId<"sender">(), clinicId, channel, address, name })
    .onConflict((conflict) => conflict.columns(["clinicId", "channel"]).doUpdateSet({ address, name }))
    .returning("id")
    .executeTakeFirstOrThrow();
  await saveRate(tx, id, perSecond);
}

/** Two seconds' worth may go at once, one at least. */
async function saveRate(tx: Tx, senderId: SenderId, perSecond: number): Promise<void> {
  const burst = Math.max(1, perSecond * 2);
  await sql`
    insert into rate_buckets (sender_id, per_second, burst, tokens) values (${senderId}, ${perSecond}, ${burst}, ${burst})
    on conflict (sender_id) do update set per_second = excluded.per_second, burst = excluded.burst, tokens = least(rate_buckets.tokens, excluded.burst)
  `.execute(tx);
}
