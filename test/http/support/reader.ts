/** Opens pages as their readers do, at other moments and with sessions in other states. */
import { setSteppedClock } from "../../../src/db/clinic-clock.ts";
import type { SessionId } from "../../../src/domain/ids.ts";
import type { SessionStatus } from "../../../src/domain/patient-facts.ts";
import { at, NOW } from "../../domain/aspen-ridge.ts";
import { makeVisitor } from "../../pages/support/visitor.ts";
import { type Enqueued, pathOf, sessionsOf, type Web } from "./aspen-ridge-web.ts";

type SessionColumns = { status?: SessionStatus; arming?: number; place?: string; joinUrl?: string; setting?: string; startsAt?: string };

export type Reader = {
  sessionOf(series: Enqueued, number: number): Promise<SessionId>;
  /** The page's HTML in a browser that keeps cookies; throws when it is not there. */
  open(subjectId: string, recipient?: "patient" | "escort"): Promise<string>;
  /** What a reader of the page sees. */
  openText(subjectId: string, recipient?: "patient" | "escort"): Promise<string>;
  /** Looks while the session's row says this; afterwards it says what it said before. */
  withSession<Result>(id: SessionId, columns: SessionColumns, look: () => Promise<Result>): Promise<Result>;
  /** Looks while clinic time stands at that moment. */
  atMoment<Result>(moment: string, look: () => Promise<Result>): Promise<Result>;
};

/** Tags taken out, spaces made plain. */
export function toText(page: string): string {
  return page
    .replace(/<[^>]*>/g, " ")
    .replace(/[\s\u00a0]+/g, " ")
    .replace(/ ([.,;])/g, "$1")
    .trim();
}

export function makeReader(web: Web): Reader {
  const { db } = web;
  const reader: Reader = {
    async sessionOf(series, number) {
      const id = (await sessionsOf(web, series))[number - 1];
      if (!id) throw new Error(`No session ${number}`);
      return id;
    },
    async open(subjectId, recipient = "patient") {
      const visitor = makeVisitor(web);
      const answer = await visitor.get(await visitor.enter(await pathOf(web, subjectId, recipient)));
      if (answer.status !== 200) throw new Error(`No page but ${answer.status}`);
      return answer.body;
    },
    openText: async (subjectId, recipient) => toText(await reader.open(subjectId, recipient)),
    async withSession(id, columns, look) {
      const { startsAt, ...before } = await db
        .selectFrom("sessions")
        .select(["status", "arming", "place", "joinUrl", "setting", "startsAt"])
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      await db.updateTable("sessions").set(columns).where("id", "=", id).execute();
      try {
        return await look();
      } finally {
        await db
          .updateTable("sessions")
          .set({ ...before, startsAt: new Date(startsAt).toISOString() })
          .where("id", "=", id)
          .execute();
      }
    },
    async atMoment(moment, look) {
      await setSteppedClock(db, at(moment));
      try {
        return await look();
      } finally {
        await setSteppedClock(db, NOW);
      }
    },
  };
  return reader;
}
