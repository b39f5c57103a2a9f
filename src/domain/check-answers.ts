/** Reads what was answered, from a form, a file or a phone call: each item one of its own values, nothing else, nothing guessed. */
import type { Fault, Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import type { Instrument, Item } from "./instruments/instrument.ts";

/** By item. `null`: left out on purpose. An item that is not in it has not been answered yet. */
export type Answers = { readonly [item: string]: number | null };

/** What stands in a form for an item that is left out on purpose. */
export const SKIPPED = "skip";

/** Reads values of some items as they come from outside, by item; every other key is a fault. What is missing is none: a page is filled in step by step. */
export function readAnswers({ items }: Instrument, given: { readonly [item: string]: unknown }): Parsed<Answers> {
  const list = faultList();
  const known = new Map(items.map((item) => [item.id, item]));
  const answers: { [item: string]: number | null } = {};
  for (const [id, value] of Object.entries(given)) {
    const item = known.get(id);
    if (!item) list.add({ path: id, value }, "an item of the instrument");
    else {
      const answer = readAnswer(item, value);
      if (answer === undefined) list.add({ path: id, value }, expectedOf(item));
      else answers[id] = answer;
    }
  }
  return list.conclude<Answers>(answers);
}

/** A number, or its digits as a form sends them: no sign, no decimals, no second value. */
function readAnswer(item: Item, value: unknown): number | null | undefined {
  if (value === null || value === SKIPPED) return item.answer === "may" ? null : undefined;
  if (typeof value !== "number" && (typeof value !== "string" || !/^\d{1,2}$/.test(value))) return undefined;
  const number = Number(value);
  return item.choices.some((choice) => choice.value === number) ? number : undefined;
}

function expectedOf({ choices, answer }: Item): string {
  const values = choices.map(({ value }) => value).toSorted((a, b) => a - b);
  return `one of ${values.join(", ")}${answer === "may" ? `, or ${SKIPPED}` : ""}`;
}

/** What is still to be answered before it can be sent off; an item that may be left out has to be left out on purpose. */
export function findUnanswered({ items }: Instrument, answers: Answers): Fault[] {
  return items.filter(({ id }) => answers[id] === undefined).map((item) => ({ path: item.id, expected: expectedOf(item) }));
}
