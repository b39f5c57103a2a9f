/** Parts that every room of the console is made of. */
import { html, type Html } from "../html.ts";

export type Tone = "red" | "amber" | "green" | "blue" | "plain";

/** A state in a word; its shape says the same as its colour. */
export function pill(tone: Tone, word: string): Html {
  return html`<span class="pill ${tone}">${word}</span>`;
}

/** A box with a heading; `aside` stands at its right. */
export function panel(heading: string, body: Html, aside: Html | null = null): Html {
  return html`<section class="panel"><header><h2>${heading}</h2>${aside}</header>${body}</section>`;
}

/** What stands where a list has nothing: what that means, and what one may do about it. */
export function empty(heading: string, text: string): Html {
  return html`<div class="empty"><strong>${heading}</strong>${text}</div>`;
}

export function notice(tone: "good" | "warn" | "bad" | "plain", body: Html): Html {
  return html`<div class="notice ${tone}" role="${tone === "bad" ? "alert" : "status"}">${body}</div>`;
}

/** Terms and what they are, in order; empty values are left out. */
export function facts(rows: readonly (readonly [string, Html | string | null])[]): Html {
  return html`<dl class="facts">${rows.flatMap(([term, value]) => (value === null || value === "" ? [] : [html`<dt>${term}</dt><dd>${value}</dd>`]))}</dl>`;
}

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: string;
  readonly fault?: string;
  readonly type?: string;
  readonly required?: true;
  readonly autocomplete?: string;
  readonly inputmode?: string;
};

/** A labelled input; a fault stands below it, is announced with it, and what was typed stays. */
export function field({ name, label, value = "", hint, fault, type = "text", required, autocomplete, inputmode }: Field): Html {
  const described = [hint ? `${name}-hint` : "", fault ? `${name}-fault` : ""].filter(Boolean).join(" ");
  const attributes = [
    described ? html` aria-describedby="${described}"` : html``,
    fault ? html` aria-invalid="true"` : html``,
    required ? html` required` : html``,
    autocomplete ? html` autocomplete="${autocomplete}"` : html``,
    inputmode ? html` inputmode="${inputmode}"` : html``,
  ];
  return html`<div class="field"><label for="${name}">${label}</label>${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : null}
<input id="${name}" name="${name}" type="${type}" value="${value}"${attributes}>${fault ? html`<p class="fault" id="${name}-fault">${fault}</p>` : null}</div>`;
}

export type Choice = { readonly value: string; readonly label: string };

export function choice(
  name: string,
  label: string,
  { options, value, fault }: { options: readonly Choice[]; value?: string; fault?: string },
): Html {
  const toOption = (each: Choice) =>
    html`<option value="${each.value}"${each.value === value ? html` selected` : null}>${each.label}</option>`;
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}"${fault ? html` aria-invalid="true" aria-describedby="${name}-fault"` : null}>${options.map(toOption)}</select>${fault ? html`<p class="fault" id="${name}-fault">${fault}</p>` : null}</div>`;
}
