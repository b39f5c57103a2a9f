/**
 * A text as a QR picture in the page itself: nothing is fetched for it, and nobody else learns the text. Black on white in light and dark, with the quiet zone of
 * four modules that readers ask for (ISO/IEC 18004).
 */
import { encode } from "uqr";
import { html, type Html } from "../html.ts";

const QUIET_ZONE = 4;

/** `says` stands in its place for whoever does not see it, and must not repeat the text where that is a secret. Throws for texts above 2,331 bytes. */
export function qrPicture(text: string, says: string): Html {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const path = data
    .map((row, y) =>
      runsOf(row)
        .map(({ x, length }) => `M${x} ${y}h${length}v1h-${length}z`)
        .join(""),
    )
    .join("");
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${says}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`;
}

/** Dark modules beside each other are one piece: the page stays small. */
function runsOf(row: readonly boolean[]): { readonly x: number; readonly length: number }[] {
  const edges = row.flatMap((isDark, x) => (isDark && row[x - 1] !== true ? [x] : []));
  return edges.map((x) => {
    const end = row.indexOf(false, x);
    return { x, length: (end === -1 ? row.length : end) - x };
  });
}
