/** Somebody of the staff with a browser, or with plain requests, at the console of the example clinic. */
import { createServer } from "node:http";
import type { Page } from "playwright-core";
import type { Role } from "../../../src/domain/roles.ts";
import type { Web } from "../../http/support/aspen-ridge-web.ts";
import { signInAs, type SignedIn } from "../../http/support/sign-in.ts";

/** An address that the web server can be told as its public one before it listens. */
export async function freeBaseUrl(): Promise<{ readonly url: string; readonly port: number }> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return { url: `http://127.0.0.1:${port}`, port };
}

export type Clerk = SignedIn & {
  get(path: string): Promise<{ readonly status: number; readonly location: string | null; readonly body: string }>;
  post(
    path: string,
    fields?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly location: string | null; readonly body: string }>;
};

/** Somebody with this role, signed in, who follows no redirect by themselves. */
export async function clerk(web: Web, role: Role): Promise<Clerk> {
  const signedIn = await signInAs(web, { role });
  const ask = async (
    path: string,
    { headers = {}, ...init }: Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string> },
  ) => {
    const answer = await fetch(web.url + path, { ...init, redirect: "manual", headers: { ...headers, cookie: signedIn.cookie } });
    return { status: answer.status, location: answer.headers.get("location"), body: await answer.text() };
  };
  return {
    ...signedIn,
    get: (path) => ask(path, {}),
    post: (path, fields = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ _csrf: signedIn.csrf, ...fields }).toString(),
      }),
  };
}

/** Gives a browser's page the cookie of somebody who is signed in. */
export async function bringIn(page: Page, web: Web, { cookie }: Pick<SignedIn, "cookie">): Promise<void> {
  const [name = "", value = ""] = cookie.split("=");
  await page.context().addCookies([{ name, value, url: web.url }]);
}

/** What a form carries of itself: the revision that was shown, and the events that were seen. */
export function tokensOf(body: string): Record<string, string> {
  return Object.fromEntries(
    ["revision", "seen"].flatMap((name): [string, string][] => {
      const [, value] = new RegExp(`name="${name}" value="([^"]*)"`).exec(body) ?? [];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
