/** The card of an alert as programs read it: the same that the console and the terminal show, with phones as E.164, so that a link can call at a tap. */
import { z } from "zod";
import { ALERT_OUTCOMES } from "../../domain/alert.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Permission } from "../../domain/roles.ts";
import type { AlertCard, OpenedAnswer } from "../../producers/read-alert-card.ts";
import { idText, momentText, toMoment } from "./fields.ts";

const contact = z.strictObject({ name: z.string(), phone: z.string().nullable(), relation: z.string().nullable() });

const person = z
  .strictObject({
    chart: z.string(),
    name: z.string(),
    birthDate: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    address: z.string().nullable(),
    emergencyContact: contact.nullable(),
    escort: contact.nullable(),
  })
  .meta({ description: "Of a text from a number that no chart has: that number, and nothing else." });

const session = z.strictObject({
  session: idText,
  number: z.int(),
  kind: z.string(),
  setting: z.string(),
  status: z.string(),
  startsAt: momentText,
  zone: z.string(),
});

const said = z.strictObject({
  from: z.enum(["them", "us"]),
  at: momentText,
  words: z.string().nullable(),
  template: z.string().nullable(),
});

const answer = z.strictObject({
  response: idText,
  instrument: z.string(),
  instrumentVersion: z.int(),
  source: z.string(),
  answeredAt: momentText,
  raised: z.boolean().meta({ description: "This is the one that raised the alert; it alone comes with its answers." }),
  result: z.unknown(),
  answers: z.record(z.string(), z.int().nullable()).nullable(),
});

/** What an alert's card has beyond what a list says of it. */
export const alertCardFields = {
  now: momentText,
  clinic: z.string(),
  clinicZone: z.string(),
  patientZone: z.string(),
  patientLocale: z.string(),
  onHold: z.string().nullable(),
  watched: z.boolean(),
  person: person.nullable(),
  place: z.strictObject({ text: z.string(), at: momentText }).nullable().meta({ description: "Where they last said to be." }),
  sessions: z.strictObject({ last: session.nullable(), next: session.nullable() }).nullable(),
  text: z
    .strictObject({
      phone: z.string(),
      words: z.string(),
      conversation: z.array(said),
      crisisText: z.enum(["arrived", "handed-over", "on-its-way", "not-sent", "none"]),
      crisisTextWhy: z.string().nullable(),
    })
    .nullable()
    .meta({ description: "The text that raised it, and what became of the crisis text that answers it." }),
  answers: z.array(answer).nullable().meta({ description: "Newest first." }),
  unsent: z
    .strictObject({
      instrument: z.string(),
      instrumentVersion: z.int(),
      answers: z.record(z.string(), z.int().nullable()),
      draftedAt: momentText,
    })
    .nullable()
    .meta({ description: "The survey whose answer raised it and that was never sent off, as it is filled in now." }),
  kept: z
    .array(z.strictObject({ touchpoint: idText, rule: z.string(), channel: z.string(), dueAt: momentText, sendBy: momentText }))
    .meta({ description: "What it keeps back, to be released or told by voice." }),
  pages: z.array(
    z.strictObject({
      step: z.int(),
      person: z.string(),
      channel: z.string(),
      outcome: z.string(),
      code: z.string().nullable(),
      at: momentText,
    }),
  ),
  story: z.array(z.strictObject({ kind: z.string(), actor: z.string(), at: momentText, data: z.record(z.string(), z.unknown()) })),
  note: z.string().nullable().meta({ description: "With which it was closed." }),
  outcomes: z.array(z.enum(ALERT_OUTCOMES)).meta({ description: "With which it can be closed." }),
};

const fields = z.strictObject(alertCardFields);
type CardFields = z.output<typeof fields>;

/** What `may` denies is null, whoever asks. */
export function toCardFields(card: AlertCard, may: (permission: Permission) => boolean): CardFields {
  const { alert, kept, pages, events } = card;
  return {
    now: toMoment(alert.now),
    clinic: alert.clinic,
    clinicZone: alert.clinicZone,
    patientZone: alert.patientZone,
    patientLocale: alert.patientLocale,
    onHold: alert.holdCode,
    watched: alert.watched,
    ...(may("patients.read") ? toPersonal(card) : { person: null, place: null, sessions: null, note: null }),
    text: may("replies.read") ? toText(card) : null,
    ...(may("outcomes.read") ? toAnswered(card) : { answers: null, unsent: null }),
    kept: kept.map(({ id, rule, channel, dueAt, sendBy }) => ({
      touchpoint: toPublicId("touchpoint", id),
      rule,
      channel,
      dueAt: toMoment(dueAt),
      sendBy: toMoment(sendBy),
    })),
    pages: pages.map(({ beganAt, ...page }) => ({ ...page, at: toMoment(beganAt) })),
    story: events.map(({ at, data, ...event }) => ({ ...event, at: toMoment(at), data: { ...data } })),
    outcomes: [...ALERT_OUTCOMES],
  };
}

function toPersonal({ patient, confirmedPlace: place, sessions: { last, next }, note }: AlertCard) {
  return {
    person: { ...patient },
    place: place && { text: place.text, at: toMoment(place.at) },
    sessions: { last: last && toSession(last), next: next && toSession(next) },
    note,
  };
}

function toSession({ id, startsAt, ...rest }: NonNullable<AlertCard["sessions"]["last"]>): z.output<typeof session> {
  const { number, kind, setting, status, zone } = rest;
  return { session: toPublicId("session", id), number, kind, setting, status, startsAt: toMoment(startsAt), zone };
}

function toText({ raisedBy }: AlertCard): CardFields["text"] {
  if (!raisedBy) return null;
  const { phone, words, conversation, crisisText } = raisedBy;
  return {
    phone,
    words,
    conversation: conversation.map(({ from, at, words: each, template }) => ({ from, at: toMoment(at), words: each, template })),
    crisisText: crisisText.fate,
    crisisTextWhy: crisisText.why,
  };
}

function toAnswered({ answers, unsent }: AlertCard): Pick<CardFields, "answers" | "unsent"> {
  return {
    answers: answers.map(toAnswer),
    unsent: unsent && {
      instrument: unsent.instrument,
      instrumentVersion: unsent.instrumentVersion,
      answers: { ...unsent.answers },
      draftedAt: toMoment(unsent.draftedAt),
    },
  };
}

const given = z.record(z.string(), z.int().nullable()).nullable();

function toAnswer({
  id,
  instrument,
  instrumentVersion,
  source,
  answeredAt,
  raised,
  result,
  answers,
}: OpenedAnswer): z.output<typeof answer> {
  return {
    response: toPublicId("response", id),
    instrument,
    instrumentVersion,
    source,
    answeredAt: toMoment(answeredAt),
    raised,
    result,
    answers: given.parse(answers),
  };
}
