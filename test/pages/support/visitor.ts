/** Somebody with a browser that keeps cookies and follows no redirect by itself: what each answer is can be looked at. */
import { expect } from "vitest";
import { type Enqueued, pathOf, sessionsOf, type Web } from "../../http/support/aspen-ridge-web.ts";

export type Answer = { readonly status: number; readonly location: string | null; readonly body: string; readonly type: string };

export type Visitor = {
  /** Follows the link of a message to its page, whose clean path this is. */
  enter(path: string): Promise<string>;
  get(path: string): Promise<Answer>;
  /** Posts a form that is written already. */
  postForm(path: string, form: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
};

export function makeVisitor({ url }: Pick<Web, "url">): Visitor {
  const jar = new Map<string, string>();
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = new Headers(init.headers);
    if (cookie) headers.set("cookie", cookie);
    const answer = await fetch(url + path, { ...init, headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const { status } = answer;
    return { status, location: answer.headers.get("location"), body: await answer.text(), type: answer.headers.get("content-type") ?? "" };
  };
  const visitor: Visitor = {
    get: (path) => ask(path, { method: "GET" }),
    post: (path, fields = {}, headers = {}) => visitor.postForm(path, new URLSearchParams(fields).toString(), headers),
    postForm: (path, form, headers = {}) =>
      ask(path, {
        method: "POST",
        body: form,
        headers: withoutEmpty({ "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", ...headers }),
      }),
    async enter(path) {
      const first = await visitor.get(path);
      expect(first).toMatchObject({ status: 303, location: `${path}/read` });
      const second = await visitor.get(`${path}/read`);
      expect(second.status).toBe(303);
      return second.location ?? "";
    },
  };
  return visitor;
}

/** A header without a value is not sent: a browser that does not know it. */
function withoutEmpty(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));
}

/** The clean path of the page of a patient's visit, and the visitor who has opened it. */
export async function openVisit(web: Web, of: Enqueued, number: number): Promise<{ visitor: Visitor; path: string; id: string }> {
  const id = (await sessionsOf(web, of))[number - 1];
  if (!id) throw new Error(`No session ${number}`);
  const visitor = makeVisitor(web);
  return { visitor, id, path: await visitor.enter(await pathOf(web, id)) };
}
