import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePlainText, parseSeriesText } from "../../src/domain/parse-series-text.ts";
import { parseClinic } from "../../src/domain/parse-clinic.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { FORESEEN_SERIES, toPatientFacts, toSeriesFacts } from "../../src/domain/foresee-series.ts";
import { planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { quietUntil } from "../../src/domain/quiet-until.ts";
import { resolveSessions } from "../../src/domain/resolve-sessions.ts";
import { type Preview, previewSeries } from "../../src/producers/preview-series.ts";
import { NOW, patient, series as written, valueOf } from "./aspen-ridge.ts";
import { ANA, facts, idOf, local, session, series, shipped, wall } from "../support/planner-facts.ts";

const read = (file: string) => readFileSync(new URL(`../../examples/${file}`, import.meta.url), "utf8");
const settings = valueOf(parseClinic(valueOf(parsePlainText(read("clinic.yaml"), "yaml"))));
const clinic = { ...settings, id: idOf.clinic("aspen-ridge"), closures: new Set(settings.closures) };

function request(input: unknown) {
  return valueOf(parseSeries(input, { clinic: settings, now: NOW }));
}

function preview(
  input: unknown,
  { known = null, now = NOW }: { known?: Parameters<typeof previewSeries>[1]["known"]; now?: typeof NOW } = {},
) {
  const asked = request(input);
  return previewSeries(asked, { clinic, protocol: shipped(asked.protocol.id), now, known, basis: [] });
}

function rowsOf(shown: Preview) {
  if (!shown.ok) throw new Error(JSON.stringify(shown.faults));
  return shown.rows;
}

const EXAMPLES = ["ana-iv", "ben-im", "chen-esketamine", "dee-kap", "eva-home", "mid-course"];

describe("a preview", () => {
  test.each(EXAMPLES)("of %s holds the rows that enqueueing plans, in order of time", (name) => {
    for (const input of valueOf(parseSeriesText(read(`${name}.yaml`), "yaml"))) {
      const asked = request(input);
      const person = toPatientFacts(asked, { clinic });
      const protocol = shipped(asked.protocol.id);
      const resolved = resolveSessions(asked, { protocol, clinic, patientZone: person.patient.zone, now: NOW });
      const quiet = quietUntil(resolved, { now: NOW, undoMinutes: clinic.undoMinutes });
      const course = toSeriesFacts(asked, { clinic, protocol, sessions: resolved.sessions, now: NOW, quietUntil: quiet });
      const planned = planTouchpoints({ facts: { ...person, series: [course] }, history: new Map(), now: NOW });
      const rows = rowsOf(preview(input));
      expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(planned.map(({ key }) => key)));
      expect(rows.map(({ dueAt }) => dueAt)).toEqual(rows.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b));
    }
  });

  test("numbers sessions from 1, and touchpoints of the whole series with none", () => {
    const rows = rowsOf(preview(written()));
    expect(new Set(rows.map((row) => row.session))).toEqual(new Set([null, 1, 2]));
    expect(rows.find(({ rule }) => rule === "welcome")?.session).toBeNull();
  });

  test("refuses what enqueueing refuses", () => {
    expect(preview(written({ sessions: [{ startsAt: "2027-01-11T09:00" }, { startsAt: "2027-01-11T09:30" }] }))).toMatchObject({
      ok: false,
    });
  });

  test("warns of more than six texts a week", () => {
    const sms = [{ to: "sms", source: "intake form", at: "2026-12-29T10:05-07:00" }];
    const daily = ["11", "12", "13", "14", "15"].map((day) => ({ startsAt: `2027-01-${day}T12:00` }));
    const shown = preview(written({ patient: patient({ email: undefined, consent: sms }), sessions: daily }));
    expect(shown.ok && shown.warnings.some((warning) => /\d+ texts in the week of 2027-01-11/.test(warning))).toBe(true);
  });

  test("sees the patient's other series: sessions between theirs share messages", () => {
    const other = series(shipped("iv-ketamine"), [session("2027-01-12T09:00")]);
    const known = facts(ANA, [other]);
    const one = { sessions: [{ startsAt: "2027-01-14T12:00" }] };
    const rules = (with_: typeof known | null) => rowsOf(preview(written(one), { known: with_ })).map(({ rule }) => rule);
    expect(rules(null)).toContain("days-before");
    expect(rules(known)).not.toContain("days-before");
    expect(rowsOf(preview(written(one), { known })).every(({ seriesId }) => seriesId === FORESEEN_SERIES)).toBe(true);
  });
});

describe("a patient who is foreseen", () => {
  const person = (changes: Parameters<typeof patient>[0]) => toPatientFacts(request(written({ patient: patient(changes) })), { clinic });
  const at = "2026-12-29T10:05-07:00";

  test("is reachable where there is an address and a consent", () => {
    const reach = (changes: Parameters<typeof patient>[0]) => {
      const { email, sms } = person(changes).patient;
      return [email, sms];
    };
    expect(reach({ consent: { sms: { source: "form", at } } })).toEqual(["no-consent", "reachable"]);
    expect(reach({ email: undefined, consent: { sms: { source: "form", at } } })).toEqual(["no-address", "reachable"]);
    expect(reach({})).toEqual(["no-consent", "no-consent"]);
  });

  test("lives by the clinic's zone, language and quiet hours unless the request says otherwise", () => {
    expect(person({}).patient).toMatchObject({ zone: clinic.zone, locale: clinic.locale, quietHours: clinic.quietHours });
    expect(person({ zone: "America/Los_Angeles", locale: "es", quietHours: { from: "21:00", to: "08:00" } }).patient).toMatchObject({
      zone: "America/Los_Angeles",
      locale: "es",
      quietHours: { from: 21 * 60, to: 8 * 60 },
    });
  });

  test("has an escort with a consent of their own, and may have accepted detail", () => {
    const escort = { name: "Marta Ortiz", phone: "(303) 555-0112" };
    expect(person({ escort, consent: { sms: { source: "form", at } } }).escort).toMatchObject({ sms: "no-consent", email: "no-address" });
    expect(person({}).escort).toBeNull();
    expect([person({}).detailAccepted, person({ consent: { detail: { source: "form", at } } }).detailAccepted]).toEqual([false, true]);
  });

  test("is planned for from the moment of enqueueing", () => {
    const [welcome] = rowsOf(preview(written())).filter(({ rule }) => rule === "welcome");
    expect(wall(welcome?.notBefore ?? expect.fail("no welcome"))).toBe("Mon 2027-01-04 08:10");
    expect(NOW).toBe(local("2027-01-04T08:00"));
  });
});
