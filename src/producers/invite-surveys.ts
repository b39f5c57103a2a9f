/** Which invitations a plan needs: one for each asking, open until a day after the last reminder of it. */
import type { NewInvitation } from "../db/survey-invitations.ts";
import { DAY, instant } from "../domain/calendar.ts";
import { findInstrument } from "../domain/instruments/find-instrument.ts";
import type { PatientFacts } from "../domain/patient-facts.ts";
import type { Rule } from "../domain/protocol.ts";
import { invitationIn } from "../domain/survey-key.ts";
import type { PlannedTouchpoint } from "../domain/touchpoint.ts";

/** `series/key` of the invitation to which a touchpoint of this patient leads; null for one that asks nothing. */
export type InvitationOf = (touchpoint: Pick<PlannedTouchpoint, "seriesId" | "rule" | "key">) => string | null;

export function indexInvitations({ series }: PatientFacts): InvitationOf {
  const bySeries = new Map(
    series.map(({ id, protocol }): [string, ReadonlyMap<string, Rule>] => [
      id,
      new Map(protocol.rules.filter(isAboutSurvey).map((rule) => [rule.id, rule])),
    ]),
  );
  return ({ seriesId, rule: id, key }) => {
    const rule = bySeries.get(seriesId)?.get(id);
    const invitation = rule ? invitationIn(key, rule) : null;
    return invitation === null ? null : `${seriesId}/${invitation}`;
  };
}

function isAboutSurvey({ survey, anchor }: Rule): boolean {
  return survey !== undefined || anchor === "survey.asked";
}

type Inviting = {
  readonly patient: PatientFacts;
  /** Everything that the plan wants. */
  readonly wanted: readonly PlannedTouchpoint[];
  /** Of which something is new, has changed, or needs a link. */
  readonly touched: ReadonlySet<string>;
  readonly invitationOf: InvitationOf;
};

/** Nothing for what is not asked at all. Who is called is asked on the phone, and the answer belongs to the invitation all the same. */
export function findInvitations({ patient, wanted, touched, invitationOf }: Inviting): NewInvitation[] {
  if (touched.size === 0) return [];
  const groups = Map.groupBy(
    wanted.filter(({ recipient }) => recipient === "patient"),
    invitationOf,
  );
  return [...groups].flatMap(([place, rows]) => (place !== null && touched.has(place) ? toInvitation(patient, place, rows) : []));
}

function toInvitation({ id: patientId, series }: PatientFacts, place: string, rows: readonly PlannedTouchpoint[]): NewInvitation[] {
  const [asking] = rows;
  const key = place.slice(place.indexOf("/") + 1);
  const protocol = series.find(({ id }) => id === asking?.seriesId)?.protocol;
  const rule = protocol?.rules.find(({ id }) => id === key.slice(0, key.indexOf("/")));
  const instrument = rule?.survey === undefined ? undefined : findInstrument(rule.survey);
  if (!asking || !instrument || rows.every(({ state }) => state === "suppressed")) return [];
  const { clinicId, seriesId, sessionId } = asking;
  const said = rows.filter(({ state }) => state !== "suppressed");
  return [
    {
      clinicId,
      patientId,
      seriesId,
      sessionId,
      key,
      instrument: instrument.id,
      instrumentVersion: instrument.version,
      askedAt: instant(Math.min(...said.map(({ dueAt }) => dueAt))),
      closesAt: instant(Math.max(...said.map(({ dueAt, expiresAt }) => Math.max(dueAt + DAY, expiresAt)))),
    },
  ];
}
