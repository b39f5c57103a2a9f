/** Where the demo shows itself: a terminal with a status line at its foot, plain lines anywhere else, or nowhere. */
import pc from "picocolors";
import type { Zone } from "../domain/place-in-time.ts";
import type { Happening } from "./demo-happening.ts";
import { fit, type Palette, toTimelineLine, widthOf } from "./demo-lines.ts";

export type Screen = {
  readonly paint: Palette;
  show(happening: Happening): void;
  /** A line of its own. */
  tell(line?: string): void;
  /** What the foot of the screen says from now on. */
  status(text: string): void;
  /** Leaves the cursor on a new line; nothing is shown any more. */
  end(): void;
};

/** What of a terminal's stream is used. */
export type Output = Pick<NodeJS.WriteStream, "write" | "on" | "off"> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** A terminal that has no colours is one that may not know how to move its cursor either; it gets plain lines. */
export function openScreen(output: Output | undefined, zone: Zone): Screen {
  if (!output) return { paint: pc.createColors(false), show: nothing, tell: nothing, status: nothing, end: nothing };
  return output.isTTY && output.hasColors?.() ? liveScreen(output, zone) : plainScreen(output, zone);
}

function nothing(): void {}

function plainScreen(output: Output, zone: Zone): Screen {
  const paint = pc.createColors(false);
  let ended = false;
  const tell = (line = "") => {
    if (!ended) output.write(`${line}\n`);
  };
  return {
    paint,
    tell,
    show: (happening) => tell(toTimelineLine(happening, { zone, columns: undefined, paint }).trimEnd()),
    status: nothing,
    end: () => {
      ended = true;
    },
  };
}

const USUAL_COLUMNS = 80;
/** Narrower than moment and channel, lines fold. */
const LEAST_COLUMNS = 26;

function liveScreen(output: Output, zone: Zone): Screen {
  const paint = pc.createColors(true);
  let foot = "";
  let drawn = 0;
  let ended = false;
  const columns = () => Math.max(LEAST_COLUMNS, output.columns ?? USUAL_COLUMNS);
  // A terminal made narrower has folded the foot onto several rows.
  const erase = () => {
    const rows = Math.ceil(drawn / columns());
    return drawn === 0 ? "" : `\r${rows > 1 ? `\u001b[${rows - 1}A` : ""}\u001b[J`;
  };
  const draw = (above: string) => {
    if (ended) return;
    // The last column stays free: a terminal that fills it may already be on the next row.
    const shown = fit(foot, columns() - 1);
    const before = erase();
    drawn = widthOf(shown);
    output.write(before + above + paint.dim(shown));
  };
  const redraw = () => draw("");
  output.on("resize", redraw);
  return {
    paint,
    tell: (line = "") => draw(`${line}\n`),
    show: (happening) => draw(`${toTimelineLine(happening, { zone, columns: columns() - 1, paint })}\n`),
    status: (text) => {
      foot = text;
      redraw();
    },
    end: () => {
      if (ended) return;
      foot = "";
      redraw();
      ended = true;
      output.off("resize", redraw);
    },
  };
}
