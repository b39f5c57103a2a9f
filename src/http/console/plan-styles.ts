/** Rules for the pages of patients, series and days, beside those that all rooms share. */
export const PLAN_STYLES = `
.above { font-size: .8125rem; margin-bottom: -.75rem; }
.above + .head { margin-top: 1rem; }
.tabs { display: flex; gap: .125rem; overflow-x: auto; }
.tabs a { padding: .25rem .625rem; border-radius: .375rem; color: var(--quiet); text-decoration: none; white-space: nowrap; min-height: 1.75rem; }
.tabs a:hover { background: var(--hover); }
.tabs a[aria-current] { background: var(--tint); color: var(--text); font-weight: 600; }
.seek { align-items: stretch; }
.seek input { width: 16rem; max-width: 100%; }
.body { padding: .75rem .875rem; }
.body > * + * { margin-top: .75rem; }
.split { display: grid; grid-template-columns: minmax(0, 1fr) 23rem; gap: 1rem; align-items: start; }
.stack { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; min-width: 0; }
.stack > .series > header { flex-wrap: nowrap; align-items: flex-start; }
.people .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.stack .panel > header { align-items: center; }
.people > li { display: grid; grid-template-columns: minmax(10rem, 2fr) minmax(9rem, 2fr) 11rem 12rem minmax(6rem, 1fr); gap: .125rem 1rem; align-items: center; min-height: 2.75rem; padding-top: .4375rem; padding-bottom: .4375rem; }
.people .marks { display: flex; flex-wrap: wrap; gap: .25rem; justify-content: flex-end; }
.bar { display: inline-flex; gap: 2px; margin-right: .5rem; vertical-align: .0625rem; }
.bar i { width: .375rem; height: .625rem; border-radius: 1px; background: var(--line); }
.bar i.on { background: var(--accent); }
.glance { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; }
.glance > div { padding: .625rem .875rem; border-left: 1px solid var(--line); }
.glance > div:first-child { border-left: 0; }
.glance dt { color: var(--quiet); font-size: .8125rem; }
.glance dd { font-size: 1.25rem; font-weight: 650; line-height: 1.3; }
.glance dd span { display: block; font-weight: 400; line-height: 1.4; }
.glance .amber dd { color: var(--amber); }
.glance .red dd { color: var(--red); }
.story { padding: .25rem 0 .5rem; }
.story > li { position: relative; display: grid; grid-template-columns: 1rem 2.75rem minmax(0, 1fr) auto; gap: 0 .625rem; align-items: baseline; padding: .3125rem .875rem; }
.story > li:hover { background: var(--hover); }
.story > li.day { display: block; padding: .75rem .875rem .1875rem; }
.story > li.day:hover { background: none; }
.story > li.day h3 { font-size: .75rem; color: var(--quiet); letter-spacing: .01em; }
.story > li.noise strong { font-weight: 400; color: var(--quiet); }
.story .when { color: var(--quiet); font-size: .8125rem; }
.story .main p + p { margin-top: .0625rem; }
.story .main a { color: inherit; text-decoration: none; }
.story .main a:hover { text-decoration: underline; }
.story blockquote { margin: .1875rem 0 0; padding: .3125rem .625rem; border-radius: .375rem; background: var(--blue-tint); width: fit-content; max-width: 100%; white-space: pre-line; }
.dot { width: .5625rem; height: .5625rem; border-radius: 50%; background: var(--strong-line); align-self: center; justify-self: center; }
.dot.green { background: var(--green); } .dot.red { background: var(--red); border-radius: 0; } .dot.amber { background: var(--amber); border-radius: 0; transform: rotate(45deg); } .dot.blue { background: var(--blue); }
.dot.fact { width: .375rem; height: .375rem; }
.visits-of > li { display: flex; flex-wrap: wrap; gap: .125rem .625rem; align-items: baseline; padding: .375rem .875rem; border-top: 1px solid var(--line); }
.visits-of > li:first-child { border-top: 0; }
.visits-of > li.past .main { color: var(--quiet); }
.visits-of .number { flex: 0 0 1.25rem; color: var(--quiet); text-align: right; }
.visits-of .main { flex: 1 1 9rem; }
.visits-of .links a { min-height: 1.5rem; display: inline-flex; align-items: center; }
.visits-of .links { flex: 1 0 100%; padding-left: 1.875rem; display: flex; gap: .875rem; }
.series > .body { border-top: 1px solid var(--line); }
.over > summary { padding: .625rem .875rem; }
.over > .panel { border-width: 1px 0 0; border-radius: 0; }
.facts dd { min-width: 0; }
.pair { display: grid; gap: .875rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); align-items: end; }
.picks { display: flex; flex-wrap: wrap; gap: .375rem .5rem; }
.pick { display: inline-flex; align-items: center; font-weight: 400; min-height: 1.75rem; padding-right: .5rem; }
.confirm { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .75rem .875rem; border-top: 1px solid var(--line); position: sticky; bottom: 0; background: var(--panel); border-radius: 0 0 .5rem .5rem; }
.consequences .when.wide { flex: 0 0 13rem; color: var(--quiet); }
.consequences .when time { white-space: nowrap; }
.consequences s { margin-right: .375rem; }
.stale .confirm { display: none; }
.stale .letters { opacity: .5; }
.letters { display: grid; }
.letters > li { border-top: 1px solid var(--line); padding: .625rem .875rem; display: grid; grid-template-columns: 10.5rem minmax(0, 1fr) auto; gap: .125rem .875rem; align-items: baseline; }
.letters > li:first-child { border-top: 0; }
.letters .when { color: var(--quiet); }
.letters blockquote { margin: .25rem 0 0; padding: .375rem .625rem; border-radius: .375rem; background: var(--hover); white-space: pre-line; max-width: 40rem; }
.letters blockquote, .story blockquote { font-size: .875rem; line-height: 1.45; border-left: 0; }
.letters details { margin-top: .1875rem; }
.letters summary { font-weight: 400; color: var(--quiet); font-size: .8125rem; }
.compose { display: grid; grid-template-columns: minmax(0, 25rem) minmax(0, 1fr); gap: 1.5rem; align-items: start; }
.compose fieldset.form { padding-bottom: .875rem; border-bottom: 1px solid var(--line); }
.compose fieldset.form > legend { font-size: .9375rem; margin-bottom: .5rem; }
.dates { display: flex; flex-wrap: wrap; gap: .25rem; }
.dates li { padding: 0 .5rem; border-radius: .75rem; background: var(--tint); font-size: .8125rem; }
.visits-form:has(input[value="cadence"]:checked) .by-list, .visits-form:has(input[value="list"]:checked) .by-cadence { display: none; }
.weekdays { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); padding: .375rem 0 .25rem; color: var(--quiet); font-size: .75rem; }
.weekdays li { padding: 0 .5rem; }
.calendar { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); gap: 1px; background: var(--line); border-radius: 0 0 .5rem .5rem; overflow: hidden; }
.calendar > li { background: var(--panel); padding: .375rem .5rem; min-height: 3.75rem; }
.calendar > li.closed { background: var(--amber-tint); }
.calendar > li.today { box-shadow: inset 0 2px 0 var(--accent); }
.calendar a { color: inherit; text-decoration: none; display: block; min-height: 1.75rem; }
.calendar a:hover { text-decoration: underline; }
.calendar .number { font-weight: 600; }
@media (max-width: 68rem) { .compose { grid-template-columns: minmax(0, 1fr); } .split { grid-template-columns: minmax(0, 1fr); } .split > .stack { display: contents; } .split .coming { order: 1; } .split .series { order: 2; } .split .over { order: 3; } .split .timeline-of { order: 4; } .split .person { order: 5; } .people > li { grid-template-columns: minmax(9rem, 2fr) minmax(9rem, 2fr) 10rem minmax(5rem, 1fr); } .people .what { grid-column: 1; grid-row: 2; color: var(--quiet); } .people .count-of { grid-column: 2; grid-row: 1; } .people .next { grid-column: 2; grid-row: 2; } .people .marks { grid-column: 3 / -1; grid-row: 1 / 3; } }
@media (max-width: 40rem) {
  .people > li { grid-template-columns: minmax(0, 1fr) auto; }
  .people .what, .people .next { grid-column: 1 / -1; grid-row: auto; }
  .people .count-of { grid-column: 2; }
  .people .marks { grid-column: 1 / -1; grid-row: auto; justify-content: flex-start; }
  .glance { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .glance > div:nth-child(3) { border-left: 0; }
  .glance > div:nth-child(n + 3) { border-top: 1px solid var(--line); }
  .story > li { grid-template-columns: .75rem 2.5rem minmax(0, 1fr) auto; gap: 0 .5rem; }
  .consequences .when.wide { flex-basis: 100%; }
  .letters > li { grid-template-columns: minmax(0, 1fr); }
  .calendar > li { padding: .25rem; min-height: 3.25rem; font-size: .75rem; }
  .calendar .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (pointer: coarse) { .tabs a, .pick { min-height: 2.75rem; display: inline-flex; align-items: center; } .visits-of .links a { min-height: 2rem; display: inline-flex; align-items: center; } }
`;
