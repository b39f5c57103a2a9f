/** Looks at pages of the console as people do: on a phone, a tablet and a desktop, in light and in dark. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { DESKTOP, findBarriers, PHONE, type Surfer } from "../../support/browser.ts";
import type { Web } from "../../http/support/aspen-ridge-web.ts";
import { bringIn, type Clerk } from "./console-visitor.ts";

const TABLET = { viewport: { width: 834, height: 1112 }, hasTouch: true } as const;

export const LOOKS = [
  ["phone-light", { ...PHONE, colorScheme: "light" as const }],
  ["phone-dark", { ...PHONE, colorScheme: "dark" as const }],
  ["tablet-light", { ...TABLET, colorScheme: "light" as const }],
  ["desktop-light", { ...DESKTOP, colorScheme: "light" as const }],
  ["desktop-dark", { ...DESKTOP, colorScheme: "dark" as const }],
] satisfies [string, BrowserContextOptions][];

type Visit = {
  readonly web: Web;
  readonly who: Clerk;
  readonly surfer: Surfer;
  readonly look: { readonly name: string; readonly options: BrowserContextOptions };
};

/** Opens each of these pages: none has barriers or scrolls sideways. SHOTS names a folder for pictures of them. */
export async function lookAt({ web, who, surfer, look: { name, options } }: Visit, pages: Readonly<Record<string, string>>): Promise<void> {
  const page = await surfer.open(options);
  await bringIn(page, web, who);
  for (const [title, path] of Object.entries(pages)) await lookAtOne(page, web.url + path, `${title}-${name}`);
}

async function lookAtOne(page: Page, url: string, title: string): Promise<void> {
  const answer = await page.goto(url);
  expect(answer?.status(), title).toBe(200);
  const folder = process.env["SHOTS"];
  if (folder) await page.screenshot({ path: `${folder}/${title}.png`, fullPage: true });
  expect(await findBarriers(page), title).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), `${title} does not scroll sideways`).toBe(true);
  expect((await page.content()).length, `${title} is small`).toBeLessThan(150_000);
}
