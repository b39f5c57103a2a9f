import { type HeaderLines, simpleParser } from "mailparser";
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import type { PatientId, TouchpointId } from "../../src/domain/ids.ts";
import { at, openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, makeSenders } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
/** As in production: the pages are reached over TLS. */
const publicBaseUrl = "https://visits.aspen-ridge.example.org";
let ana: PatientId;

beforeAll(async () => {
  ana = await enqueueAna(world);
});

/** Sends one mail; its header lines of unsubscribing, unfolded, and its text. */
async function send(ids: readonly TouchpointId[]): Promise<{ headers: string[]; text: string }> {
  world.smtp.clear();
  await (await makeSenders(world, { publicBaseUrl })).email({ touchpointIds: [...ids] });
  const [mail] = world.smtp.mails();
  if (!mail) throw new Error("No mail was sent");
  const { headerLines, text = "" } = await simpleParser(mail.raw);
  return { headers: listed(headerLines), text };
}

function listed(lines: HeaderLines): string[] {
  return lines.filter(({ key }) => key.startsWith("list-")).map(({ line }) => line.replace(/\r\n/g, ""));
}

test("a mail that everybody gets leads to the preferences, and no one click ends it", async () => {
  const { headers, text } = await send(await findWelcomes(world, [ana], "email"));
  expect(headers).toEqual([]);
  expect(text).toMatch(
    /Choose your messages, your language and quiet hours:\s+https:\/\/visits\.aspen-ridge\.example\.org\/v\/[\w-]{43}\n/,
  );
});

test("a mail that asks for a questionnaire says where one click ends such mails", async () => {
  await stepClock(db, at("2027-01-08T17:00:00Z"));
  const { rows } = await sql<{ id: TouchpointId }>`
    update touchpoints set try_at = (select afterglow_now()), legal_at = tstzmultirange(tstzrange((select afterglow_now()), (select afterglow_now()) + interval '1 day'))
    where id = (
      select id from touchpoints where patient_id = ${ana} and purpose = 'survey' and channel = 'email' and state = 'planned' order by due_at limit 1)
    returning id`.execute(db);
  const { headers, text } = await send(rows.map(({ id }) => id));
  expect(headers).toEqual([
    expect.stringMatching(/^List-Unsubscribe: <https:\/\/visits\.aspen-ridge\.example\.org\/u\/[\w-]{43}\/surveys>$/),
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
  ]);
  const [, token = ""] = /\/u\/([\w-]{43})/.exec(headers.join("")) ?? [];
  expect(text).toContain(`/v/${token}`);
});
