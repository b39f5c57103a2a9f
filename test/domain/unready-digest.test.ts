import { describe, expect, test } from "vitest";
import { formatDay, formatLocal } from "../../src/domain/calendar.ts";
import { toLocal } from "../../src/domain/place-in-time.ts";
import type { RosterEntry } from "../../src/domain/safety-settings.ts";
import type { StaffedClinic } from "../../src/domain/staffed-time.ts";
import { findDigestDue, listDigestReaders } from "../../src/domain/unready-digest.ts";
import { daysClosed, DENVER, hours, local } from "../support/planner-facts.ts";

const office = [hours("08:00", "17:00")];
const clinic: StaffedClinic = {
  zone: DENVER,
  staffedHours: { mon: office, tue: office, wed: office, thu: office, fri: [hours("08:00", "16:00")] },
  closures: daysClosed("2027-01-18"),
};

const dueAt = (text: string, at: StaffedClinic = clinic) => {
  const due = findDigestDue(at, local(text));
  return (
    due && [formatDay(due.about), formatLocal(toLocal(DENVER, due.visits.from)), formatLocal(toLocal(DENVER, due.visits.to))].join(" ")
  );
};

describe("a digest", () => {
  const MONDAY = "2027-01-11 2027-01-09T00:00 2027-01-12T00:00";

  test("about Monday is due from Friday noon until Monday begins, and counts visits of the weekend with it", () => {
    expect(dueAt("2027-01-08T11:59")).toBeUndefined();
    expect(dueAt("2027-01-08T12:00")).toBe(MONDAY);
    expect(dueAt("2027-01-10T23:59")).toBe(MONDAY);
    expect(dueAt("2027-01-11T00:00")).toBeUndefined();
  });

  test("is not due before an ordinary working day", () => {
    for (const day of ["11", "12", "13", "14"]) expect(dueAt(`2027-01-${day}T15:00`)).toBeUndefined();
  });

  test("before a long weekend is about the Tuesday", () => {
    expect(dueAt("2027-01-15T12:00")).toBe("2027-01-19 2027-01-16T00:00 2027-01-20T00:00");
  });

  test("before a single closed day in the week is due on the day before", () => {
    expect(dueAt("2027-01-19T13:00", { ...clinic, closures: daysClosed("2027-01-20") })).toBe(
      "2027-01-21 2027-01-20T00:00 2027-01-22T00:00",
    );
  });

  test("comes at the last staffed moment before noon where nobody is there at noon, so that somebody reads it", () => {
    const early = { ...clinic, staffedHours: { ...clinic.staffedHours, fri: [hours("07:00", "11:00")] } };
    expect(dueAt("2027-01-08T10:59", early)).toBeUndefined();
    expect(dueAt("2027-01-08T11:00", early)).toBe(MONDAY);
  });

  test("has no day at a clinic that works every day, or never says when", () => {
    const always = Object.fromEntries(["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map((day) => [day, office]));
    expect(dueAt("2027-01-08T13:00", { ...clinic, staffedHours: always })).toBeUndefined();
    expect(dueAt("2027-01-08T13:00", { ...clinic, staffedHours: {} })).toBeUndefined();
  });
});

describe("it goes to", () => {
  const entry = (name: string, changes: Partial<RosterEntry>): RosterEntry => ({
    name,
    role: "desk",
    phone: null,
    email: `${name}@clinic.test`,
    when: "staffed",
    from: null,
    until: null,
    ...changes,
  });
  const readers = (...roster: RosterEntry[]) => listDigestReaders(roster, clinic, local("2027-01-08T12:00")).map(({ name }) => name);
  const ruth = entry("ruth", { role: "primary" });
  const sam = entry("sam", { role: "primary", when: "after-hours" });

  test.each([
    ["whoever of the desk is there", [ruth, entry("maria", {}), entry("lee", { when: "after-hours" })], ["maria"]],
    ["the whole desk where none of it is there", [ruth, entry("lee", { when: "after-hours" })], ["lee"]],
    ["the primary who is there, of a clinic without a desk", [ruth, sam], ["ruth"]],
    ["nobody without a mailbox", [entry("maria", { email: null, phone: "+13035550162" }), ruth], ["ruth"]],
    ["nobody, where the roster is empty", [], []],
  ])("%s", (_who, roster, expected) => {
    expect(readers(...roster)).toEqual(expected);
  });
});
