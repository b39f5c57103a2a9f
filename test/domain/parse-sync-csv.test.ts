import { describe, expect, test } from "vitest";
import { formatLocal } from "../../src/domain/calendar.ts";
import { parseSyncCsv } from "../../src/domain/parse-sync-csv.ts";
import { faultsOf, valueOf } from "./aspen-ridge.ts";

const HEADER = "externalId,startsAt,zone,minutes,status,series,kind,setting,place,with";
const read = (...rows: string[]) => parseSyncCsv([HEADER, ...rows].join("\n"));
const pathsOf = (text: string) => parseSyncCsv(text).flatMap(({ line, result }) => faultsOf(result).map(({ path }) => `${line} ${path}`));

describe("an export as CSV", () => {
  test("is read row by row, each with its line", () => {
    const [entry] = read("visit-1,2027-01-13T09:00,America/Denver,60,cancelled,order-1,booster,home,Room 2,Dr. Lee");
    expect(entry).toMatchObject({ line: 2, externalId: "visit-1" });
    const { start, ...row } = valueOf(entry?.result ?? expect.unreachable());
    expect(start && formatLocal(start.local)).toBe("2027-01-13T09:00");
    expect(start?.zone).toBe("America/Denver");
    const rest = {
      minutes: 60,
      status: "cancelled",
      series: "order-1",
      kind: "booster",
      setting: "home",
      place: "Room 2",
      with: "Dr. Lee",
    };
    expect(row).toEqual({ externalId: "visit-1", ...rest });
  });

  test("takes an empty cell for left out, and scheduled for a status that is left out", () => {
    const [entry] = read("visit-1,2027-01-13T09:00,,,,,,,,");
    const row = valueOf(entry?.result ?? expect.unreachable());
    expect(row).toMatchObject({ status: "scheduled", minutes: null, series: null, kind: null });
    expect(row.start?.zone).toBeNull();
  });

  test("does not read columns of others, in whatever order", () => {
    const [entry] = parseSyncCsv("patient name,startsAt,room,externalId\nAna Ortiz,2027-01-13T09:00,3,visit-1\n");
    expect(valueOf(entry?.result ?? expect.unreachable())).toMatchObject({ externalId: "visit-1" });
  });

  test.each([
    ["scheduled", "scheduled"],
    ["Cancelled", "cancelled"],
    ["canceled", "cancelled"],
    ["completed", "over"],
    ["no-show", "over"],
  ])("reads the status %s as %s", (word, status) => {
    const [entry] = read(`visit-1,2027-01-13T09:00,,,${word},,,,,`);
    expect(valueOf(entry?.result ?? expect.unreachable()).status).toBe(status);
  });

  test("needs no time of what is cancelled, and one of what is not", () => {
    const [cancelled, scheduled] = read("visit-1,,,,cancelled,,,,,", "visit-2,,,,,,,,,");
    expect(cancelled?.result.ok).toBe(true);
    expect(faultsOf(scheduled?.result ?? expect.unreachable())).toMatchObject([{ path: "startsAt" }]);
  });

  test("reports every bad row by its line, keeps its id, and reads the others", () => {
    const entries = read(
      "visit-1,tomorrow,MST,5,maybe,,dose,,,",
      "visit-2,2027-01-13T09:00,,,,,,,,",
      '"open,2027-01-13T09:00',
      "visit-3,2027-01-13T09:00,,,,,,,,,extra",
    );
    expect(entries.map(({ line, externalId, result }) => [line, externalId, result.ok])).toEqual([
      [2, "visit-1", false],
      [3, "visit-2", true],
      [4, null, false],
      [5, null, false],
    ]);
    expect(faultsOf(entries[0]?.result ?? expect.unreachable()).map(({ path }) => path)).toEqual([
      "startsAt",
      "zone",
      "minutes",
      "status",
      "kind",
    ]);
  });

  test("refuses every row of an id that stands there twice", () => {
    expect(pathsOf(`${HEADER}\nvisit-1,2027-01-13T09:00\nvisit-2,2027-01-13T11:00\nvisit-1,2027-01-14T09:00`)).toEqual([
      "2 externalId",
      "4 externalId",
    ]);
  });

  test.each([
    ["", "1 (whole input)"],
    ["startsAt\n2027-01-13T09:00", "1 externalId"],
    ["externalId,startsAt,startsAt\n", "1 startsAt"],
    ["externalId,startAt\n", "1 startAt"],
  ])("of which the header is wrong is not read at all: %j", (text, path) => {
    expect(pathsOf(text)).toContain(path);
  });
});
