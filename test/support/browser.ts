/** A real browser for a file of tests: Chromium without a window, started once and closed after the file. Where there is none, its tests are skipped by name. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { z } from "zod";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env["CHROMIUM_PATH"] ?? PATHS.find((path) => existsSync(path));

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
export const NARROW = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true } as const;
export const TABLET = { viewport: { width: 834, height: 1112 }, hasTouch: true, isMobile: true } as const;
export const DESKTOP = { viewport: { width: 1280, height: 800 } } as const;

export type Surfer = {
  /** A browser of somebody of their own, with cookies of their own. */
  open(options?: BrowserContextOptions): Promise<Page>;
};

/** Describes what is done with a browser. */
export function describeInBrowser(name: string, tests: (surfer: Surfer) => void): void {
  const has = executablePath !== undefined;
  describe.skipIf(!has)(has ? name : `${name} (not run: there is no Chromium; set CHROMIUM_PATH)`, () => {
    let browser: Browser | undefined;
    const contexts: BrowserContext[] = [];
    beforeAll(async () => {
      browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] });
    });
    afterAll(async () => {
      await Promise.all(contexts.map((context) => context.close()));
      await browser?.close();
    });
    tests({
      async open(options = PHONE) {
        if (!browser) throw new Error("The browser is not open yet");
        const context = await browser.newContext(options);
        contexts.push(context);
        return context.newPage();
      },
    });
  });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const violations = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })) }));

/** What axe finds against WCAG 2.2 A and AA on the page as it stands, a line each; scripts of the page itself stay forbidden. */
export async function findBarriers(page: Page): Promise<string[]> {
  const found: unknown = await page.evaluate(
    // A string, because the page's policy forbids scripts and the driver evaluates beside it.
    `(() => { ${axeSource}; return axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((result) => result.violations); })()`,
  );
  return violations.parse(found).flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
