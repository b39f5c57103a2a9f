/** The answers of one survey as staff write them down: a number an item, in order. */
import { type Answers, findUnanswered, readAnswers, SKIPPED } from "./check-answers.ts";
import type { Instrument } from "./instruments/instrument.ts";
import { accepted, type Reading, refused } from "./reading.ts";

/** Numbers parted by spaces or commas, `-` for an item that was left out. What adds nothing to a total stands last and may be left off. */
export function parseItems(instrument: Instrument, text: string): Reading<Answers> {
  const { items } = instrument;
  const values = text.split(/[\s,;]+/).filter((value) => value !== "");
  const needed = items.findLastIndex(({ scored }) => scored) + 1 || items.length;
  const expected = `${items.length} numbers in the order of the items, "-" for one that was left out`;
  if (values.length > items.length || values.length < needed) return refused(expected);
  const given = Object.fromEntries(items.map(({ id }, index) => [id, toValue(values[index])]));
  const read = readAnswers(instrument, given);
  if (!read.ok) return refused(read.faults.map((fault) => `item ${fault.path}: ${fault.expected}`).join("; "));
  return findUnanswered(instrument, read.value).length > 0 ? refused(expected) : accepted(read.value);
}

function toValue(text: string | undefined): string {
  return text === undefined || text === "-" ? SKIPPED : text;
}
