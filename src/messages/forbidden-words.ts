/**
 * Words that tell a bystander what somebody is treated for. They stand in no text message, subject or calendar title (a locked screen shows these to anybody)
 * and in no email body unless the patient accepted unencrypted detail. "Treatment" is among them: "visit" says the same and gives nothing away. What is needed
 * to be safe stays allowed: nothing to eat after a time, who drives home. Source: domain-facts 6.1, 5.5.
 */

/** Where words are read: `outside` is SMS, subject and calendar title; `body` an email's text behind the lock screen. */
export type Exposure = "outside" | "body";

const NEVER = [
  "\\w*ketamin\\w*",
  "spravato",
  "lozenges?",
  "pastillas? sublinguales?",
  "sublingual\\w*",
  "intranasal\\w*",
  "infusi\\w*",
  "inject\\w*",
  "inyec\\w*",
  "intraven\\w*",
  "dos(?:e|es|ed|ing|age|is)",
  "drugs?",
  "drogas?",
  "medications?",
  "medicamentos?",
  "farmaco\\w*",
  "treatments?",
  "tratamientos?",
  "therap\\w*",
  "terap\\w*",
  "integration",
  "integracion",
  "trip(?:s|ping)?",
  "psych\\w*",
  "psiq\\w*",
  "psic\\w*",
  "sicolog\\w*",
  "\\w*depress\\w*",
  "\\w*depresi\\w*",
  "anxiety",
  "anxious",
  "ansiedad",
  "ptsd",
  "tept",
  "trauma\\w*",
  "bipolar",
  "mental\\w*",
  "mood\\w*",
  "animo",
  "phq\\w*",
  "gad-?7",
  "pcl-?5",
  "suicid\\w*",
  "diagnos\\w*",
  "symptoms?",
  "sintomas?",
  "fasting",
  "ayun\\w*",
];

/** Said only behind the lock screen. */
const BODY_ONLY = ["medicines?", "medicinas?", "(?:hurt|harm)\\w* (?:yourself|themselves)", "hacerse dano", "988", "alcohol"];

const PATTERNS: { readonly [E in Exposure]: RegExp } = { body: oneOf(NEVER), outside: oneOf([...NEVER, ...BODY_ONLY]) };

function oneOf(words: readonly string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})(?![\\p{L}\\p{N}])`, "giu");
}

/** The forbidden words of a text, each once, in lower case and without accents; empty for a text that may be sent. Addresses of links do not count. */
export function findForbiddenWords(text: string, exposure: Exposure): string[] {
  const plain = text
    .replace(/https?:\/\/\S+/g, " ")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
  return [...new Set(plain.match(PATTERNS[exposure]) ?? [])];
}

const TEACHES =
  /\b(?:reply|respond|text|send|answer|responda|conteste|env[ií]e|mande|escriba)\b(?: back| with| con| la palabra| the word)?\s+["'“]?(cancel|end|quit|yes|y|unsubscribe|stopall|revoke|opt-?out|start|unstop|info|cancelar|alto|parar)\b/giu;
const TEACHES_UPPERCASE = /\b(?:[Rr]esponda|[Cc]onteste|[Ee]nv[ií]e|[Mm]ande|[Ee]scriba)(?: con)?\s+["'“]?(SI|SÍ|FIN)(?![\p{L}])/gu;

/**
 * Carrier words that a text asks people to answer with, such as "reply CANCEL": a carrier takes CANCEL, END or QUIT as an opt-out and YES or START as an
 * opt-in, whatever was meant. STOP and HELP mean what carriers think they mean, and are allowed.
 */
export function findTaughtKeywords(text: string): string[] {
  return [TEACHES, TEACHES_UPPERCASE].flatMap((pattern) => [...text.matchAll(pattern)].map(([, word]) => (word ?? "").toUpperCase()));
}
