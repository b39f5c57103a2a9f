/** How a score went, drawn on the server: the answers as a line, the baseline, the doses as marks below, and the lines of response and remission. Says the same in words beside it. */
import type { Instant } from "../../domain/calendar.ts";
import type { Measure } from "../../domain/outcome.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { sayShortDay } from "../../messages/say-time.ts";
import { html, type Html } from "../html.ts";
import { dayAt } from "./say-moment.ts";

export type Trajectory = {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** In order of time; at least one. */
  readonly measures: readonly Measure[];
  readonly baseline: Measure | null;
  readonly doses: readonly Instant[];
  /** The greatest total there is. */
  readonly most: number;
  /** A total below this is remission; null where none is defined. */
  readonly remissionBelow: number | null;
  readonly zone: Zone;
};

const WIDTH = 640;
const HEIGHT = 250;
const LEFT = 36;
const RIGHT = 16;
const TOP = 18;
const BOTTOM = 44;
const LABELLED = 14;
const GAP = 4;

type Scale = { readonly x: (at: Instant) => number; readonly y: (total: number) => number; readonly from: Instant; readonly to: Instant };

export function outcomeChart(trajectory: Trajectory): Html {
  const { id, title, measures } = trajectory;
  const scale = scaleOf(trajectory);
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-says">
<title id="${id}-title">${title}</title><desc id="${id}-says">${inWords(trajectory)}</desc>
${grid(trajectory, scale)}${doseMarks(trajectory, scale)}${levels(trajectory, scale)}
<path class="line" d="${measures.map(({ at, total }, index) => `${index === 0 ? "M" : "L"}${round(scale.x(at))} ${round(scale.y(total))}`).join(" ")}"/>
${measures.map((measure, index) => dot(measure, trajectory, { scale, index }))}
</svg>`;
}

/** What the chart shows, for whoever does not see it; the table beside it has every number. */
export function inWords({ measures, baseline, doses, remissionBelow }: Trajectory): string {
  const last = measures.at(-1);
  const base = baseline === null ? "" : `Baseline ${baseline.total}, `;
  const marks = remissionBelow === null ? "" : ` Remission is below ${remissionBelow}.`;
  return `${base}last ${last?.total ?? "none"}, ${measures.length} ${measures.length === 1 ? "answer" : "answers"}, ${doses.length} ${doses.length === 1 ? "dose" : "doses"}.${marks}`;
}

function scaleOf({ measures, doses, most }: Trajectory): Scale {
  const moments = [...measures.map(({ at }) => at), ...doses];
  const [from, to] = [moments.reduce((a, b) => (a < b ? a : b)), moments.reduce((a, b) => (a > b ? a : b))];
  const length = Math.max(1, to - from);
  return {
    from,
    to,
    x: (at) => (from === to ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + 8 + ((at - from) / length) * (WIDTH - LEFT - RIGHT - 16)),
    y: (total) => TOP + (1 - total / most) * (HEIGHT - TOP - BOTTOM),
  };
}

function round(value: number): string {
  return value.toFixed(1);
}

function grid({ most, zone, measures }: Trajectory, { x, y, from, to }: Scale): Html {
  const steps = [0, 1, 2, 3].map((part) => Math.round((most * part) / 3));
  const lines = steps.map(
    (total) =>
      html`<line class="${total === 0 ? "axis" : "grid"}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(total))}" y2="${round(y(total))}"/><text x="${LEFT - 6}" y="${round(y(total) + 4)}" text-anchor="end">${total}</text>`,
  );
  const label = (at: Instant, anchor: string) =>
    html`<text x="${round(x(at))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${sayShortDay("en", dayAt(zone, at)).replace(/^\w+, /, "")}</text>`;
  const middle = measures[Math.floor(measures.length / 2)]?.at;
  const isFar = middle !== undefined && x(middle) - x(from) > 110 && x(to) - x(middle) > 110;
  return html`${lines}${label(from, from === to ? "middle" : "start")}${isFar && middle !== undefined ? label(middle, "middle") : null}${from === to ? null : label(to, "end")}`;
}

function doseMarks({ doses }: Trajectory, { x }: Scale): readonly Html[] {
  const bottom = HEIGHT - BOTTOM;
  return doses.map(
    (at) =>
      html`<line class="dose" x1="${round(x(at))}" x2="${round(x(at))}" y1="${TOP}" y2="${bottom}"/><path class="dose-mark" d="M${round(x(at))} ${bottom + 3}l4 8h-8z"/>`,
  );
}

function levels({ baseline, remissionBelow }: Trajectory, { y }: Scale): Html {
  const half = baseline === null || baseline.total === 0 ? null : baseline.total / 2;
  // The name stands on the side of its line that is turned away from the other's.
  const line = (total: number, { name, words, other }: { name: string; words: string; other: number | null }) => {
    const isBelow = other !== null && other > total;
    return html`<line class="mark ${name}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(total))}" y2="${round(y(total))}"/><text x="${WIDTH - RIGHT}" y="${round(y(total) + (isBelow ? GAP : -GAP))}" text-anchor="end"${isBelow ? html` dominant-baseline="hanging"` : null}>${words}</text>`;
  };
  return html`${half === null ? null : line(half, { name: "response", words: `response: ${half} or less`, other: remissionBelow })}${remissionBelow === null ? null : line(remissionBelow, { name: "remission", words: `remission: below ${remissionBelow}`, other: half })}`;
}

function dot({ at, total }: Measure, { measures, baseline }: Trajectory, { scale, index }: { scale: Scale; index: number }): Html {
  const [x, y] = [round(scale.x(at)), scale.y(total)];
  const isBase = baseline !== null && at === baseline.at;
  const isSaid = measures.length <= LABELLED || index === 0 || index === measures.length - 1;
  return html`<circle class="${isBase ? "dot base" : "dot"}" cx="${x}" cy="${round(y)}" r="4"/>${isSaid ? html`<text class="value" x="${x}" y="${round(y - 9)}" text-anchor="middle">${total}</text>` : null}`;
}

/** The same, the size of a word; the numbers stand beside it. */
export function outcomeSpark(measures: readonly Measure[], most: number): Html | null {
  const [first, last] = [measures[0], measures.at(-1)];
  if (!first || !last || first === last) return null;
  const x = (at: Instant) => 2 + ((at - first.at) / Math.max(1, last.at - first.at)) * 92;
  const y = (total: number) => 2 + (1 - total / most) * 20;
  const path = measures.map(({ at, total }, index) => `${index === 0 ? "M" : "L"}${round(x(at))} ${round(y(total))}`).join("");
  return html`<svg class="spark" viewBox="0 0 96 24" aria-hidden="true"><path d="${path}"/><circle cx="${round(x(last.at))}" cy="${round(y(last.total))}" r="2"/></svg>`;
}
