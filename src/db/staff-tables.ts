/** The tables of staff, keys of programs and systems that are told: the part of {@link Tables} that no message to a patient needs. */
import type { ColumnType, Generated } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApiKeyId, ClinicId, GroupId, StaffId, WebhookEventId, WebhookId } from "../domain/ids.ts";

type At = ColumnType<Instant, string, string>;
type MaybeAt = ColumnType<Instant | null, string | null | undefined, string | null>;
type MadeAt = ColumnType<Instant, never, never>;
type Json = ColumnType<unknown, string, string>;

export type StaffTables = {
  staff: {
    id: StaffId;
    groupId: GroupId;
    login: string;
    name: string;
    passwordHash: string;
    setUpUntil: MaybeAt;
    totpSealed: Buffer | null;
    totpStep: Generated<number>;
    createdAt: MadeAt;
    disabledAt: MaybeAt;
  };
  staffClinics: { staffId: StaffId; clinicId: ClinicId; role: string };
  staffSessions: {
    tokenHash: Buffer;
    staffId: StaffId;
    stage: "password" | "full";
    beganAt: At;
    seenAt: At;
    confirmedAt: MaybeAt;
  };
  signInFailures: { loginIndex: Buffer; failures: number; failedAt: At; lockedUntil: MaybeAt };
  apiKeys: {
    id: ApiKeyId;
    clinicId: ClinicId;
    name: string;
    secretHash: Buffer;
    scopes: string[];
    createdBy: string;
    createdAt: MadeAt;
    expiresAt: At;
    revokedAt: MaybeAt;
    lastUsedAt: MaybeAt;
  };
  idempotencyKeys: {
    caller: string;
    key: string;
    requestHash: Buffer;
    beganAt: MadeAt;
    status: number | null;
    answerSealed: Buffer | null;
    etag: string | null;
  };
  webhookEndpoints: {
    id: WebhookId;
    clinicId: ClinicId;
    url: string;
    secretSealed: Buffer;
    formerSealed: Buffer | null;
    formerUntil: MaybeAt;
    kinds: string[];
    createdBy: string;
    createdAt: MadeAt;
    removedAt: MaybeAt;
  };
  webhookEvents: {
    id: WebhookEventId;
    endpointId: WebhookId;
    clinicId: ClinicId;
    kind: string;
    fact: string;
    data: Json;
    happenedAt: At;
    toldAt: MadeAt;
    tryAt: Generated<Instant>;
    attempts: Generated<number>;
    state: Generated<"waiting" | "delivered" | "dead">;
    status: number | null;
    failure: string | null;
    endedAt: MaybeAt;
  };
  webhookRelay: { onlyOne: Generated<boolean>; eventId: number; seenId: number | null; holders: string[] };
};
