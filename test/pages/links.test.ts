import { beforeAll, describe, expect, test } from "vitest";
import { hashToken } from "../../src/db/link-tokens.ts";
import { machineNow, newId } from "../../src/clock.ts";
import type { LinkId } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/calendar.ts";
import { handleOf, makeVisitCookies } from "../../src/http/visit-cookie.ts";
import { at, NOW } from "../domain/aspen-ridge.ts";
import { parsePublished } from "../support/parse-calendar.ts";
import {
  type Enqueued,
  enqueueExample,
  openClinic,
  pathOf,
  PUBLIC_BASE_URL,
  sessionsOf,
  startWeb,
  type Web,
} from "../http/support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "../http/support/reader.ts";
import { makeVisitor, openVisit } from "./support/visitor.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 300, perSecond: 0.01, addresses: 1_000 } });
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
});

describe("the cookie of a link", () => {
  const setCookie = async () => {
    const answer = await fetch(web.url + (await pathOf(web, (await sessionsOf(web, ana))[0] ?? "")), { redirect: "manual" });
    return answer.headers.getSetCookie().join("");
  };

  test("is kept for half an hour, from this host, out of reach of scripts and other sites, and does not hold the token", async () => {
    const cookie = await setCookie();
    expect(cookie).toMatch(/^__Host-visit-[\w-]{12}=[^;]+; Path=\/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure$/);
    expect(cookie).not.toContain((await pathOf(web, (await sessionsOf(web, ana))[0] ?? "")).slice(3));
  });

  test("has a plain name where the pages are served without TLS, as in the demo, and works all the same", async () => {
    const plain = await startWeb({ changes: { PUBLIC_BASE_URL: "http://127.0.0.1:8080" } });
    await openClinic(plain, ["iv-ketamine"]);
    const { visitor, path } = await openVisit(plain, await enqueueExample(plain, "ana-iv"), 1);
    expect(await visitor.post(`${path}/answer`, { answer: "confirmed" })).toMatchObject({ status: 303, location: path });
    expect((await visitor.get(path)).body).toContain("You told us that you will be there.");
  });

  const ring = { keys: new Map([["l1", Buffer.alloc(32, 7)]]) };
  const other = { keys: new Map([["l1", Buffer.alloc(32, 8)]]) };
  const linkId = newId<"link">();
  const visit = { linkId, locale: null, yearVerified: false };
  const cookies = makeVisitCookies(ring, PUBLIC_BASE_URL);
  const valueOf = (now: Instant) => cookies.write(visit, { now, seconds: 60 }).split(";")[0] ?? "";

  test("is read until its last second, and not after it", () => {
    const now = machineNow();
    const until = instant(Math.floor(now / 1_000) * 1_000 + 60_000);
    expect(cookies.read(valueOf(now), handleOf(linkId), instant(until - 1))).toEqual(visit);
    expect(cookies.read(valueOf(now), handleOf(linkId), until)).toBeUndefined();
  });

  test("is none when it was changed, signed with another key, or asked for under another handle", () => {
    const now = machineNow();
    const value = valueOf(now);
    expect(cookies.read(value.replace(".n.", ".y."), handleOf(linkId), now)).toBeUndefined();
    expect(makeVisitCookies(other, PUBLIC_BASE_URL).read(value, handleOf(linkId), now)).toBeUndefined();
    expect(cookies.read(value, handleOf(newId<"link">()), now)).toBeUndefined();
    for (const odd of ["", "visit", "a=b", `${value.split("=")[0]}=`, `${value.split("=")[0]}=....`])
      expect(cookies.read(odd, handleOf(linkId), now)).toBeUndefined();
  });

  test("does not outlive its link", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 2);
    const revoke = (revokedAt: string | null) => web.db.updateTable("links").set({ revokedAt }).where("subjectId", "=", id).execute();
    await revoke(new Date(NOW).toISOString());
    expect((await visitor.get(path)).status).toBe(404);
    expect((await visitor.post(`${path}/answer`, { answer: "confirmed" })).status).toBe(404);
    await revoke(null);
    expect((await visitor.get(path)).status).toBe(200);
    expect((await reader.atMoment("2027-03-01T00:00:00Z", () => visitor.get(path))).status).toBe(404);
  });
});

describe("a token that is guessed", () => {
  test("is refused after a while to whoever asks for many that begin alike, from wherever", async () => {
    const guess = (end: number) => `/v/AAAAAAAA${String(end).padStart(35, "0")}`;
    const statuses = new Set<number>();
    for (let end = 0; end < 400; end++)
      statuses.add((await fetch(web.url + guess(end), { headers: { "x-forwarded-for": `198.51.100.${end % 200}` } })).status);
    expect(statuses).toEqual(new Set([404, 429]));
  });
});

describe("the year of birth before a page with health content", () => {
  /** A link to a survey of Ana's, born in 1984 says her chart. */
  async function addLink(): Promise<{ path: string; id: LinkId }> {
    const id = newId<"link">();
    const link = { id, generation: 0, keyId: web.tokens.keyId };
    const { clinicId } = await web.db.selectFrom("series").select("clinicId").where("id", "=", ana.seriesId).executeTakeFirstOrThrow();
    const sealed = web.vault.seal("1984-03-09", { table: "patients", column: "birth_date_sealed", row: ana.patientId });
    await web.db.updateTable("patients").set({ birthDateSealed: sealed }).where("id", "=", ana.patientId).execute();
    const tokenHash = hashToken(web.tokens.tokenOf(link));
    const rest = {
      clinicId,
      patientId: ana.patientId,
      kind: "survey",
      subjectId: newId(),
      recipient: "patient",
      expiresAt: "2027-06-01T00:00:00Z",
    };
    await web.db
      .insertInto("links")
      .values({ ...link, ...rest, tokenHash })
      .execute();
    return { path: `/v/${web.tokens.tokenOf(link)}`, id };
  }
  const failuresOf = async (id: LinkId) =>
    (await web.db.selectFrom("links").select("failures").where("id", "=", id).executeTakeFirstOrThrow()).failures;

  test("is asked for, and nothing is shown or taken without it", async () => {
    const visitor = makeVisitor(web);
    const path = await visitor.enter((await addLink()).path);
    expect((await visitor.get(path)).body).toContain("What year were you born?");
    const posted = await visitor.post(`${path}/q/1`, { item1: "3" });
    expect(posted.status).toBe(403);
    expect(posted.body).toContain("What year were you born?");
  });

  test("opens with the right one, in whichever digits, and is asked no more", async () => {
    const visitor = makeVisitor(web);
    const { path: link, id } = await addLink();
    const path = await visitor.enter(link);
    const wrong = await visitor.post(`${path}/year`, { year: "1985" });
    expect(wrong.status).toBe(422);
    expect(wrong.body).toContain("That is not the year we have.");
    expect(await failuresOf(id)).toBe(1);
    expect(await visitor.post(`${path}/year`, { year: " １９８４ " })).toMatchObject({ status: 303, location: path });
    expect((await visitor.get(path)).body).not.toContain("What year were you born?");
    expect(await failuresOf(id)).toBe(0);
  });

  test("cannot be guessed: after five wrong ones nobody may try for fifteen minutes, not even with the right one", async () => {
    const visitor = makeVisitor(web);
    const { path: link, id } = await addLink();
    const path = await visitor.enter(link);
    const tries = await Promise.all(Array.from({ length: 20 }, (_, back) => visitor.post(`${path}/year`, { year: String(1960 + back) })));
    expect(tries.filter(({ status }) => status === 422)).toHaveLength(4);
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(16);
    expect(await failuresOf(id)).toBe(5);
    const later = (minutes: number, year: string) =>
      reader.atMoment(new Date(NOW + minutes * 60_000).toISOString(), () => visitor.post(`${path}/year`, { year }));
    expect((await later(14, "1984")).status).toBe(429);
    expect((await later(15, "1984")).status).toBe(303);
  });
});

describe("the calendar file", () => {
  test("is the entry of the mailed invitation: the same UID and sequence, neutral words, an organizer and nobody invited", async () => {
    const { visitor, path, id } = await openVisit(web, ana, 3);
    const file = await visitor.get(`${path}/calendar.ics`);
    expect(file.type).toBe("text/calendar; charset=utf-8; method=PUBLISH");
    const { method, event } = parsePublished(file.body);
    expect(method).toBe("PUBLISH");
    expect(event).toMatchObject({
      UID: `${id}@afterglow.invalid`,
      SEQUENCE: "0",
      SUMMARY: "Appointment - Aspen Ridge Clinic",
      DTSTART: "20270115T160000Z",
      STATUS: "CONFIRMED",
      DESCRIPTION: PUBLIC_BASE_URL + (await pathOf(web, id)),
    });
    expect(event["ATTENDEE"]).toBeUndefined();
    expect(at("2027-01-15T16:00:00Z")).toBeGreaterThan(NOW);
  });

  test("is none for a visit that is off", async () => {
    const [, , , id] = await sessionsOf(web, ana);
    if (!id) throw new Error("No session 4");
    const { visitor, path } = await openVisit(web, ana, 4);
    const file = await reader.withSession(id, { status: "cancelled" }, () => visitor.get(`${path}/calendar.ics`));
    expect(file.status).toBe(404);
  });
});
