/**
 * The one stylesheet of the pages, under a name that changes with its content, so that browsers may keep it for good. The colours are those of the emails. Text
 * on its ground reaches 4.5:1 in light and dark (WCAG 2.2 AA, 1.4.3), a tap target is at least 48 px high, and nothing moves.
 */
import { createHash } from "node:crypto";

export const PAGE_STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f3f1ec; --card: #ffffff; --text: #24312f; --quiet: #55635f; --accent: #1d5c57; --on-accent: #ffffff; --note: #eaf2f0; --line: #e4e0d8;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #121a19; --card: #1c2726; --text: #e6ecea; --quiet: #a9b8b5; --accent: #8fd3ca; --on-accent: #10201e; --note: #243430; --line: #33413f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 1.0625rem/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
header, main { max-width: 35rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; color: var(--quiet); }
main { padding-bottom: 3rem; }
header p, h1, h2, p, ul, ol, dl, dd { margin: 0; }
h1 { margin: .25rem 0 1rem; font-size: 1.625rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.1875rem; line-height: 1.3; font-weight: 650; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .25rem; }
section { background: var(--card); border-radius: .875rem; padding: 1.25rem; margin-bottom: 1rem; }
section > * + * { margin-top: .75rem; }
.said { background: var(--note); font-weight: 600; }
.said > p + p { font-weight: 400; }
.day { font-size: 1.375rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; }
.day::first-letter { text-transform: uppercase; }
.day s { color: var(--quiet); font-weight: 400; }
.time { display: block; }
.visits .day { font-size: 1.1875rem; }
.visits .time { display: inline; white-space: nowrap; }
.facts { display: grid; grid-template-columns: minmax(4.75rem, max-content) 1fr; gap: .5rem 1rem; }
.facts dt, .quiet { color: var(--quiet); }
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
.visits .facts { gap: .25rem 1rem; }
.visits .steps li { padding: .125rem 0; border: 0; }
.mark { display: inline-block; padding: 0 .5rem; border-radius: .375rem; background: var(--note); font-size: .9375rem; }
.call {
  display: flex; min-height: 3.25rem; padding: .5rem 1rem; align-items: center; justify-content: center; text-align: center;
  border-radius: .75rem; background: var(--accent); color: var(--on-accent); font-weight: 650; text-decoration: none;
}
.call:hover { text-decoration: underline; }
.video { background: none; border: 2px solid var(--accent); color: var(--accent); }
.foot { padding: 0 1.25rem; }
@media (min-width: 40rem) {
  header { padding-top: 3rem; }
  section { padding: 1.5rem 1.75rem; }
  h1 { font-size: 1.875rem; }
}
@media (forced-colors: active) { section, .call { border: 1px solid; } }
@media print { body { background: none; } section { padding: 0; } }
`.trim();

/** Where it is served, below the public address. */
export const PAGE_STYLESHEET_PATH = `/assets/page.${createHash("sha256").update(PAGE_STYLESHEET).digest("hex").slice(0, 16)}.css`;
