/** Which templates a protocol asks for, and the sources that stand behind them. */
import { createHash } from "node:crypto";
import { mayBecomeCall } from "../domain/becomes-call.ts";
import type { Fault } from "../domain/fault.ts";
import type { Protocol, ProtocolFile } from "../domain/protocol.ts";
import { checkTemplates, type TemplateUse } from "./check-templates.ts";
import { hashTemplates, selectTemplates, type TemplateSources } from "./template-sources.ts";

/** The call about a session of which nobody recorded what happened: asked for by the sweep, not by a rule. */
const NO_OUTCOME: TemplateUse = { stem: "no-outcome-call", channels: ["task"] };
/** The task about an address that keeps failing: asked for by what providers report. */
const CHECK_ADDRESS: TemplateUse = { stem: "check-address", channels: ["task"] };
/** The task about a session that the clinic's own calendar lacks: asked for by `sessions sync`. */
const MISSING: TemplateUse = { stem: "missing-from-calendar", channels: ["task"] };

/** What answers a text, carries what staff write, or asks the desk for something whatever the protocol says: part of every approval. */
const HOUSE: readonly TemplateUse[] = [
  ...[
    "answer-confirmed",
    "answer-will-call",
    "answer-help",
    "answer-stopped",
    "answer-started",
    "answer-received",
    "answer-which",
    "answer-crisis",
    "phrase-bring-papers",
    "phrase-call-us",
    "phrase-thank-you",
    "phrase-tried-to-call",
    "phrase-we-run-late",
  ].map((stem): TemplateUse => ({ stem, channels: ["sms"] })),
  { stem: "staff-message", channels: ["sms", "email"] },
  ...[
    "opted-out",
    "meant-visit",
    "wrong-number",
    "read-reply",
    "review-replies",
    "wants-to-move",
    "home-trouble",
    "find-driver",
    "escort-wrote",
    "decide-held",
    "not-ready",
    "system-not-told",
  ].map((stem): TemplateUse => ({ stem, channels: ["task"] })),
];

/** The same, a stem and channel each: what an approval that was made before them lacks. */
export const HOUSE_WORDS = HOUSE.flatMap(({ stem, channels }) => channels.map((channel) => ({ stem, channel })));

/** What the rules ask of each stem. A message that becomes a call when it goes unsent needs the words of one. */
export function templateUses({ rules }: Protocol): TemplateUse[] {
  const ofRules = rules.map((rule): TemplateUse => {
    const { template: stem, channels, recipient, sessions } = rule;
    const call = mayBecomeCall(rule) ? (["task"] as const) : [];
    return { stem, channels: [...new Set([...channels, ...call])], kinds: sessions.kinds, recipient };
  });
  return [...ofRules, ...HOUSE, NO_OUTCOME, CHECK_ADDRESS, MISSING];
}

/** The sources of exactly the stems that a protocol needs. */
export function templatesOf(protocol: Protocol, sources: TemplateSources): TemplateSources {
  return selectTemplates(
    sources,
    templateUses(protocol).map(({ stem }) => stem),
  );
}

/** Tries a protocol's templates with its own instructions, in every language. */
export async function checkTemplatesOf(protocol: Protocol, sources: TemplateSources): Promise<{ faults: Fault[]; warnings: Fault[] }> {
  const findings = await checkTemplates(templatesOf(protocol, sources), {
    stems: templateUses(protocol),
    instructions: protocol.instructions,
  });
  return {
    faults: findings.filter(({ severity }) => severity === "fault"),
    warnings: findings.filter(({ severity }) => severity === "warning"),
  };
}

/** One hash over a protocol as written and the wording it is sent with: equal content, equal hash, in whatever order the file has its keys. */
export function hashRelease(source: ProtocolFile, templates: TemplateSources): string {
  const { $schema: _, ...content } = source;
  return createHash("sha256").update(JSON.stringify(content, sortKeys)).update("\0").update(hashTemplates(templates)).digest("hex");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
