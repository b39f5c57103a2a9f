/** Reads a survey's page as a browser without scripts does: keeps its cookie, posts its forms, follows where it is led. */
import type { Web } from "./aspen-ridge-web.ts";
import { toText } from "./reader.ts";

type Fields = { readonly [item: string]: string | undefined };

export type SurveyReader = {
  html(): string;
  text(): string;
  cookie(): string;
  address(screen: number): string;
  /** Sends the screen that is shown. */
  send(fields: Fields): Promise<void>;
  /** Sends one after the other, a field a screen. */
  sendAll(fields: Fields): Promise<void>;
  sendTo(screen: number, fields: Fields): Promise<void>;
  go(screen: number): Promise<void>;
  post(screen: number, fields: Fields): Promise<Response>;
  postRaw(screen: number, body: string): Promise<Response>;
};

/** Opens the link; `year` null: and stops at the question for it. */
export async function openSurvey({ url, config }: Web, path: string, year: string | null): Promise<SurveyReader> {
  let cookie = "";
  let page = "";
  let place = "";
  const base = config.PUBLIC_BASE_URL;
  const request = async (address: string, body: string | null): Promise<Response> => {
    const answer = await fetch(address, {
      method: body === null ? "GET" : "POST",
      redirect: "manual",
      headers: { cookie, ...(body === null ? {} : { "content-type": "application/x-www-form-urlencoded", origin: base }) },
      ...(body === null ? {} : { body }),
    });
    const set = answer.headers.getSetCookie().map((each) => each.split(";")[0] ?? "");
    if (set.length > 0) cookie = set.join("; ");
    return answer;
  };
  const follow = async (answer: Response): Promise<void> => {
    const to = answer.headers.get("location");
    if (to !== null) return follow(await load(new URL(to, url).pathname));
    page = await answer.text();
  };
  const load = async (pathname: string): Promise<Response> => {
    const answer = await request(url + pathname, null);
    if (!answer.headers.has("location")) place = pathname.replace(/\/q\/\d+$/, "");
    return answer;
  };
  await follow(await load(path));
  const root = place;
  const address = (screen: number) => `${url}${root}/q/${screen}`;
  const encode = (fields: Fields) =>
    new URLSearchParams(
      Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as [string, string]])),
    ).toString();
  if (year !== null) await follow(await request(`${url}${root}/year`, encode({ year })));
  const shown = () => Number(/action="[^"]*\/(\d+)"/.exec(page)?.[1] ?? 0);
  const reader: SurveyReader = {
    html: () => page,
    text: () => toText(page),
    cookie: () => cookie,
    address,
    send: (fields) => reader.sendTo(shown(), fields),
    async sendAll(fields) {
      for (const [item, value] of Object.entries(fields)) if (value !== undefined) await reader.send({ [item]: value });
    },
    sendTo: async (screen, fields) => follow(await reader.post(screen, fields)),
    go: async (screen) => follow(await load(`${root}/q/${screen}`)),
    post: (screen, fields) => reader.postRaw(screen, encode(fields)),
    postRaw: (screen, body) => request(address(screen), body),
  };
  return reader;
}
