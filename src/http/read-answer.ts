/** Reads what a visit's page has sent: an answer with its words, or which field has to be mended. */
import { z } from "zod";
import { findForbiddenCharacter } from "../domain/forbidden-character.ts";
import { writeCompanion } from "../domain/named-companion.ts";
import { SESSION_ANSWERS, type SessionAnswerKind } from "../domain/patient-facts.ts";
import { parsePersonName } from "../domain/person-name.ts";
import { parsePhone } from "../domain/phone-number.ts";
import type { AnswerFault } from "./show-answers.ts";

export type ReadAnswer =
  | { readonly kind: "answer"; readonly answer: SessionAnswerKind; readonly detail: string | null }
  | { readonly kind: "fault"; readonly fault: AnswerFault };

/** No field is longer, whatever a form says. */
const LONGEST_FIELD = 2_000;
const field = z.string().max(LONGEST_FIELD).default("");
const form = z.object({ answer: z.enum(SESSION_ANSWERS), when: field, name: field, phone: field, place: field, address: field });

const LONGEST_WORDS = 300;

/** Undefined for what no form of ours sends. `country` reads phone numbers. */
export function readAnswer(body: unknown, country: string): ReadAnswer | undefined {
  const { data } = form.safeParse(body);
  if (!data) return undefined;
  const { answer } = data;
  if (answer === "asks-to-move") return readWish(data.when);
  if (answer === "driver-named") return readNamed(data, country);
  if (answer === "location-confirmed") return readPlace(data);
  return { kind: "answer", answer, detail: null };
}

function readWish(when: string): ReadAnswer {
  const words = toWords(when);
  if (words !== null && words.length > LONGEST_WORDS) return fault("when", { when });
  return { kind: "answer", answer: "asks-to-move", detail: words };
}

function readNamed({ name, phone }: { name: string; phone: string }, country: string): ReadAnswer {
  const named = parsePersonName(name);
  if (!named.ok) return fault("name", { name, phone });
  if (phone.trim() === "") return { kind: "answer", answer: "driver-named", detail: writeCompanion({ name: named.value, phone: null }) };
  const number = parsePhone(phone, country);
  if (!number.ok) return fault("phone", { name, phone });
  return { kind: "answer", answer: "driver-named", detail: writeCompanion({ name: named.value, phone: number.value }) };
}

function readPlace({ place, address }: { place: string; address: string }): ReadAnswer {
  if (place === "home") return { kind: "answer", answer: "location-confirmed", detail: "home" };
  if (place !== "elsewhere") return fault("place", { address });
  const words = toWords(address);
  return words === null ? fault("address", { address }) : { kind: "answer", answer: "location-confirmed", detail: words };
}

function fault(field: AnswerFault["field"], said: AnswerFault["said"]): ReadAnswer {
  return { kind: "fault", fault: { field, said } };
}

/** What somebody wrote, without the marks that nobody sees; null where nothing is left. Line breaks stay. */
function toWords(text: string): string | null {
  const lines = text.split(/\r\n?|\n/).map((line) => Array.from(line).filter(isVisible).join("").trim());
  const words = lines.join("\n").trim().normalize("NFC");
  return words === "" ? null : words;
}

function isVisible(mark: string): boolean {
  return findForbiddenCharacter(mark) === undefined;
}
