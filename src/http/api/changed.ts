/** What every change answers: what became of the fact, and everything that follows from it. */
import { z } from "zod";
import { toPublicId } from "../../domain/ids.ts";
import type { ClinicChanged } from "../../producers/change-clinic.ts";
import type { Changed } from "../../producers/change-facts.ts";
import type { Standing, TouchpointChange } from "../../producers/touchpoint-change.ts";
import { toProblem } from "./api-problem.ts";
import { idText, momentText, toMaybeId, toMoment } from "./fields.ts";
import type { Reply } from "./operation.ts";

const standing = z.strictObject({ state: z.string(), reason: z.string().nullable(), dueAt: momentText });

const touchpointChange = z
  .strictObject({
    touchpoint: idText,
    patient: idText,
    series: idText,
    session: idText.nullable(),
    rule: z.string(),
    channel: z.string(),
    recipient: z.string(),
    zone: z.string(),
    before: standing.nullable().meta({ description: "Null: it is new." }),
    after: standing,
  })
  .meta({ id: "TouchpointChange" });

const same = z.strictObject({ kind: z.literal("same") }).meta({ id: "Same", description: "It was so already; nothing was stored." });

/** The answer of a change of a patient's facts. */
export function changed<Value extends z.ZodType>(value: Value) {
  return z.union([
    z.strictObject({
      kind: z.literal("changed"),
      value,
      warnings: z.array(z.string()),
      revision: z.int().meta({ description: "Of the patient's plan; also the ETag." }),
      dryRun: z.boolean(),
      touchpoints: z.array(touchpointChange).meta({ description: "Everything that will be sent, or not be sent, because of it." }),
    }),
    same,
  ]);
}

type ChangedReply<Value> =
  | { kind: "same" }
  | {
      kind: "changed";
      value: Value;
      warnings: string[];
      revision: number;
      dryRun: boolean;
      touchpoints: z.input<typeof touchpointChange>[];
    };

/** Throws a refusal; `toValue` says the fact as programs read it. */
export function replyChanged<Value, Shown>(result: Changed<Value>, toValue: (value: Value) => Shown): Reply<ChangedReply<Shown>> {
  if (result.kind === "refused") throw toProblem(result.faults);
  if (result.kind === "same") return { body: { kind: "same" } };
  const { value, warnings, revision, dryRun, touchpoints } = result;
  const body = {
    kind: "changed" as const,
    value: toValue(value),
    warnings: [...warnings],
    revision,
    dryRun,
    touchpoints: touchpoints.map(toChange),
  };
  return dryRun ? { body } : { body, revision };
}

function toChange({ id, patientId, seriesId, sessionId, rule, channel, recipient, zone, before, after }: TouchpointChange) {
  return {
    touchpoint: toPublicId("touchpoint", id),
    patient: toPublicId("patient", patientId),
    series: toPublicId("series", seriesId),
    session: toMaybeId("session", sessionId),
    rule,
    channel,
    recipient,
    zone,
    before: before && toStanding(before),
    after: toStanding(after),
  };
}

function toStanding({ state, reason, dueAt }: Standing) {
  return { state, reason, dueAt: toMoment(dueAt) };
}

/** The answer of a change of a whole clinic. */
export function clinicChanged<Value extends z.ZodType>(value: Value) {
  return z.union([
    z.strictObject({
      kind: z.literal("changed"),
      value,
      revision: z.int().meta({ description: "Of the clinic; also the ETag." }),
      replanned: z.int().meta({ description: "Patients who are planned again, within moments." }),
      dryRun: z.boolean(),
    }),
    same,
  ]);
}

type ClinicReply<Value> = { kind: "same" } | { kind: "changed"; value: Value; revision: number; replanned: number; dryRun: boolean };

export function replyClinicChanged<Value, Shown>(
  result: ClinicChanged<Value>,
  toValue: (value: Value) => Shown,
): Reply<ClinicReply<Shown>> {
  if (result.kind === "refused") throw toProblem(result.faults);
  if (result.kind === "same") return { body: { kind: "same" } };
  const { value, revision, replanned, dryRun } = result;
  const body = { kind: "changed" as const, value: toValue(value), revision, replanned, dryRun };
  return dryRun ? { body } : { body, revision };
}
