/** Fields of a form that keep what was typed and say beside themselves what is wrong with it. */
import type { Fault } from "../../domain/fault.ts";
import { html, type Html } from "../html.ts";
import { choice, type Choice, field, type Field, notice } from "./console-parts.ts";
import type { Typed } from "./read-form.ts";
import { withoutCommands } from "./say-change.ts";

type FieldOptions = Omit<Field, "name" | "label" | "value" | "fault"> & {
  /** Paths of the producers' faults that belong to this field, besides its own name. */
  readonly paths?: readonly string[];
};

export type FormFields = {
  text(name: string, label: string, options?: FieldOptions): Html;
  select(name: string, label: string, options: readonly Choice[], paths?: readonly string[]): Html;
  radios(name: string, legend: string, options: readonly Choice[]): Html;
  box(name: string, value: string, label: string): Html;
  area(name: string, label: string, options: { readonly hint: string; readonly rows: number; readonly paths?: readonly string[] }): Html;
  /** Everything that is wrong and stands beside no field; null when nothing is. Ask last. */
  rest(): Html | null;
};

/** Shows each fault once: beside the first field that takes its path. */
export function formFields(typed: Typed, faults: readonly Fault[]): FormFields {
  const told = new Set<Fault>();
  const faultOf = (name: string, paths: readonly string[] = []): string | undefined => {
    const mine = faults.filter(
      (fault) =>
        !told.has(fault) &&
        [name, ...paths].some((path) => fault.path === path || fault.path.startsWith(`${path}[`) || fault.path.startsWith(`${path}.`)),
    );
    for (const fault of mine) told.add(fault);
    return mine.length === 0 ? undefined : mine.map(sayFault).join(" ");
  };
  return {
    text: (name, label, { paths, ...options } = {}) =>
      field({ name, label, value: typed.text(name), ...options, ...withFault(faultOf(name, paths)) }),
    select: (name, label, options, paths) => choice(name, label, { options, value: typed.text(name), ...withFault(faultOf(name, paths)) }),
    radios: (name, legend, options) => {
      const chosen = typed.text(name) || (options[0]?.value ?? "");
      const one = ({ value, label }: Choice) =>
        html`<label class="pick"><input type="radio" name="${name}" value="${value}"${value === chosen ? html` checked` : null}>${label}</label>`;
      return html`<fieldset class="field"><legend>${legend}</legend><div class="picks">${options.map(one)}</div></fieldset>`;
    },
    box: (name, value, label) =>
      html`<label class="pick"><input type="checkbox" name="${name}" value="${value}"${typed.list(name).includes(value) ? html` checked` : null}>${label}</label>`,
    area: (name, label, { hint, rows, paths }) => {
      const fault = faultOf(name, paths);
      return html`<div class="field"><label for="${name}">${label}</label><p class="hint" id="${name}-hint">${hint}</p>
<textarea id="${name}" name="${name}" rows="${rows}" aria-describedby="${name}-hint${fault ? ` ${name}-fault` : ""}"${fault ? html` aria-invalid="true"` : null}>${typed.text(name)}</textarea>${fault ? html`<p class="fault" id="${name}-fault">${fault}</p>` : null}</div>`;
    },
    rest: () => {
      const others = faults.filter((fault) => !told.has(fault));
      return faults.length === 0
        ? null
        : notice(
            "bad",
            html`<p><strong>${others.length === 0 ? "Please look at the fields that are marked." : "That cannot be done like this."}</strong> Nothing was changed.</p>${others.length === 0 ? null : html`<ul>${others.map((fault) => html`<li>${sayFault(fault)}</li>`)}</ul>`}`,
          );
    },
  };
}

function withFault(fault: string | undefined): { readonly fault?: string } {
  return fault === undefined ? {} : { fault };
}

/** As one sentence: what stood there, and what would be right. */
export function sayFault({ value, expected }: Fault): string {
  return `${value === undefined ? "" : `It is ${value}. `}Expected: ${withoutCommands(expected)}.`;
}
