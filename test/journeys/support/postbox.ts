/** What left the house, as the mail server and the carrier's API have it, each message with the clinic time at which it left and the rule that asked for it. */
import { sql } from "kysely";
import { simpleParser } from "mailparser";
import { formatLocal, type Instant } from "../../../src/domain/calendar.ts";
import { parseZone, toLocal } from "../../../src/domain/place-in-time.ts";
import { type ParsedCalendar, parseCalendar } from "../../support/parse-calendar.ts";
import type { World } from "../../support/world.ts";

export type Arrival = {
  readonly at: Instant;
  /** On the wall of whom it is for. */
  readonly wall: string;
  readonly channel: "mail" | "text";
  readonly to: string;
  /** Empty for a text. */
  readonly subject: string;
  /** The plain text of a mail, or the whole of a text. */
  readonly words: string;
  readonly calendars: readonly ParsedCalendar[];
  /** The same as they came. */
  readonly ics: readonly string[];
  readonly rule: string;
  /** `2027-01-10T16:00 text day-before`. */
  readonly line: string;
};

export type Postbox = {
  /** Takes what came in since the last call; it left at this moment. */
  collect(at: Instant): Promise<void>;
  reached(address?: string | null): readonly Arrival[];
};

export function openPostbox({ smtp, twilio, deps: { db } }: Pick<World, "smtp" | "twilio" | "deps">): Postbox {
  const arrivals: Arrival[] = [];
  let [mails, texts] = [0, 0];
  const add = async (at: Instant, touchpoint: string, rest: Omit<Arrival, "at" | "wall" | "rule" | "line">) => {
    const { rows } = await sql<{ rule: string; zone: string }>`select rule, zone from touchpoints where id = ${touchpoint}`.execute(db);
    const [row] = rows;
    const zone = parseZone(row?.zone ?? "");
    if (!row || !zone) throw new Error(`No touchpoint ${touchpoint} for a message to ${rest.to}`);
    const wall = formatLocal(toLocal(zone, at));
    arrivals.push({ ...rest, at, wall, rule: row.rule, line: `${wall} ${rest.channel} ${row.rule}` });
  };
  return {
    collect: async (at) => {
      const [freshMails, freshTexts] = [smtp.mails().slice(mails), twilio.messages().slice(texts)];
      mails += freshMails.length;
      texts += freshTexts.length;
      for (const { raw, envelope } of freshMails) {
        const { messageId = "", subject = "", text = "", attachments } = await simpleParser(raw, { skipTextToHtml: true });
        const ics = attachments.filter(({ filename }) => filename?.startsWith("invite")).map(({ content }) => content.toString());
        const calendars = ics.map((each) => parseCalendar(each));
        await add(at, MESSAGE_ID.exec(messageId)?.[1] ?? messageId, {
          channel: "mail",
          to: envelope.to.join(),
          subject,
          words: text,
          calendars,
          ics,
        });
      }
      for (const { to, body, statusCallback = "" } of freshTexts) {
        const { rows } = await sql<{ id: string }>`
          select touchpoint_id as id from deliveries where id = ${DELIVERY_ID.exec(statusCallback)?.[0] ?? null}`.execute(db);
        await add(at, rows[0]?.id ?? statusCallback, { channel: "text", to, subject: "", words: body, calendars: [], ics: [] });
      }
    },
    reached: (address) => arrivals.filter(({ to }) => address === undefined || to === address).toSorted(inOrder),
  };
}

/** What leaves at one moment leaves in any order. */
function inOrder(a: Arrival, b: Arrival): number {
  return a.at - b.at || (`${a.line} ${a.to}` < `${b.line} ${b.to}` ? -1 : 1);
}

/** The Message-ID is `<tp-ID@domain>`, the same on every attempt. */
const MESSAGE_ID = /^<tp-([0-9a-f-]{36})@/;
const DELIVERY_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;
