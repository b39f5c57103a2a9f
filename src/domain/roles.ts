/**
 * Who may do what: one table, and whatever does not stand in it is denied. Permissions are named after what is touched and how; a role has those that its line
 * holds and no other. A program's key has scopes, which are permissions too, and only those of {@link SCOPES}: what needs somebody's judgment needs somebody.
 */

export const ROLES = ["viewer", "front-desk", "nurse", "clinician", "admin", "auditor"] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  /** Series, sessions, readiness, touchpoints, with what explains them. */
  "plans.read",
  /** Enqueue, pause, resume, stop, void, replace, move to another version. */
  "series.change",
  /** Add, move, cancel, postpone, and record what happened. */
  "sessions.change",
  /** Who somebody is and how to reach them. */
  "patients.read",
  /** Contact, consent, escort, verification, opt-outs, wrong numbers. */
  "patients.change",
  "patients.hold",
  /** Lift a hold, and watch: a clinical judgment. */
  "patients.judge",
  /** Everything that is stored of somebody, for a request of theirs. */
  "patients.export",
  "tasks.read",
  "tasks.change",
  "alerts.read",
  "alerts.raise",
  /** Acknowledge and close. */
  "alerts.answer",
  "replies.read",
  "replies.answer",
  /** Send a message of one's own words, send once more, settle what is unknown. */
  "messages.send",
  /** Answers to surveys, scores, assessments. */
  "outcomes.read",
  "outcomes.record",
  "protocols.read",
  "protocols.approve",
  "templates.read",
  "templates.publish",
  "clinic.read",
  /** Settings. */
  "clinic.change",
  /** Close, reopen, move a day. */
  "clinic.close",
  "roster.read",
  "roster.change",
  "sending.stop",
  "sending.resume",
  "health.read",
  /** Queues: look, pause, retry. */
  "ops.read",
  "ops.act",
  "ledger.read",
  /** Leave safe mode, read bounces: for the whole installation. */
  "system.change",
  "audit.read",
  "staff.read",
  "staff.change",
  "keys.change",
  "webhooks.change",
  /** Say what was found about a privacy incident. */
  "privacy.close",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const LOOKING: readonly Permission[] = [
  "plans.read",
  "patients.read",
  "tasks.read",
  "alerts.read",
  "replies.read",
  "protocols.read",
  "templates.read",
  "clinic.read",
  "roster.read",
  "health.read",
];

const FRONT_DESK: readonly Permission[] = [
  ...LOOKING,
  "series.change",
  "sessions.change",
  "patients.change",
  "patients.hold",
  "tasks.change",
  "alerts.raise",
  "replies.answer",
  "messages.send",
  "clinic.close",
];

const NURSE: readonly Permission[] = [
  ...FRONT_DESK,
  "patients.judge",
  "alerts.answer",
  "outcomes.read",
  "outcomes.record",
  "sending.stop",
  "ops.read",
];

const GRANTS: { readonly [R in Role]: readonly Permission[] } = {
  viewer: LOOKING,
  "front-desk": FRONT_DESK,
  nurse: NURSE,
  clinician: [...NURSE, "protocols.approve", "templates.publish", "sending.resume", "patients.export", "roster.change", "privacy.close"],
  admin: [
    ...LOOKING,
    "patients.export",
    "clinic.change",
    "clinic.close",
    "roster.change",
    "sending.stop",
    "sending.resume",
    "ops.read",
    "ops.act",
    "ledger.read",
    "system.change",
    "audit.read",
    "staff.read",
    "staff.change",
    "keys.change",
    "webhooks.change",
    "privacy.close",
  ],
  auditor: [
    "protocols.read",
    "templates.read",
    "clinic.read",
    "roster.read",
    "health.read",
    "ops.read",
    "ledger.read",
    "audit.read",
    "staff.read",
  ],
};

/** What a program may be allowed. Not among them: judgment about a patient, approval of wording, and whatever decides who may do what. */
export const SCOPES = [
  "plans.read",
  "series.change",
  "sessions.change",
  "patients.read",
  "patients.change",
  "patients.hold",
  "tasks.read",
  "tasks.change",
  "alerts.read",
  "alerts.raise",
  "replies.read",
  "outcomes.read",
  "outcomes.record",
  "protocols.read",
  "templates.read",
  "clinic.read",
  "clinic.close",
  "roster.read",
  "sending.stop",
  "health.read",
  "ops.read",
  "ledger.read",
  "audit.read",
] as const satisfies readonly Permission[];
export type Scope = (typeof SCOPES)[number];

const granted = new Map(ROLES.map((role): [Role, ReadonlySet<Permission>] => [role, new Set(GRANTS[role])]));

export function mayDo(role: Role, permission: Permission): boolean {
  return granted.get(role)?.has(permission) === true;
}

/** Everything that a role may do, in the order of the table. */
export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS.filter((permission) => mayDo(role, permission));
}

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
