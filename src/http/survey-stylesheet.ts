/** What the survey page adds to the one stylesheet: answers that are buttons, a row of numbers, progress. Targets are at least 48 px high. */
export const SURVEY_STYLESHEET = `
.progress { display: flex; gap: .75rem; align-items: center; margin-bottom: 1rem; color: var(--quiet); font-size: .9375rem; }
.progress progress { flex: 1; height: .5rem; border: 0; border-radius: .25rem; background: var(--line); color: var(--accent); appearance: none; overflow: hidden; }
.progress progress::-webkit-progress-bar { background: var(--line); }
.progress progress::-webkit-progress-value { background: var(--accent); border-radius: .25rem; }
.progress progress::-moz-progress-bar { background: var(--accent); border-radius: .25rem; }
.stem { display: block; margin-bottom: .375rem; color: var(--quiet); font-weight: 400; }
.before { background: var(--note); box-shadow: none; font-size: 1rem; }
.crisis .call + .call { margin-top: .625rem; }
.item { font-size: 1.25rem; line-height: 1.35; font-weight: 650; text-wrap: pretty; }
.answers { display: grid; gap: .625rem; margin-top: 1rem; }
.answers button { justify-content: flex-start; text-align: left; background: var(--card); color: var(--text); border-color: var(--edge); font-weight: 500; }
.answers button:hover { background: var(--note); border-color: var(--accent); }
.answers button[aria-pressed="true"] { background: var(--note); border-color: var(--accent); font-weight: 650; }
.answers small { margin-left: auto; padding-left: .75rem; color: var(--quiet); font-size: .875rem; font-weight: 400; }
.scale { display: grid; gap: .5rem; grid-template-columns: repeat(6, 1fr); }
.scale button, .scale .choice { min-height: 3.25rem; padding: .25rem; justify-content: center; text-align: center; background: var(--card); color: var(--text); border-color: var(--edge); }
.scale .choice { flex-direction: column; gap: .25rem; }
.ends { display: flex; justify-content: space-between; gap: 1rem; color: var(--quiet); font-size: .9375rem; }
.ends span:last-child { text-align: right; }
.group fieldset + fieldset, .group fieldset ~ button { margin-top: 1.375rem; }
.row { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); }
.row > .choice { margin-top: 0; padding: .5rem .25rem; flex-direction: column; gap: .25rem; justify-content: center; text-align: center; overflow-wrap: normal; }
.leave { background: none; border-color: transparent; color: var(--accent); font-weight: 500; text-decoration: underline; text-underline-offset: .2em; }
.leave:hover { background: var(--note); border-color: transparent; }
.fine { color: var(--quiet); font-size: .8125rem; line-height: 1.45; }
@media (min-width: 40rem) { .scale { grid-template-columns: repeat(11, 1fr); } }
`.trim();
