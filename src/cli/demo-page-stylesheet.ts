/** How the demo's page is laid out; its colours and parts are the console's. Three panes side by side where there is room, one at a time where there is not. */
import { createHash } from "node:crypto";

export const DEMO_STYLESHEET = `
[hidden] { display: none !important; }
body.demo button { white-space: nowrap; }
body.demo { display: flex; flex-direction: column; height: 100vh; min-height: 42rem; }
.demo-bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding: .625rem 1rem; border-bottom: 1px solid var(--line); background: var(--panel); position: sticky; top: 0; z-index: 6; }
.demo-bar h1 { font-size: 1rem; }
.demo-bar .buttons { margin-left: auto; }
.demo-now { font-size: 1rem; font-weight: 650; min-width: 15rem; }
.demo-fault { width: 100%; color: var(--red); font-weight: 600; }
.demo-tour { border-bottom: 1px solid var(--line); padding: .5rem 1rem; }
.demo-tour ol { display: grid; grid-template-columns: repeat(6, auto) 1fr; gap: .125rem .5rem; }
.demo-tour li { display: contents; }
.tour-step { border-color: transparent; background: none; justify-content: flex-start; gap: .5rem; padding: .125rem .625rem .125rem .25rem; font-weight: 500; color: var(--quiet); text-align: left; grid-row: 1; }
.tour-step[aria-expanded="true"] { background: var(--tint); color: var(--text); font-weight: 650; }
.tour-mark { flex: none; width: 1.375rem; height: 1.375rem; border-radius: 50%; border: 1px solid var(--strong-line); display: inline-grid; place-items: center; font-size: .75rem; font-weight: 650; background: var(--panel); }
.is-done .tour-mark { background: var(--green); border-color: var(--green); color: var(--panel); }
.tour-body { grid-row: 2; grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; padding: .375rem .25rem .125rem; }
.tour-body .narrow { display: none; }
.tour-words { flex: 1 1 24rem; max-width: 46rem; }
.tour-news { display: flex; flex-wrap: wrap; gap: .25rem .625rem; align-items: center; margin-top: .25rem; font-weight: 600; color: var(--green); }
.demo-elsewhere { padding: .5rem 1rem; background: var(--amber-tint); border-bottom: 1px solid var(--line); }
.demo-tabs { display: none; padding: .5rem 1rem 0; }
.demo-tabs [aria-pressed="true"] { background: var(--tint); border-color: var(--accent); }
.has-news::after { content: ""; width: .5rem; height: .5rem; margin-left: .375rem; border-radius: 50%; background: var(--red); }
.demo-panes { flex: 1; display: grid; grid-template-columns: minmax(0, 1fr) 19.5rem minmax(17rem, 22rem); gap: 1rem; padding: .75rem 1rem 1rem; max-width: none; min-height: 0; }
.demo-panes > * { margin: 0; }
.demo-pane { display: flex; flex-direction: column; gap: .5rem; min-width: 0; min-height: 0; }
.demo-pane > header { display: flex; align-items: center; justify-content: space-between; gap: .5rem; min-height: 2rem; }
.demo-pane > header select { width: auto; max-width: 12.5rem; min-height: 1.875rem; }
.demo-pane iframe { border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); width: 100%; flex: 1; min-height: 0; }
.demo-pane > .empty { border: 1px dashed var(--strong-line); border-radius: .5rem; flex: 1; display: grid; place-content: center; }
.handset { flex: 1; min-height: 0; display: flex; flex-direction: column; border: .5rem solid #24302e; border-radius: 2rem; overflow: hidden; background: var(--panel); box-shadow: 0 .25rem 1.5rem rgb(0 0 0 / .12); }
.handset-top { position: relative; padding: .625rem .75rem; text-align: center; border-bottom: 1px solid var(--line); background: var(--hover); min-height: 2.75rem; }
.handset-top #back { position: absolute; left: .375rem; top: .4375rem; font-size: .8125rem; }
.handset iframe { border: 0; border-radius: 0; }
.bubbles { flex: 1; min-height: 0; overflow-y: auto; padding: .75rem .625rem; display: flex; flex-direction: column; gap: .375rem; overscroll-behavior: contain; }
.bubbles li { max-width: 88%; padding: .4375rem .625rem; border-radius: 1rem 1rem 1rem .25rem; background: var(--hover); align-self: flex-start; font-size: .875rem; line-height: 1.4; }
.bubbles li.mine { align-self: flex-end; background: var(--accent); color: var(--on-accent); border-radius: 1rem 1rem .25rem 1rem; }
.bubbles li.time { align-self: center; background: none; color: var(--quiet); font-size: .75rem; padding: .25rem 0 0; max-width: none; }
.bubbles li.none { align-self: center; background: none; color: var(--quiet); text-align: center; margin: auto; max-width: 14rem; }
.bubbles button { display: inline; white-space: normal; min-height: 0; border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; font-weight: 600; text-align: left; }
.write { display: flex; gap: .375rem; padding: .5rem; border-top: 1px solid var(--line); }
.write input { border-radius: 1rem; padding: .25rem .75rem; }
.write button { border-radius: 1rem; }
.demo-letters { flex: 0 0 auto; max-height: 34%; overflow-y: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--panel); }
.demo-letters li + li { border-top: 1px solid var(--line); }
.demo-letters button { width: 100%; border: 0; border-radius: 0; background: none; justify-content: space-between; gap: .75rem; text-align: left; font-weight: 400; padding: .4375rem .75rem; }
.demo-letters button.unread { font-weight: 650; }
.demo-letters button[aria-current] { background: var(--tint); }
.demo-letters button span:first-child { overflow: hidden; text-overflow: ellipsis; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; white-space: normal; }
.demo-letters .at { flex: none; color: var(--quiet); font-size: .75rem; font-weight: 400; }
.demo-letters .none { padding: .75rem; color: var(--quiet); }
.demo-pane.mail iframe { background: #fff; }
@media (max-width: 74rem) {
  .demo-tabs { display: flex; }
  .demo-panes { display: flex; flex-direction: column; padding-top: .5rem; }
  body.demo { height: auto; min-height: 100vh; }
  .demo-pane { display: none; flex: 1; min-height: 30rem; height: 30rem; }
  [data-tab="console"] > .console, [data-tab="phone"] > .phone, [data-tab="mail"] > .mail { display: flex; }
  .demo-pane.phone .handset { width: 100%; max-width: 24rem; margin: 0 auto; }
  .demo-tour .tour-step .title { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .tour-body .narrow { display: inline; }
}
@media (max-width: 40rem) {
  .demo-bar { padding: .5rem .75rem; gap: .375rem .75rem; }
  .demo-bar h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .demo-bar .buttons { margin: 0; width: 100%; display: grid; grid-template-columns: 1.5fr 1fr 1.1fr .8fr; }
  .demo-bar .buttons button { padding: .1875rem .25rem; }
  .demo-tour { padding: .375rem .75rem; }
  .tour-step { padding: .125rem .375rem .125rem .125rem; }
  .demo-tabs { padding: .375rem .75rem 0; display: grid; grid-template-columns: repeat(3, 1fr); }
  .demo-panes { padding: .5rem .75rem .75rem; }
  .tour-words { flex: 1 1 100%; }
}
@media (pointer: coarse) { .bubbles button { min-height: 0; } }`.trim();

export const DEMO_STYLESHEET_PATH = `/demo/page.${createHash("sha256").update(DEMO_STYLESHEET).digest("hex").slice(0, 16)}.css`;
