/** Rules of the rooms in which patients are looked after: alerts, replies, tasks, outcomes, wording. Part of the one stylesheet. */
export const CARE_STYLES = `
.pages { display: flex; gap: .5rem; justify-content: flex-end; }
.rows.dense > li { padding: .375rem .875rem; }
.rows .state { flex: 1 1 14rem; }
.rows .when { flex: 0 0 8.5rem; }
.rows > li > .buttons, .rows > li > form { margin-left: auto; align-self: center; }
.rows .words { white-space: pre-line; }
.panel > .lead { padding: .5rem .875rem 0; }
.waiting { box-shadow: inset 3px 0 var(--red); }
.late { color: var(--red); font-weight: 600; }
.clock { font-weight: 650; }
.alert-head { display: flex; flex-wrap: wrap; gap: .5rem 2rem; justify-content: space-between; }
.calls { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.button.call { justify-content: space-between; flex-wrap: wrap; gap: 0 1rem; min-height: 2.75rem; }
@media (min-width: 62rem) { .alerts > li { display: grid; grid-template-columns: minmax(0, 1fr) 19rem 6.5rem; align-items: center; } .tasks > li { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr) 17rem 4.5rem; } .inbox > li { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr) 12rem; } .wide-left { grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); } }
.act form, .act button { width: 100%; }
.act button { min-height: 3rem; font-size: 1rem; }
blockquote { margin: 0; padding: .25rem .75rem; border-left: 3px solid var(--strong-line); white-space: pre-line; font-size: 1rem; }
.quoted > li { padding: .25rem .75rem; border-left: 3px solid var(--strong-line); }
.quoted > li + li { margin-top: .5rem; }
.talk { display: grid; gap: .5rem; }
.talk > li { max-width: min(85%, 34rem); }
.talk .words { padding: .5rem .75rem; border-radius: .75rem; background: var(--hover); white-space: pre-line; width: fit-content; }
.talk .us { justify-self: end; text-align: right; }
.talk .us .words { background: var(--tint); text-align: left; margin-left: auto; }
.talk .here .words { outline: 2px solid var(--accent); }
.phrases { display: grid; gap: .5rem; }
.phrases label { display: grid; grid-template-columns: 1.75rem 1fr; font-weight: 400; padding: .5rem .625rem; border: 1px solid var(--line); border-radius: .375rem; cursor: pointer; }
.phrases label:has(:checked) { border-color: var(--accent); background: var(--tint); }
.phrases input { margin-top: .125rem; }
.bubble { max-width: 22rem; padding: .5rem .75rem; border-radius: .75rem; background: var(--hover); white-space: pre-line; }
.timeline.rules .when { white-space: normal; }
@media (min-width: 40rem) { .timeline.rules > li { grid-template-columns: 15rem 1fr; } }
.script { white-space: pre-line; }
.sheet { max-width: 46rem; }
.chart { width: 100%; max-width: 52rem; height: auto; display: block; }
tbody th { color: var(--text); font-size: inherit; white-space: normal; }
.chart text { fill: var(--quiet); font-size: 11px; }
@media (max-width: 40rem) { .chart text { font-size: 20px; } }
.chart .grid { stroke: var(--line); }
.chart .axis { stroke: var(--strong-line); }
.chart .line { fill: none; stroke: var(--accent); stroke-width: 2; }
.chart .dot { fill: var(--panel); stroke: var(--accent); stroke-width: 2; }
.chart .base { fill: var(--accent); }
.chart .dose { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2 3; }
.chart .dose-mark { fill: var(--quiet); }
.chart .mark { stroke-width: 1.5; stroke-dasharray: 6 4; }
.chart .response { stroke: var(--amber); }
.chart .remission { stroke: var(--green); }
.chart text.value { fill: var(--text); font-weight: 650; }
.spark { width: 6rem; height: 1.5rem; display: block; }
.spark path { fill: none; stroke: var(--accent); stroke-width: 1.5; }
.spark circle { fill: var(--accent); }
.figures { display: grid; gap: 1px; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); background: var(--line); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
.figures > div { background: var(--panel); padding: .75rem .875rem; }
.figures dt { color: var(--quiet); font-size: .8125rem; }
.figures dd { font-size: 1.25rem; font-weight: 650; }
.figures dd .small { font-weight: 400; }
.tie { display: grid; gap: .5rem; margin-bottom: 1rem; }
.qr { width: 12rem; height: 12rem; border-radius: .375rem; display: block; }
.key { font-size: 1rem; letter-spacing: .02em; }
.secret { font-size: 1rem; padding: .75rem; border: 1px dashed var(--strong-line); border-radius: .375rem; user-select: all; }
.bars { display: grid; gap: .25rem; }
textarea { resize: vertical; line-height: 1.45; }
textarea.mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .8125rem; }
.two { display: grid; gap: 1rem; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
.signature { border-top: 1px solid var(--text); margin-top: 3rem; padding-top: .25rem; max-width: 20rem; }
@media (pointer: coarse) { .tabs a { min-height: 2.75rem; padding-top: .75rem; } }
@media (max-width: 40rem) { .rows .when { flex-basis: 100%; } .rows > li > .buttons, .rows > li > form.take { margin-left: 0; } .rows > li > form.take, .rows > li > form.take button { width: 100%; } }
@media print { .tabs, .pages { display: none; } .chart .line { stroke: #000; } }`;
