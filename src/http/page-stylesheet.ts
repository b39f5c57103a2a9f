/**
 * The one stylesheet of the pages, under a name that changes with its content, so that browsers may keep it for good. The colours are those of the emails. Text
 * on its ground reaches 4.5:1 in light and dark and lines around fields 3:1 (WCAG 2.2 AA, 1.4.3 and 1.4.11), a tap target is at least 48 px high, and nothing moves.
 */
import { createHash } from "node:crypto";
import { SURVEY_STYLESHEET } from "./survey-stylesheet.ts";

export const PAGE_STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f3f1ec; --card: #ffffff; --text: #24312f; --quiet: #55635f; --accent: #1d5c57; --on-accent: #ffffff; --press: #174a46;
  --note: #e4f0ed; --line: #e4e0d8; --edge: #7d8a86; --fault: #a3271b; --grave: #fdf0ee; --glow: #f6dfb8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121a19; --card: #1c2726; --text: #e6ecea; --quiet: #a9b8b5; --accent: #8fd3ca; --on-accent: #10201e; --press: #a8e0d8;
    --note: #213733; --line: #33413f; --edge: #7f908c; --fault: #ffb4a8; --grave: #382422; --glow: #5c4a2a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 1.0625rem/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
header, main { max-width: 35rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; gap: .5rem 1rem; align-items: center; justify-content: space-between; padding-top: 1.25rem; color: var(--quiet); }
main { padding-bottom: 3rem; }
header p, h1, h2, p, ul, ol, dl, dd, fieldset, details { margin: 0; }
.clinic { display: flex; gap: .625rem; align-items: center; font-weight: 600; color: var(--text); }
.clinic::before {
  content: ""; flex: none; width: 1.5rem; height: 1.5rem; border-radius: 50%;
  background: radial-gradient(circle at 50% 118%, var(--glow) 0 46%, var(--accent) 47% 100%);
}
.language a { display: inline-flex; min-height: 3rem; padding: 0 .5rem; margin-right: -.5rem; align-items: center; white-space: nowrap; }
h1 { margin: .75rem 0 1rem; font-size: 1.75rem; line-height: 1.2; font-weight: 680; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.1875rem; line-height: 1.3; font-weight: 650; text-wrap: balance; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .08em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .25rem; }
section { background: var(--card); border-radius: 1rem; padding: 1.25rem; margin-bottom: 1rem; box-shadow: 0 1px 2px rgb(36 49 47 / .06), 0 6px 20px -12px rgb(36 49 47 / .18); }
section > * + *, form > * + *, details > * + * { margin-top: .75rem; }
.said { background: var(--note); box-shadow: none; font-weight: 600; }
.said > p + p { font-weight: 400; }
.grave { background: var(--grave); border: 2px solid var(--fault); }
.day { font-size: 1.5rem; line-height: 1.25; font-weight: 680; letter-spacing: -.015em; text-wrap: balance; }
.day::first-letter { text-transform: uppercase; }
.day s { color: var(--quiet); font-weight: 400; }
.time { display: block; color: var(--accent); }
s .time { color: inherit; }
.visits .day { font-size: 1.1875rem; text-wrap: wrap; }
.visits .time { display: inline; white-space: nowrap; }
.facts { display: grid; grid-template-columns: minmax(4.75rem, max-content) 1fr; gap: .5rem 1rem; padding-top: .75rem; border-top: 1px solid var(--line); }
.facts dt, .quiet, .hint { color: var(--quiet); }
.lines > span { display: block; }
.steps { list-style: none; padding: 0; }
.steps li { padding: .75rem 0; border-top: 1px solid var(--line); }
.steps li:first-child { border-top: 0; padding-top: 0; }
.steps li:last-child { padding-bottom: 0; }
strong { font-weight: 650; }
.visits { list-style: none; padding: 0; }
.visits > li { padding: 1rem 0; border-top: 1px solid var(--line); }
.visits > li:first-child { border-top: 0; padding-top: 0; }
.visits > li:last-child { padding-bottom: 0; }
.visits > li > * + * { margin-top: .5rem; }
.visits .facts { gap: .25rem 1rem; padding-top: 0; border: 0; }
.visits .steps li { padding: .125rem 0; border: 0; }
.mark { display: inline-block; padding: 0 .5rem; border-radius: .375rem; background: var(--note); font-size: .9375rem; }
.call, button {
  display: flex; width: 100%; min-height: 3.25rem; padding: .5rem 1rem; align-items: center; justify-content: center; text-align: center; cursor: pointer;
  border: 2px solid var(--accent); border-radius: .75rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 650; text-decoration: none;
}
.call:hover, button:hover { background: var(--press); border-color: var(--press); }
.second, .contact .call { background: none; border-color: var(--edge); color: var(--accent); }
.second:hover, .contact .call:hover { background: var(--note); border-color: var(--accent); }
.done { padding-left: 2rem; position: relative; }
.done::before {
  content: "\\2713" / ""; position: absolute; left: 0; top: .05em; width: 1.375rem; height: 1.375rem; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); font-size: .875rem; line-height: 1.375rem; font-weight: 700; text-align: center;
}
details > summary { display: flex; min-height: 3rem; align-items: center; gap: .5rem; color: var(--accent); font-weight: 600; cursor: pointer; list-style: none; }
details > summary::-webkit-details-marker { display: none; }
details > summary::before { content: "+" / ""; width: 1.25rem; font-size: 1.375rem; line-height: 1; text-align: center; }
details[open] > summary::before { content: "\\2212" / ""; }
label, legend { font-weight: 600; }
form > label { display: block; }
.hint { font-size: .9375rem; }
label + .hint { margin-top: .125rem; }
input, textarea, select {
  display: block; width: 100%; min-height: 3.25rem; padding: .625rem .875rem; border: 1.5px solid var(--edge); border-radius: .75rem;
  background: var(--card); color: var(--text); font: inherit;
}
.hint + input, .hint + textarea, .fault + input, .fault + textarea, label + input { margin-top: .375rem; }
textarea { resize: vertical; }
input.year { max-width: 9rem; font-size: 1.375rem; letter-spacing: .08em; }
fieldset { padding: 0; border: 0; min-width: 0; }
fieldset > * + * { margin-top: .5rem; }
.choice {
  display: flex; min-height: 3.5rem; padding: .625rem 1rem; gap: .875rem; align-items: center; cursor: pointer;
  border: 1.5px solid var(--edge); border-radius: .75rem; font-weight: 400;
}
.choice:hover { background: var(--note); }
.choice:has(:checked) { border-color: var(--accent); background: var(--note); box-shadow: inset 0 0 0 1px var(--accent); }
.choice:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 3px; }
.choice input { flex: none; width: 1.375rem; height: 1.375rem; min-height: 0; margin: 0; padding: 0; accent-color: var(--accent); }
.choice input:focus-visible { outline: none; }
.choice .hint { display: block; }
.choice:has(.hint) { align-items: flex-start; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
legend { padding: 0; }
.send { margin-bottom: 1rem; }
.fault { color: var(--fault); font-weight: 600; }
[aria-invalid="true"] { border-color: var(--fault); border-width: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.foot { padding: 0 1.25rem; }
.foot a { display: inline-flex; min-height: 3rem; align-items: center; }
@media (min-width: 40rem) {
  header { padding-top: 2.5rem; }
  section { padding: 1.625rem 1.75rem; }
  h1 { font-size: 2rem; }
}
${SURVEY_STYLESHEET}
@media (forced-colors: active) { section, .call, button, .choice { border: 1px solid; } }
@media print { body { background: none; } section { padding: 0; box-shadow: none; } form, details, .language, .foot { display: none; } }
`.trim();

/** Where it is served, below the public address. */
export const PAGE_STYLESHEET_PATH = `/assets/page.${createHash("sha256").update(PAGE_STYLESHEET).digest("hex").slice(0, 16)}.css`;
