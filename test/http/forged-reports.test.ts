import { beforeAll, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { AUTH_TOKENS, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { checksum } from "./support/checksum.ts";
import { DELIVERY, PATH, type Posting, post, REPORT, sign } from "./support/twilio-report.ts";

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});

/** Every single change that somebody without the token could make to a report that was really sent. */
function forgeries(): Posting[] {
  const signature = sign(REPORT);
  const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  const otherPaths = [
    `/webhooks/twilio/status/${newId()}`,
    `${PATH}?x=1`,
    PATH.toUpperCase(),
    PATH.replace("status", "%73tatus"),
    `${PATH}/`,
    PATH.replace("/twilio", "//twilio"),
    ...Array.from(DELIVERY, (_, at) => `/webhooks/twilio/status/${flip(DELIVERY, at)}`),
  ];
  const values = Object.keys(REPORT).flatMap((name) =>
    ["", "x", `${REPORT[name]}0`, ` ${REPORT[name]}`, `${REPORT[name]}\0`].map((value) => ({ ...REPORT, [name]: value })),
  );
  const names = Object.keys(REPORT).flatMap((name) => {
    const { [name]: value = "", ...rest } = REPORT;
    return [rest, { ...rest, [name.toLowerCase()]: value }, { ...rest, [`${name}x`]: value }];
  });
  const extra = ["Body", "ErrorCode", "__proto__", "constructor", "OptOutType"].map((name) => ({ ...REPORT, [name]: "1" }));
  const doubled = Object.keys(REPORT).flatMap((name) =>
    [`${name}=${encodeURIComponent(REPORT[name] ?? "")}`, `${name}=other`, `${name}[]=other`].map(
      (more) => `${new URLSearchParams(REPORT).toString()}&${more}`,
    ),
  );
  const signatures = [
    null,
    "",
    "x",
    "=".repeat(28),
    signature.toLowerCase(),
    `${signature}=`,
    `${signature} ${signature}`,
    ...Array.from(signature, (_, at) => flip(signature, at)).filter((changed) => changed.slice(0, 26) !== signature.slice(0, 26)),
  ];
  const tokens = [
    "",
    "n",
    "N".repeat(32),
    `${"n".repeat(31)}m`,
    AUTH_TOKENS.join(","),
    ...Array.from({ length: 32 }, (_, at) => flip("n".repeat(32), at)),
  ];
  const bases = [
    "https://visits.aspen-ridge.example.org/",
    "http://visits.aspen-ridge.example.org",
    "https://visits.aspen-ridge.example.com",
    "",
    "http://127.0.0.1",
    "https://evil.example",
  ];
  return [
    ...otherPaths.map((path) => ({ path, signature })),
    ...[...values, ...names, ...extra].map((params) => ({ params, signature })),
    ...doubled.map((body) => ({ body, signature })),
    ...["", "{}", "null", "%", "a=%zz", "\0", "&&&&"].map((body) => ({ body, signature })),
    ...signatures.map((wrong) => ({ signature: wrong })),
    ...tokens.map((token) => ({ signature: sign(REPORT, { token }) })),
    ...bases.map((base) => ({ signature: sign(REPORT, { base }) })),
  ];
}

test("two hundred forgeries and more write nothing, and the true report is kept", async () => {
  const all = forgeries();
  expect(all.length).toBeGreaterThan(200);
  const before = await checksum(web.db);
  for (const forged of all) expect({ forged, status: await post(web, forged) }).toEqual({ forged, status: expect.toBeOneOf([403, 404]) });
  expect(await checksum(web.db)).toEqual(before);
  expect(await post(web)).toBe(204);
});
