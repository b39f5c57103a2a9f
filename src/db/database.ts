/**
 * The tables as kysely sees them, and the connection. snake_case in SQL, camelCase here, translated by one plugin; every moment comes back as an
 * {@link Instant} and goes in as ISO 8601 through {@link toTimestamp}. Every statement with parameters is a named prepared one.
 */
import { createHash } from "node:crypto";
import { CamelCasePlugin, type ColumnType, type Generated, Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { type Instant, instant } from "../domain/calendar.ts";
import type {
  ApprovalId,
  ClinicId,
  DeliveryId,
  GroupId,
  LinkId,
  PatientId,
  SenderId,
  SeriesId,
  SessionId,
  TaskId,
  TouchpointId,
  WorkerId,
} from "../domain/ids.ts";
import type { Span, TouchpointState } from "../domain/touchpoint.ts";

type At = ColumnType<Instant, string, string>;
type MaybeAt = ColumnType<Instant | null, string | null | undefined, string | null>;
type MadeAt = ColumnType<Instant, never, never>;
type Json<T> = ColumnType<T, string, string>;
type Sealed = Buffer;
type MaybeSealed = Buffer | null;

export type Tables = {
  clinicClock: {
    onlyOne: Generated<boolean>;
    environment: string;
    mode: Generated<"real" | "stepped" | "scaled">;
    clinicAt: At;
    machineAt: At;
    scale: Generated<number>;
  };
  workers: {
    id: WorkerId;
    role: string;
    host: string;
    pid: number;
    version: string;
    tzVersion: string;
    startedAt: MadeAt;
    beatAt: MadeAt;
    stoppedAt: MaybeAt;
  };
  groups: { id: GroupId; slug: string; createdAt: MadeAt };
  clinics: {
    id: ClinicId;
    groupId: GroupId;
    slug: string;
    name: string;
    phone: string;
    country: string;
    zone: string;
    locale: string;
    address: string | null;
    staffedHours: Json<unknown>;
    closures: ColumnType<string, string, string>;
    quietFrom: number;
    quietTo: number;
    undoMinutes: number;
    createdAt: MadeAt;
  };
  senders: { id: SenderId; clinicId: ClinicId; channel: "email" | "sms"; address: string; name: string };
  rateBuckets: { senderId: SenderId; perSecond: number; burst: number; tokens: number; refilledAt: MadeAt };
  patients: {
    id: PatientId;
    groupId: GroupId;
    refSealed: Sealed;
    refIndex: Buffer;
    nameSealed: Sealed;
    birthDateSealed: MaybeSealed;
    phoneSealed: MaybeSealed;
    emailSealed: MaybeSealed;
    addressSealed: MaybeSealed;
    emergencyContactSealed: MaybeSealed;
    holdReasonSealed: MaybeSealed;
    zone: string;
    locale: string;
    quietFrom: number;
    quietTo: number;
    detailAccepted: Generated<boolean>;
    watched: Generated<boolean>;
    holdCode: string | null;
    planRevision: Generated<number>;
    plannedRevision: Generated<number>;
    unplannedSince: MaybeAt;
    createdAt: MadeAt;
  };
  escorts: { patientId: PatientId; nameSealed: Sealed; phoneSealed: MaybeSealed; emailSealed: MaybeSealed; locale: string };
  contactPoints: {
    patientId: PatientId;
    person: string;
    channel: string;
    groupId: GroupId;
    addressIndex: Buffer | null;
    granted: Generated<boolean>;
    deadAt: MaybeAt;
  };
  optOuts: { groupId: GroupId; channel: string; addressIndex: Buffer; source: string; at: At };
  protocolApprovals: {
    id: ApprovalId;
    clinicId: ClinicId;
    protocol: string;
    version: number;
    content: Json<unknown>;
    templates: Json<unknown>;
    hash: string;
    approvedBy: string;
    approvedAt: MadeAt;
  };
  series: {
    id: SeriesId;
    clinicId: ClinicId;
    patientId: PatientId;
    approvalId: ApprovalId;
    condition: string;
    status: string;
    enqueuedAt: At;
    quietUntil: At;
    externalIdSealed: MaybeSealed;
    externalIdIndex: Buffer | null;
    contentHash: Buffer;
    cadence: Json<unknown> | null;
    horizonUntil: ColumnType<string | null, string | null, string | null>;
  };
  sessions: {
    id: SessionId;
    clinicId: ClinicId;
    patientId: PatientId;
    seriesId: SeriesId;
    number: number;
    kind: string;
    setting: string;
    owner: string;
    status: string;
    localStart: string;
    zone: string;
    resolution: string;
    tzVersion: string;
    startsAt: At;
    endsAt: At;
    arrivedAt: MaybeAt;
    dosedAt: MaybeAt;
    dischargedAt: MaybeAt;
    outcomeReason: string | null;
    place: string | null;
    withWhom: string | null;
    joinUrl: string | null;
    externalIdSealed: MaybeSealed;
    externalIdIndex: Buffer | null;
    arming: Generated<number>;
    sequence: Generated<number>;
  };
  links: {
    id: LinkId;
    clinicId: ClinicId;
    patientId: PatientId;
    kind: string;
    subjectId: string;
    recipient: string;
    generation: number;
    keyId: string;
    tokenHash: Buffer;
    expiresAt: At;
    revokedAt: MaybeAt;
  };
  touchpoints: TouchpointTable;
  claimableTouchpoints: TouchpointTable;
  deliveries: {
    id: DeliveryId;
    touchpointId: TouchpointId;
    clinicId: ClinicId;
    workerId: WorkerId;
    attempt: number;
    rank: Generated<number>;
    channel: string;
    state: string;
    claimedAt: MadeAt;
    calledAt: MaybeAt;
    answeredAt: MaybeAt;
    latenessMs: number | null;
    contentHash: Buffer;
    providerMessageId: string | null;
    code: string | null;
  };
  providerEvents: {
    id: string;
    provider: string;
    deliveryId: DeliveryId | null;
    fingerprint: Buffer;
    bodySealed: Buffer;
    receivedAt: MadeAt;
    foldedAt: MaybeAt;
  };
  tasks: {
    id: TaskId;
    clinicId: ClinicId;
    patientId: PatientId;
    seriesId: SeriesId;
    sessionId: SessionId | null;
    touchpointId: TouchpointId | null;
    kind: string;
    template: string;
    locale: string;
    state: string;
    importance: string;
    openedAt: At;
    dueBy: At;
    closedAt: MaybeAt;
    closedBy: string | null;
  };
  events: {
    id: Generated<number>;
    recordedAt: MadeAt;
    clinicAt: At;
    clinicId: ClinicId | null;
    actor: string;
    kind: string;
    subjectId: string;
    data: Json<unknown>;
  };
};

type TouchpointTable = {
  id: TouchpointId;
  clinicId: ClinicId;
  patientId: PatientId;
  seriesId: SeriesId;
  sessionId: SessionId | null;
  senderId: SenderId | null;
  linkId: LinkId | null;
  mergedInto: TouchpointId | null;
  fallbackOf: TouchpointId | null;
  workerId: WorkerId | null;
  dueAt: At;
  tryAt: At;
  firstTryAt: At;
  sendBy: At;
  expiresAt: At;
  taskDueBy: MaybeAt;
  hintedAt: MaybeAt;
  claimedAt: MaybeAt;
  endedAt: MaybeAt;
  unwantedAt: MaybeAt;
  occurrence: number;
  arming: number;
  attempts: number;
  state: TouchpointState;
  awaits: string | null;
  channel: string;
  recipient: string;
  purpose: string;
  importance: string;
  onUnknown: string;
  locale: string;
  taskKind: string | null;
  zone: string;
  rule: string;
  template: string;
  reason: string | null;
  key: string;
  legalAt: ColumnType<readonly Span[], string, string>;
};

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** ISO 8601, as every timestamptz parameter goes in. */
export function toTimestamp(at: Instant): string {
  return new Date(at).toISOString();
}

/** A tstzmultirange literal. */
export function toMultirange(spans: readonly Span[]): string {
  return `{${spans.map(({ from, to }) => `[${toTimestamp(from)},${toTimestamp(to)})`).join(",")}}`;
}

/** PostgreSQL writes `2027-01-11 16:00:00.5+00` (the session's zone is always UTC here). */
function readTimestamp(text: string): Instant {
  return instant(Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`));
}

function readMultirange(text: string): Span[] {
  return Array.from(text.matchAll(/\["?([^",]+)"?,"?([^",)]+)"?\)/g), ([, from = "", to = ""]) => ({
    from: readTimestamp(from),
    to: readTimestamp(to),
  }));
}

const { builtins } = pg.types;
/** The fixed type id of tstzmultirange in PostgreSQL's catalogue, which pg does not name. */
const TSTZMULTIRANGE = 4534;
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.TIMESTAMPTZ, readTimestamp],
  [builtins.INT8, Number],
  [builtins.DATE, (text) => text],
  [TSTZMULTIRANGE, readMultirange],
]);

const getBuiltinParser: (id: number, format?: "text" | "binary") => (text: string) => unknown = pg.types.getTypeParser;

const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: "text" | "binary") => parsers.get(id) ?? getBuiltinParser(id, format),
};

const names = new Map<string, string>();

/** One name a statement text; texts are few, because lists travel as arrays and never as a run of placeholders. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) names.set(text, (name = `ag_${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`));
  return name;
}

/** kysely sends unnamed statements, parsed and planned each time (measured: 1.2 to 1.4 times the work); a named one is prepared once a connection. */
class NamingClient extends pg.Client {
  override query(...args: never[]): never {
    const [text, values]: readonly unknown[] = args;
    const call: (...args: unknown[]) => never = super.query.bind(this) as never;
    return typeof text === "string" && Array.isArray(values) && values.length > 0
      ? call({ name: nameOf(text), text, values })
      : call(...args);
  }
}

export type DatabaseOptions = { readonly url: string; readonly connections: number; readonly applicationName: string };

/** A pool over PostgreSQL; `destroy()` closes it. Nothing is connected until the first statement. */
export function openDatabase({ url, connections, applicationName }: DatabaseOptions): { db: Database; pool: pg.Pool } {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: applicationName,
    types,
    options: "-c timezone=UTC -c jit=off",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    Client: NamingClient,
  });
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool };
}
