import { expect, test } from "vitest";
import { PAGE_STYLESHEET } from "../../src/http/page-stylesheet.ts";

const [light, dark] = [...PAGE_STYLESHEET.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, block = ""]) => new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = "", colour = ""]) => [name, colour])),
);

/** Relative luminance and contrast as WCAG 2.2 defines them. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

test("the measure knows black on white and a grey that fails", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
});

test.each([
  ["text", "card"],
  ["text", "ground"],
  ["text", "note"],
  ["quiet", "card"],
  ["quiet", "ground"],
  ["accent", "card"],
  ["on-accent", "accent"],
])("%s on %s can be read in light and dark", (text, ground) => {
  for (const colours of [light, dark])
    expect(contrast(colours?.get(text) ?? "#ffffff", colours?.get(ground) ?? "#ffffff")).toBeGreaterThanOrEqual(4.5);
});
