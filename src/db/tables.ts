/** The tables as kysely sees them: camelCase here, snake_case in SQL. Moments come back as instants and go in as ISO 8601. */
import type { ColumnType, Generated } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type {
  ActionId,
  AlertId,
  AnswerId,
  ApprovalId,
  AssessmentId,
  ClinicId,
  ClosureId,
  CrisisAnswerId,
  DeliveryId,
  DigestMailId,
  GroupId,
  InboundId,
  IncidentId,
  InvitationId,
  LinkId,
  PageId,
  PatientId,
  ProviderEventId,
  ReleaseId,
  ResponseId,
  SenderId,
  SeriesId,
  SessionId,
  SwitchId,
  TaskId,
  TouchpointId,
  WorkerId,
} from "../domain/ids.ts";
import type { IncidentOutcome } from "../domain/incident.ts";
import type { Span, TouchpointState } from "../domain/touchpoint.ts";
import type { StaffTables } from "./staff-tables.ts";

type At = ColumnType<Instant, string, string>;
type MaybeAt = ColumnType<Instant | null, string | null | undefined, string | null>;
type MadeAt = ColumnType<Instant, never, never>;
type Json<T> = ColumnType<T, string, string>;
type Sealed = Buffer;
type MaybeSealed = Buffer | null;

export type Tables = StaffTables & {
  clinicClock: {
    onlyOne: Generated<boolean>;
    environment: string;
    mode: Generated<"real" | "stepped" | "scaled">;
    clinicAt: At;
    machineAt: At;
    scale: Generated<number>;
    home: string | null;
    safeModeSince: MaybeAt;
    safeModeReason: string | null;
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
    skewMs: Generated<number>;
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
    revision: Generated<number>;
    textsPerWeek: Generated<number>;
    safetySealed: MaybeSealed;
    surveysEnabled: Generated<boolean>;
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
    givenQuietFrom: number | null;
    givenQuietTo: number | null;
    unsubscribed: ColumnType<string[], string | undefined, string>;
    detailAccepted: Generated<boolean>;
    watched: Generated<boolean>;
    holdCode: string | null;
    planRevision: Generated<number>;
    plannedRevision: Generated<number>;
    unplannedSince: MaybeAt;
    verifiedAt: MaybeAt;
    escortNumber: Generated<number>;
    escortSince: MaybeAt;
    heldAt: MaybeAt;
    createdAt: MadeAt;
  };
  escorts: {
    patientId: PatientId;
    nameSealed: Sealed;
    phoneSealed: MaybeSealed;
    emailSealed: MaybeSealed;
    locale: string;
    onlySessionId: SessionId | null;
  };
  contactPoints: {
    patientId: PatientId;
    person: string;
    channel: string;
    groupId: GroupId;
    addressIndex: Buffer | null;
    granted: Generated<boolean>;
    deadAt: MaybeAt;
    failures: Generated<number>;
    flaggedAt: MaybeAt;
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
    pausedAt: MaybeAt;
    endedAt: MaybeAt;
    replacedBy: SeriesId | null;
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
    changedAt: MaybeAt;
    changedBecause: "patient" | "clinic" | null;
    toldStartsAt: MaybeAt;
    toldOff: Generated<boolean>;
    outcomeAt: MaybeAt;
    outcomeNoteSealed: MaybeSealed;
    pickupAt: MaybeAt;
    pickupNamedAt: MaybeAt;
    pickupRound: Generated<number>;
    readyAt: MaybeAt;
    formFiledAt: MaybeAt;
    formFiledBy: string | null;
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
    failures: Generated<number>;
    failedAt: MaybeAt;
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
    providerState: string | null;
    providerCode: string | null;
    providerAt: MaybeAt;
    looks: Generated<number>;
    lookedAt: MaybeAt;
  };
  providerEvents: {
    id: ProviderEventId;
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
    seriesId: SeriesId | null;
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
    assignee: string | null;
    outcome: string | null;
    noteSealed: MaybeSealed;
    revision: Generated<number>;
    pageAt: MaybeAt;
    inboundId: InboundId | null;
  };
  inboundMessages: {
    id: InboundId;
    groupId: GroupId;
    clinicId: ClinicId;
    senderId: SenderId;
    providerMessageId: string;
    fromIndex: Buffer;
    fromSealed: Sealed;
    bodySealed: Sealed;
    media: Generated<number>;
    carrierKeyword: "stop" | "start" | "help" | null;
    receivedAt: At;
    storedAt: MadeAt;
    handledAt: MaybeAt;
    kind: string | null;
    patientId: PatientId | null;
    touchpointId: TouchpointId | null;
    sessionId: SessionId | null;
    answer: string | null;
    offered: Generated<SessionId[]>;
    inbox: "open" | "closed" | null;
    closedAt: MaybeAt;
    closedBy: string | null;
  };
  sessionAnswers: {
    id: AnswerId;
    clinicId: ClinicId;
    patientId: PatientId;
    sessionId: SessionId;
    arming: number;
    kind: string;
    via: "sms" | "page" | "staff";
    actor: string;
    detailSealed: MaybeSealed;
    at: At;
  };
  sessionEscorts: {
    sessionId: SessionId;
    patientId: PatientId;
    nameSealed: Sealed;
    phoneSealed: MaybeSealed;
    emailSealed: MaybeSealed;
    locale: string;
    arming: Generated<number>;
  };
  escortOptIns: {
    id: string;
    clinicId: ClinicId;
    patientId: PatientId;
    sessionId: SessionId;
    linkId: LinkId;
    scope: "visit" | "all";
    nameSealed: Sealed;
    phoneSealed: Sealed;
    addressIndex: Sealed;
    locale: string;
    wording: string;
    standing: "taken" | "review";
    at: At;
  };
  seriesRequirements: {
    seriesId: SeriesId;
    requirement: "enrolment" | "authorisation";
    metOn: ColumnType<string, string, string>;
    expiresOn: ColumnType<string | null, string | null, string | null>;
    actor: string;
  };
  privacyIncidents: {
    id: IncidentId;
    groupId: GroupId;
    clinicId: ClinicId;
    patientId: PatientId | null;
    kind: "wrong-number";
    addressIndex: Buffer | null;
    inboundId: InboundId | null;
    at: At;
    closedAt: MaybeAt;
    closedBy: string | null;
    outcome: IncidentOutcome | null;
    noteSealed: MaybeSealed;
  };
  surveyInvitations: {
    id: InvitationId;
    clinicId: ClinicId;
    patientId: PatientId;
    seriesId: SeriesId;
    sessionId: SessionId | null;
    key: string;
    instrument: string;
    instrumentVersion: number;
    askedAt: At;
    closesAt: At;
    draftSealed: MaybeSealed;
    draftedAt: MaybeAt;
    answeredAt: MaybeAt;
  };
  surveyResponses: {
    id: ResponseId;
    clinicId: ClinicId;
    patientId: PatientId;
    seriesId: SeriesId | null;
    sessionId: SessionId | null;
    invitationId: InvitationId | null;
    source: "patient" | "staff" | "import";
    actor: string;
    instrument: string;
    instrumentVersion: number;
    locale: string;
    answeredAt: At;
    answersSealed: MaybeSealed;
    resultSealed: Sealed;
    recordedAt: MadeAt;
  };
  assessments: {
    id: AssessmentId;
    clinicId: ClinicId;
    patientId: PatientId;
    sessionId: SessionId | null;
    kind: string;
    madeAt: At;
    madeBy: string;
    resultSealed: Sealed;
    actor: string;
    recordedAt: MadeAt;
  };
  alerts: {
    id: AlertId;
    clinicId: ClinicId;
    patientId: PatientId | null;
    seriesId: SeriesId | null;
    sessionId: SessionId | null;
    kind: string;
    level: string;
    state: Generated<string>;
    source: string;
    sourceId: string;
    raisedAt: At;
    storedAt: MadeAt;
    pageAt: MaybeAt;
    step: Generated<number>;
    owner: string | null;
    acknowledgedAt: MaybeAt;
    acknowledgedBy: string | null;
    closedAt: MaybeAt;
    closedBy: string | null;
    outcome: string | null;
    noteSealed: MaybeSealed;
    revision: Generated<number>;
  };
  alertPages: {
    id: PageId;
    alertId: AlertId;
    step: number;
    person: string;
    channel: "sms" | "email";
    outcome: string;
    providerMessageId: string | null;
    code: string | null;
    beganAt: MadeAt;
    answeredAt: MaybeAt;
  };
  crisisAnswers: {
    id: CrisisAnswerId;
    inboundId: InboundId;
    clinicId: ClinicId;
    senderId: SenderId;
    locale: Locale;
    state: Generated<string>;
    attempts: Generated<number>;
    unanswered: Generated<number>;
    tryAt: MadeAt;
    storedAt: MadeAt;
    rank: Generated<number>;
    providerMessageId: string | null;
    code: string | null;
  };
  digests: { clinicId: ClinicId; about: string; unready: number; visits: number; writtenAt: At };
  digestMails: {
    id: DigestMailId;
    clinicId: ClinicId;
    about: string;
    person: string;
    state: Generated<string>;
    attempts: Generated<number>;
    tryAt: MadeAt;
    storedAt: MadeAt;
    providerMessageId: string | null;
    code: string | null;
  };
  consoleActions: {
    id: ActionId;
    clinicId: ClinicId;
    sessionId: SessionId;
    actor: string;
    verb: string;
    actionSealed: Sealed;
    ifRevision: number | null;
    askedAt: At;
    runAt: At;
    claimedAt: MaybeAt;
    doneAt: MaybeAt;
    undoneAt: MaybeAt;
    refusalSealed: MaybeSealed;
  };
  staffMessages: { touchpointId: TouchpointId; bodySealed: Sealed; actor: string };
  clinicClosures: {
    id: ClosureId;
    clinicId: ClinicId;
    fromAt: At;
    toAt: At;
    wholeDay: ColumnType<string | null, string | null, string | null>;
    reason: string;
    actor: string;
    closedAt: At;
    reopenedAt: MaybeAt;
  };
  templateReleases: {
    id: ReleaseId;
    clinicId: ClinicId;
    stem: string;
    sources: Json<unknown>;
    hash: string;
    approvedBy: string;
    releasedAt: MadeAt;
    rolledBackAt: MaybeAt;
  };
  switches: {
    id: SwitchId;
    scope: "everything" | "clinic" | "channel" | "template" | "patient";
    clinicId: ClinicId | null;
    subject: string | null;
    reason: string;
    actor: string;
    offAt: MadeAt;
    onAt: MaybeAt;
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
  releasedAt: MaybeAt;
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
  story: string | null;
  resends: Generated<number>;
};
