import { describe, expect, test } from "vitest";
import { formatDay, formatLocal } from "../../src/domain/calendar.ts";
import { parseSeriesCsv } from "../../src/domain/parse-series-csv.ts";
import { CONTEXT, faultsOf, pathsOf, valueOf } from "./aspen-ridge.ts";

const HEADER = "clinic,patient.ref,patient.name,patient.phone,protocol,condition,sessions";
const ANA = "aspen-ridge,10482,Ana Ortiz,(303) 555-0111,iv-ketamine@1,depression,2027-01-11T09:00;2027-01-13T09:00";
const BEN = "aspen-ridge,10517,Ben O'Brien,,iv-ketamine@1,ptsd,2027-01-12T10:30";

const read = (...lines: string[]) => parseSeriesCsv(lines.join("\n"), CONTEXT);

function only(...lines: string[]) {
  const [row, ...more] = read(...lines);
  if (!row || more.length > 0) throw new Error("expected one row");
  return row;
}

test("every row is a series, with its line", () => {
  const rows = read(HEADER, ANA, BEN);
  expect(rows.map(({ line, result }) => [line, valueOf(result).patient.name])).toEqual([
    [2, "Ana Ortiz"],
    [3, "Ben O'Brien"],
  ]);
  expect(valueOf(only(HEADER, ANA).result).sessions?.map(({ local }) => formatLocal(local))).toEqual([
    "2027-01-11T09:00",
    "2027-01-13T09:00",
  ]);
});

describe("one bad row never stops the others", () => {
  test.each([
    ["a number that is none", ANA.replace("(303) 555-0111", "911"), ["patient.phone"]],
    ["a quotation mark left open", ANA.replace("Ana", '"Ana'), ["(whole input)"]],
    ["a quotation mark closed too early", ANA.replace("Ana Ortiz", '"Ana" Ortiz'), ["(whole input)"]],
    ["a cell too many", `${ANA},x`, ["(whole input)"]],
    ["only one cell", "aspen-ridge", ["protocol", "condition", "patient", "sessions"]],
    ["a NUL", ANA.replace("Ana", "A\u0000na"), ["patient.name"]],
    ["two bad sessions", ANA.replaceAll("T09:00", "T09:00Z"), ["sessions[0].startsAt", "sessions[1].startsAt"]],
  ])("%s", (_, bad, paths) => {
    const rows = read(HEADER, BEN, bad, BEN);
    expect(rows.map(({ line, result }) => [line, result.ok])).toEqual([
      [2, true],
      [3, false],
      [4, true],
    ]);
    expect(rows[1] && pathsOf(rows[1].result)).toEqual(paths);
  });
});

describe("the header is judged once, and then no row is read", () => {
  test.each([
    ["an unknown column", HEADER.replace("patient.phone", "patient.phnoe"), "patient.phnoe", "did you mean patient.phone?"],
    ["a column without its parent", HEADER.replace("patient.phone", "phone"), "phone", "did you mean patient.phone?"],
    ["a missing column", HEADER.replace(",condition", ""), "condition", "this column"],
    ["no column of time", HEADER.replace(",sessions", ""), "sessions", "cadence.first, cadence.weekdays, cadence.at"],
    ["a column that stands twice", `${HEADER},clinic`, "clinic", "each column once"],
    ["a prototype key", `${HEADER},patient.__proto__.x`, "patient.__proto__.x", "a known column"],
  ])("%s", (_, header, path, expected) => {
    const row = only(header, ANA, BEN);
    expect(row.line).toBe(1);
    expect(faultsOf(row.result)).toEqual([{ path, expected: expect.stringContaining(expected) }]);
  });

  test("an empty file and a header alone are refused", () => {
    expect(pathsOf(only("").result)).toEqual(["(whole input)"]);
    expect(pathsOf(only(HEADER).result)).toEqual(["(whole input)"]);
  });
});

test("a byte order mark, CRLF, empty lines and notes above the header are fine", () => {
  const rows = parseSeriesCsv(`\uFEFF# our patients\r\n"# of January, all"\r\n${HEADER}\r\n${ANA}\r\n,,,,\r\n\r\n${BEN}\r\n`, CONTEXT);
  expect(rows.map(({ line, result }) => [line, result.ok])).toEqual([
    [4, true],
    [7, true],
  ]);
});

test("below the header a row that begins with a hash is a row", () => {
  const row = only(`externalId,${HEADER}`, `#12,${ANA}`);
  expect(valueOf(row.result).externalId).toBe("#12");
});

test("cadence, consents, zone and escort have columns of their own", () => {
  const header = `${HEADER.replace("sessions", "cadence.first,cadence.weekdays,cadence.at")},consent.sms.source,consent.sms.at,patient.consent.email.source,consent.email.at,escort.name,patient.escort.phone,patient.zone`;
  const row = `${ANA.replace(/[^,]*$/, "2027-01-11,Mon wed FRI,09:00")},form,2027-01-03,form,2027-01-03T09:00-07:00,Marta,(303) 555-0112,America/Chicago`;
  const { cadence, patient, sessions } = valueOf(only(header, row).result);
  expect(sessions).toBeNull();
  expect(cadence && { ...cadence, first: formatDay(cadence.first) }).toEqual({
    first: "2027-01-11",
    weekdays: ["mon", "wed", "fri"],
    at: 540,
  });
  expect(patient.consents.map(({ to }) => to)).toEqual(["sms", "email"]);
  expect(patient.escort).toMatchObject({ name: "Marta", phone: "+13035550112" });
  expect(patient.zone).toBe("America/Chicago");
});

test("a session of the past carries its status after a space", () => {
  const row = only(HEADER, ANA.replace(/[^,]*$/, "2026-12-30T09:00 completed; 2027-01-06T09:00"));
  expect(valueOf(row.result).sessions?.map(({ status }) => status)).toEqual(["completed", null]);
});

test("the apostrophe that spreadsheets put before numbers is understood, and kept before a letter", () => {
  const guarded = only(HEADER, ANA.replace("(303) 555-0111", "'+13035550111").replace("10482", "'0482").replace("Ana Ortiz", "'t Hooft"));
  expect(valueOf(guarded.result).patient).toMatchObject({ phone: "+13035550111", ref: "0482", name: "'t Hooft" });
});

test("a chart number keeps its zeros", () => {
  expect(valueOf(only(HEADER, ANA.replace("10482", "00482")).result).patient.ref).toBe("00482");
});

test("a formula is a name like any other", () => {
  expect(valueOf(only(HEADER, ANA.replace("Ana Ortiz", "=cmd()")).result).patient.name).toBe("=cmd()");
});
