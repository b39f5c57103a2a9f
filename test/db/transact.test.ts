import { sql } from "kysely";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import type { Tx } from "../../src/db/database.ts";
import { transact } from "../../src/db/transact.ts";
import { cloneDatabase } from "../support/database.ts";
import { byText } from "../support/by-text.ts";

const { db } = await cloneDatabase();

const addGroup = (tx: Tx, slug: string) => tx.insertInto("groups").values({ id: newId<"group">(), slug }).execute();
const countGroups = async (slug: string) => (await db.selectFrom("groups").select("id").where("slug", "=", slug).execute()).length;

/** Raises PostgreSQL's own error of that code, as a deadlock would. */
const fail = (tx: Tx, code: string) =>
  sql`do ${sql.raw(`$$ begin raise exception 'as asked' using errcode = '${code}'; end $$`)}`.execute(tx);

describe("a transaction", () => {
  test.each(["40P01", "40001", "23505"])("that PostgreSQL gives up with %s is run again as a whole", async (code) => {
    const slug = `again-${code.toLowerCase()}`;
    let runs = 0;
    await transact(db, async (tx) => {
      await addGroup(tx, slug);
      if (++runs < 3) await fail(tx, code);
    });
    expect(runs).toBe(3);
    expect(await countGroups(slug)).toBe(1);
  });

  test("is tried five times, then the error is the caller's and nothing is left", async () => {
    let runs = 0;
    const work = transact(db, async (tx) => {
      runs += 1;
      await addGroup(tx, "never");
      await fail(tx, "40001");
    });
    await expect(work).rejects.toMatchObject({ code: "40001" });
    expect(runs).toBe(5);
    expect(await countGroups("never")).toBe(0);
  });

  test("that fails for any other reason is not run again, and leaves nothing", async () => {
    let runs = 0;
    const work = transact(db, async (tx) => {
      runs += 1;
      await addGroup(tx, "once");
      throw new Error("not PostgreSQL's");
    });
    await expect(work).rejects.toThrow("not PostgreSQL's");
    expect(runs).toBe(1);
    expect(await countGroups("once")).toBe(0);
  });

  test("of two that lock the same rows crosswise, both come through; without the repeat one is lost", async () => {
    const [a, b] = [newId<"group">(), newId<"group">()];
    await db
      .insertInto("groups")
      .values([
        { id: a, slug: "a0" },
        { id: b, slug: "b0" },
      ])
      .execute();
    const crosswise = async (run: (work: (tx: Tx) => Promise<void>) => Promise<void>) => {
      let arrived = 0;
      let open: () => void = () => undefined;
      const bothHold = new Promise<void>((resolve) => (open = resolve));
      const work = (first: typeof a, second: typeof a) => async (tx: Tx) => {
        await sql`set local deadlock_timeout = '20ms'`.execute(tx);
        await sql`update groups set slug = slug || '1' where id = ${first}`.execute(tx);
        if (++arrived === 2) open();
        await bothHold;
        await sql`update groups set slug = slug || '1' where id = ${second}`.execute(tx);
      };
      return Promise.allSettled([run(work(a, b)), run(work(b, a))]);
    };
    const once = await crosswise((work) => db.transaction().execute(work));
    expect(once.map(({ status }) => status).toSorted(byText)).toEqual(["fulfilled", "rejected"]);
    const lost = once.find((each) => each.status === "rejected")?.reason;
    expect(lost).toBeInstanceOf(pg.DatabaseError);
    const again = await crosswise((work) => transact(db, work));
    expect(again.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  });
});
