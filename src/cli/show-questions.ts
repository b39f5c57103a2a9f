/** `survey questions`. */
import type { Locale } from "../domain/clinic.ts";
import { findInstrument, INSTRUMENTS, speaks } from "../domain/instruments/find-instrument.ts";
import { inLocale, INSTRUMENT_IDS, type Instrument } from "../domain/instruments/instrument.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { print, printJson, say, toTable } from "./terminal.ts";

export type QuestionsFlags = { readonly locale: Locale; readonly json?: true };

export function showQuestions(id: string | undefined, { locale, json }: QuestionsFlags): ExitCode {
  if (id === undefined) {
    if (json) for (const instrument of INSTRUMENTS) printJson(instrument);
    else
      for (const line of toTable(
        INSTRUMENTS.map(({ id: name, version, items, locales }) => [
          name,
          `version ${version}`,
          `${items.length} items`,
          locales.join(", "),
        ]),
      ))
        print(line);
    return EXIT.done;
  }
  const instrument = findInstrument(id);
  if (!instrument) throw new UsageError(`${id}: expected one of ${INSTRUMENT_IDS.join(", ")}.`);
  if (json) printJson(instrument);
  else show(instrument, locale);
  return EXIT.done;
}

function show(instrument: Instrument, locale: Locale): void {
  if (!speaks(instrument, locale)) say(`warning: ${instrument.name} has no wording in this language; this is the English one`);
  const { items, screens, scoring } = instrument;
  if (instrument.instruction) print(inLocale(instrument.instruction, locale));
  let stem = "";
  for (const [index, { id, text, choices, answer }] of items.entries()) {
    const next = inLocale(screens.find((screen) => screen.items.includes(id))?.stem ?? { en: "" }, locale);
    if (next !== stem && next !== "") print(`\n${next}`);
    stem = next;
    print(`${index + 1}. ${inLocale(text, locale)}`);
    const words = choices.map(({ value, label }) => `${value} ${inLocale(label, locale)}`.trim());
    print(`   ${words.join(" / ")}${answer === "may" ? " / - left out" : ""}`);
  }
  print(`\nlicence: ${instrument.licence}`);
  print(`wording: ${instrument.wording}`);
  if (!scoring) return;
  print(`total 0 to ${scoring.most}: ${scoring.bands.map(({ from, name }) => `${from} ${name}`).join(", ")}`);
  if (scoring.cutOff) print(`from ${scoring.cutOff.from}: ${scoring.cutOff.means}`);
  for (const source of scoring.sources) print(`source: ${source}`);
  if (scoring.worsening) print(`worse: ${scoring.worsening.source}`);
}
