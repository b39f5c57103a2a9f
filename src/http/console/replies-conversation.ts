/** What was said between us and a number, as a telephone shows it: theirs on the left, ours on the right. */
import type { Instant } from "../../domain/calendar.ts";
import type { InboundId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import type { Said } from "../../producers/open-conversation.ts";
import { html, type Html } from "../html.ts";
import { sayActor, sayRule } from "./say-change.ts";
import { moment } from "./say-moment.ts";

type Around = { readonly zone: Zone; readonly now: Instant /** The text that is looked at. */; readonly id: InboundId | null };

/** Of what was written from its template at the moment of sending only the telephone has the words: it is named. */
export function conversation(said: readonly Said[], { zone, now, id }: Around): Html {
  return html`<ol class="talk">${said.map((each) => html`<li class="${each.from}${each.inboundId !== null && each.inboundId === id ? " here" : ""}"><p class="words">${wordsOf(each)}</p><p class="small quiet">${moment(zone, each.at, now)}${byWhom(each)}</p></li>`)}</ol>`;
}

function wordsOf({ words, template }: Said): Html {
  return words === null ? html`<em>${sayRule(template ?? "message")}</em>` : html`${words}`;
}

function byWhom({ from, actor, words, state }: Said): Html | null {
  if (from === "them") return null;
  const who = actor !== null ? `, ${sayActor(actor)}` : words === null ? ", automatic" : "";
  const unsure = state === null || state === "sent" ? "" : state === "unknown" ? ", not known whether it arrived" : ", on its way";
  return html`${who}${unsure}`;
}
