/** Identifiers: UUIDv7, branded so that one kind cannot stand for another; bare in SQL, prefixed only where people and other systems see them. */
declare const brand: unique symbol;
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

export type GroupId = Branded<string, "group">;
export type ClinicId = Branded<string, "clinic">;
export type SenderId = Branded<string, "sender">;
export type PatientId = Branded<string, "patient">;
export type ApprovalId = Branded<string, "approval">;
export type SeriesId = Branded<string, "series">;
export type SessionId = Branded<string, "session">;
export type TouchpointId = Branded<string, "touchpoint">;
export type DeliveryId = Branded<string, "delivery">;
export type LinkId = Branded<string, "link">;
export type TaskId = Branded<string, "task">;
export type WorkerId = Branded<string, "worker">;
export type ProviderEventId = Branded<string, "provider-event">;
export type ClosureId = Branded<string, "closure">;
export type ReleaseId = Branded<string, "release">;
export type SwitchId = Branded<string, "switch">;
export type InboundId = Branded<string, "inbound">;
export type AnswerId = Branded<string, "answer">;
/** To a provider it is touchpoint and delivery in one, so it has one id of every kind. */
export type CrisisAnswerId = Branded<string, never>;
export type InvitationId = Branded<string, "invitation">;
export type ResponseId = Branded<string, "response">;
export type AssessmentId = Branded<string, "assessment">;
export type AlertId = Branded<string, "alert">;
export type PageId = Branded<string, "page">;
export type ActionId = Branded<string, "action">;
/** To a provider touchpoint and delivery in one, as a crisis answer is. */
export type DigestMailId = Branded<string, never>;
export type IncidentId = Branded<string, "incident">;
export type StaffId = Branded<string, "staff">;
export type ApiKeyId = Branded<string, "api-key">;
export type WebhookId = Branded<string, "webhook">;
export type WebhookEventId = Branded<string, "webhook-event">;

const PREFIXES = {
  clinic: "cli_",
  patient: "pat_",
  approval: "apr_",
  series: "ser_",
  session: "ses_",
  touchpoint: "tp_",
  delivery: "del_",
  task: "tsk_",
  closure: "clo_",
  release: "rel_",
  switch: "swi_",
  inbound: "in_",
  invitation: "inv_",
  response: "res_",
  assessment: "ass_",
  action: "act_",
  alert: "alr_",
  incident: "inc_",
  staff: "stf_",
  "api-key": "key_",
  webhook: "whk_",
  "webhook-event": "evt_",
} as const;
export type PublicKind = keyof typeof PREFIXES;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id as people and other systems see it, such as `ser_0192…`. */
export function toPublicId(kind: PublicKind, id: string): string {
  return PREFIXES[kind] + id;
}

/** Reads an id typed by a person, with or without its prefix; undefined when it is not one of that kind. */
export function parsePublicId<Kind extends PublicKind>(kind: Kind, text: string): Branded<string, Kind> | undefined {
  const bare = text.trim().toLowerCase().replace(PREFIXES[kind], "");
  return UUID.test(bare) ? (bare as Branded<string, Kind>) : undefined;
}
