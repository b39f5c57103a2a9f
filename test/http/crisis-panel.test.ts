import { expect, test } from "vitest";
import { wallClock } from "../../src/domain/calendar.ts";
import { renderCrisisPanel } from "../../src/http/crisis-panel.ts";

const clinic = {
  name: "Aspen Ridge <Clinic>",
  phone: "+13035550100",
  staffedHours: { mon: [{ from: wallClock(480), to: wallClock(1020) }] },
};

test("the panel says whom to call or text now, when the clinic answers, and that nobody watches around the clock", () => {
  const { markup } = renderCrisisPanel({ locale: "en", clinic });
  for (const said of [
    'href="tel:988"',
    'href="sms:988"',
    'href="tel:911"',
    'href="tel:+13035550100"',
    "Monday",
    "not watched around the clock",
    "&lt;Clinic&gt;",
  ])
    expect(markup).toContain(said);
});

test("in Spanish it names 988's Spanish route: option 2, and the word AYUDA", () => {
  const { markup } = renderCrisisPanel({ locale: "es", clinic });
  for (const said of ["988 y oprima 2", "AYUDA al 988", 'href="sms:988?body=AYUDA"', "911", "no se vigilan"])
    expect(markup).toContain(said);
  expect(markup).not.toContain("..");
});
