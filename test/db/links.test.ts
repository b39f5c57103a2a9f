import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { hashToken, makeLinkTokens } from "../../src/db/link-tokens.ts";
import { ensureLinks, type LinkSubject } from "../../src/db/links.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { storePerson } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const person = await storePerson(db, await storeClinic(db));

describe("a personal link", () => {
  const tokens = makeLinkTokens({ keys: new Map([["l1", Buffer.alloc(32, 7)]]) });
  const { clinicId, patientId, seriesId } = person;
  const subject: LinkSubject = {
    clinicId,
    patientId,
    kind: "session",
    subjectId: seriesId,
    recipient: "patient",
    expiresAt: instant(NOW + HOUR),
  };

  test("is made once for a subject and recipient; its expiry follows the plan; only the hash of its token is stored", async () => {
    const make = (each: LinkSubject) => transact(db, (tx) => ensureLinks(tx, [each], tokens));
    const first = (await make(subject)).get(`${seriesId}/patient`);
    const again = (await make({ ...subject, expiresAt: instant(NOW + 2 * HOUR) })).get(`${seriesId}/patient`);
    if (!first) expect.unreachable();
    expect(again).toBe(first);
    const link = await db.selectFrom("links").selectAll().where("id", "=", first).executeTakeFirstOrThrow();
    const token = tokens.tokenOf({ id: link.id, generation: link.generation, keyId: link.keyId });
    expect(link.tokenHash.equals(hashToken(token))).toBe(true);
    expect(link.expiresAt).toBe(NOW + 2 * HOUR);
    expect(JSON.stringify(link)).not.toContain(token);
  });

  test("that was revoked is followed by one of the next generation, once; the revoked one stays as it is", async () => {
    const other = await storePerson(db, await storeClinic(db));
    const mine: LinkSubject = { ...subject, clinicId: other.clinicId, patientId: other.patientId, subjectId: other.seriesId };
    const make = async (each: LinkSubject) =>
      (await transact(db, (tx) => ensureLinks(tx, [each], tokens))).get(`${other.seriesId}/patient`);
    const revoke = () => sql`update links set revoked_at = clock_timestamp() where subject_id = ${other.seriesId}`.execute(db);
    const first = await make(mine);
    await revoke();
    const second = await make({ ...mine, expiresAt: instant(NOW + 3 * HOUR) });
    expect(await make(mine)).toBe(second);
    await revoke();
    const third = await make(mine);
    const links = await db
      .selectFrom("links")
      .select(["id", "generation", "expiresAt", "keyId", "tokenHash"])
      .where("subjectId", "=", other.seriesId)
      .orderBy("generation")
      .execute();
    expect(links.map(({ id, generation, expiresAt }) => [id, generation, expiresAt])).toEqual([
      [first, 0, NOW + HOUR],
      [second, 1, NOW + 3 * HOUR],
      [third, 2, NOW + HOUR],
    ]);
    for (const link of links) expect(link.tokenHash.equals(hashToken(tokens.tokenOf(link)))).toBe(true);
  });
});
