/**
 * The one stylesheet of the console, under a name that changes with its content. Dense where work is dense, no decoration; text on its ground reaches 4.5:1 in
 * light and dark, a target is at least 28 px high on a desktop and 44 px under a finger (WCAG 2.2 AA), and what moves stops when asked to.
 */
import { createHash } from "node:crypto";
import { CARE_STYLES } from "./care-styles.ts";
import { PLAN_STYLES } from "./plan-styles.ts";

const TOKENS = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --panel: #ffffff; --raised: #ffffff; --text: #1d2624; --quiet: #5a6663; --line: #e3e4e0; --strong-line: #c5cac6;
  --accent: #1d5c57; --on-accent: #ffffff; --tint: #e8f1ef; --hover: #f0f2ef;
  --red: #a8231d; --on-red: #ffffff; --red-tint: #fbeae8; --amber: #7a4e00; --amber-tint: #fbf0d9; --green: #1f6132; --green-tint: #e6f3e9; --blue: #24548f; --blue-tint: #e7eef8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101615; --panel: #171f1e; --raised: #1d2726; --text: #e4eae8; --quiet: #9fadaa; --line: #28332f; --strong-line: #3e4b48;
    --accent: #8fd3ca; --on-accent: #0e1f1d; --tint: #1c2f2c; --hover: #1d2725;
    --red: #ff9d94; --on-red: #2b0a07; --red-tint: #3a1a17; --amber: #f0c674; --amber-tint: #362a10; --green: #8fd6a3; --green-tint: #15301d; --blue: #a3c4f0; --blue-tint: #182740;
  }
}`;

const BASE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; font: .875rem/1.45 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1, h2, h3, p, ul, ol, dl, dd, table, fieldset { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h1 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: .9375rem; font-weight: 650; }
h3 { font-size: .875rem; font-weight: 650; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: .5rem; top: .5rem; z-index: 9; background: var(--panel); padding: .5rem .75rem; }
.quiet { color: var(--quiet); }
.small { font-size: .8125rem; }
a[href^="tel:"] { white-space: nowrap; }
.nowrap { white-space: nowrap; }
.right { text-align: right; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .8125em; }
pre { margin: 0; padding: .75rem; overflow: auto; background: var(--hover); border-radius: .375rem; white-space: pre-wrap; }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }`;

const FRAME = `
.shell { display: grid; grid-template-columns: 13rem minmax(0, 1fr); min-height: 100vh; }
.side { border-right: 1px solid var(--line); padding: 1rem .75rem; position: sticky; top: 0; height: 100vh; overflow: auto; display: flex; flex-direction: column; gap: 1rem; }
.side .where { padding: 0 .5rem; font-weight: 650; }
.side nav ul { display: grid; gap: .0625rem; }
.side nav a { display: flex; justify-content: space-between; align-items: center; padding: .375rem .5rem; border-radius: .375rem; color: var(--text); text-decoration: none; min-height: 1.875rem; }
.side nav a:hover { background: var(--hover); }
.side nav a[aria-current] { background: var(--tint); font-weight: 600; }
.side .who { padding: 0 .5rem; display: grid; gap: .375rem; }
.keys { margin-top: auto; padding: 0 .5rem; font-size: .8125rem; color: var(--quiet); }
.keys summary { font-weight: 400; }
.keys dl { display: grid; grid-template-columns: 2.5rem 1fr; gap: .125rem .5rem; }
kbd { font: inherit; font-size: .75rem; padding: 0 .25rem; border: 1px solid var(--strong-line); border-radius: .25rem; white-space: nowrap; }
.count { min-width: 1.25rem; padding: 0 .375rem; border-radius: .625rem; font-size: .75rem; line-height: 1.25rem; text-align: center; background: var(--hover); color: var(--quiet); font-weight: 600; }
.count.red { background: var(--red); color: var(--on-red); }
main { padding: 1.25rem 1.5rem 3rem; max-width: 76rem; width: 100%; }
main > * + * { margin-top: 1rem; }
main.bare { max-width: 26rem; margin: 12vh auto 0; }
.head { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between; }
.head .actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
@media (max-width: 54rem) {
  .shell { display: block; }
  .side { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .5rem .75rem 0; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25rem 1rem; align-items: center; }
  .side .where { padding: 0; }
  .side nav { grid-row: 2; grid-column: 1 / -1; min-width: 0; }
  .keys, .side .who br { display: none; }
  .side nav ul { display: flex; gap: .25rem; overflow-x: auto; padding-bottom: .25rem; }
  .side nav a { white-space: nowrap; gap: .375rem; min-height: 2.75rem; padding: .375rem .75rem; }
  .side .who { padding: 0; display: flex; gap: .75rem; align-items: center; min-width: 0; }
  .side .who .name { margin-right: .375rem; }
  main { padding: 1rem .75rem 4rem; }
}
@media (max-width: 40rem) { .side .who p { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }`;

const PARTS = `
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; }
.visits > li { align-items: center; }
.visits .when { flex: 0 0 7.25rem; }
.visits .main { flex: 1 1 15rem; }
.visits .state { flex: 1 1 12rem; }
.visits .buttons { justify-content: flex-end; flex: 1 1 18rem; align-items: flex-start; }
.visits > li:target { background: var(--tint); }
.buttons.pending { align-items: center !important; }
@media (min-width: 75rem) { .rows.visits > li { display: grid; align-items: center; grid-template-columns: 7.25rem minmax(0, 1fr) minmax(0, 1fr) 20.5rem; } }
@media (max-width: 40rem) { .visits .buttons { flex-basis: 100%; justify-content: stretch; } .visits .buttons > * { flex: 1 1 auto; } .visits .buttons button, .visits .buttons > .button, .visits .buttons details > summary { width: 100%; padding-left: .375rem; padding-right: .375rem; text-align: center; } .visits .buttons details[open] { flex-basis: 100%; } }
.buttons details { position: relative; }
@media (pointer: coarse) { .buttons details > summary { min-height: 2.75rem !important; padding-top: .625rem !important; } }
.buttons details > summary { list-style: none; min-height: 1.875rem; line-height: inherit; padding: .1875rem .75rem; border: 1px solid var(--strong-line); border-radius: .375rem; background: var(--raised); }
.buttons details > summary::-webkit-details-marker { display: none; }
.buttons details > summary::after { content: " \\25be"; color: var(--quiet); }
.menu { position: absolute; right: 0; top: calc(100% + .25rem); z-index: 4; width: 19rem; max-width: calc(100vw - 2rem); background: var(--raised); border: 1px solid var(--strong-line); border-radius: .5rem; box-shadow: 0 .25rem 1.25rem rgb(0 0 0 / .18); }
.menu > * { padding: .625rem .75rem; }
.menu > * + * { border-top: 1px solid var(--line); }
.menu .buttons { flex: none; justify-content: flex-start; }
@media (max-width: 40rem) { .menu { position: static; width: auto; box-shadow: none; } }
.panel > header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; padding: .625rem .875rem; border-bottom: 1px solid var(--line); }
.panel > .body { padding: .875rem; }
.panel > .body > * + * { margin-top: .75rem; }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); align-items: start; }
.rows > li { border-top: 1px solid var(--line); padding: .625rem .875rem; display: flex; flex-wrap: wrap; gap: .375rem 1rem; align-items: baseline; }
.rows > li:first-child { border-top: 0; }
.rows > li:hover { background: var(--hover); }
.rows .main { flex: 1 1 16rem; }
.checks > li { flex-wrap: nowrap; }
.checks .main { flex-basis: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .8125rem; white-space: nowrap; }
th, td { padding: .4375rem .875rem; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
thead th { border-top: 0; }
tbody tr:hover { background: var(--hover); }
td.number, th.number { text-align: right; }
.facts { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .3125rem 1rem; }
.facts dt { color: var(--quiet); }
.pill { display: inline-flex; align-items: center; gap: .3125rem; padding: 0 .5rem; border-radius: .75rem; font-size: .75rem; line-height: 1.375rem; font-weight: 600; background: var(--hover); color: var(--quiet); white-space: nowrap; }
.pill::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
.pill.red { background: var(--red-tint); color: var(--red); }
.pill.red::before { border-radius: 0; }
.pill.amber { background: var(--amber-tint); color: var(--amber); }
.pill.amber::before { border-radius: 0; transform: rotate(45deg); }
.pill.green { background: var(--green-tint); color: var(--green); }
.pill.blue { background: var(--blue-tint); color: var(--blue); }
.notice { border-radius: .5rem; padding: .625rem .875rem; background: var(--blue-tint); border-left: 3px solid var(--blue); }
.notice.bad { background: var(--red-tint); border-color: var(--red); }
.notice.warn { background: var(--amber-tint); border-color: var(--amber); }
.notice.good { background: var(--green-tint); border-color: var(--green); }
.notice > * + * { margin-top: .375rem; }
.empty { padding: 2.5rem 1rem; text-align: center; color: var(--quiet); }
.empty strong { display: block; color: var(--text); margin-bottom: .25rem; }
.undo { position: sticky; bottom: .75rem; z-index: 5; display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; align-items: center; padding: .625rem .875rem; background: var(--raised); border: 1px solid var(--strong-line); border-radius: .5rem; box-shadow: 0 .25rem 1.25rem rgb(0 0 0 / .18); }
.timeline > li { display: grid; grid-template-columns: 8.5rem 1fr; gap: .125rem 1rem; padding: .4375rem .875rem; border-top: 1px solid var(--line); }
.timeline > li:first-child { border-top: 0; }
.timeline .when { color: var(--quiet); white-space: nowrap; }
.timeline .day { grid-column: 1 / -1; font-weight: 650; }
@media (max-width: 40rem) { .timeline > li { grid-template-columns: 1fr; } th, td { padding: .4375rem .625rem; } }`;

const FORMS = `
button, .button { font: inherit; font-weight: 600; display: inline-flex; align-items: center; justify-content: center; min-height: 1.875rem; padding: .1875rem .75rem; border-radius: .375rem; border: 1px solid var(--strong-line); background: var(--raised); color: var(--text); cursor: pointer; text-decoration: none; }
button:hover, .button:hover { background: var(--hover); }
button.first, .button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.first:hover, .button.first:hover { filter: brightness(1.08); }
button.danger { color: var(--red); border-color: var(--red); background: transparent; }
button.plain { border-color: transparent; background: none; padding: .1875rem .375rem; color: var(--accent); }
button[disabled] { opacity: .5; cursor: default; }
.buttons { display: flex; flex-wrap: wrap; gap: .375rem; }
.field { display: grid; gap: .25rem; }
label, legend { font-weight: 600; padding: 0; }
fieldset { border: 0; padding: 0; }
.hint { color: var(--quiet); font-size: .8125rem; font-weight: 400; }
input, select, textarea { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--strong-line); border-radius: .375rem; min-height: 2rem; padding: .25rem .5rem; width: 100%; }
input[type="checkbox"], input[type="radio"] { width: 1.125rem; height: 1.125rem; min-height: 0; accent-color: var(--accent); vertical-align: -.1875rem; margin: 0 .375rem 0 0; }
[aria-invalid="true"] { border-color: var(--red); }
.fault { color: var(--red); font-weight: 600; font-size: .8125rem; }
select.narrow { width: auto; max-width: 16rem; }
.form { display: grid; gap: .875rem; max-width: 38rem; }
.inline { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.inline .field { flex: 0 1 12rem; }
details > summary { cursor: pointer; font-weight: 600; min-height: 1.5rem; padding: .125rem 0; }
.panel > header > a { min-height: 1.5rem; }
details[open] > summary { margin-bottom: .5rem; }
.buttons details[open] > summary { margin-bottom: 0; background: var(--hover); }
@media (pointer: coarse) { button, .button, input, select { min-height: 2.75rem; } input[type="checkbox"], input[type="radio"] { min-height: 0; width: 1.5rem; height: 1.5rem; } }
@media (forced-colors: active) { .panel, .pill, button { border: 1px solid; } }
@media print { .side, .undo, .actions, button, .button { display: none !important; } .shell { display: block; } main { padding: 0; max-width: none; } .panel { border: 0; } body { background: none; font-size: 10pt; } }`;

export const CONSOLE_STYLESHEET = [TOKENS, BASE, FRAME, PARTS, FORMS, PLAN_STYLES, CARE_STYLES].map((part) => part.trim()).join("\n");

/** Where it is served, below the public address. */
export const CONSOLE_STYLESHEET_PATH = `/assets/console.${createHash("sha256").update(CONSOLE_STYLESHEET).digest("hex").slice(0, 16)}.css`;
