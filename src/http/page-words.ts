/**
 * What the session pages say, in each language: short sentences for a nervous person on a phone, in words that give nothing away over a shoulder. Spanish clock
 * times come with their article ("las 9:00 a. m."), so sentences put "a" or "hasta" before them.
 */
import type { Locale } from "../domain/clinic.ts";
import type { Phase } from "./session-phase.ts";

type Say = (value: string) => string;

export type PageWords = {
  readonly visit: string;
  readonly visits: string;
  readonly helping: string;
  readonly helpingAll: string;
  readonly at: Say;
  readonly where: string;
  readonly atHome: string;
  readonly byVideo: string;
  readonly openVideo: string;
  readonly arrive: string;
  readonly arriveBy: Say;
  readonly pickUp: string;
  readonly pickUpAt: Say;
  readonly until: string;
  readonly untilAbout: Say;
  readonly prepare: string;
  readonly solids: Say;
  readonly liquids: Say;
  readonly nasal: Say;
  readonly bring: { readonly driver: Say; readonly sitter: Say };
  readonly noDriving: Say;
  readonly wentDifferently: { readonly away: string; readonly home: string };
  /** What the companion does; the value is the time at which the visit ends. */
  readonly help: { readonly driver: Say; readonly sitter: Say };
  readonly phases: { readonly [P in Phase]: string | null };
  /** Instead of the phase's words where nobody is on the way to the clinic: at home, and by video. */
  readonly begun: { readonly home: string; readonly telehealth: string };
  /** Of a visit that was called off: what its preparation no longer forbids, and how it goes on. */
  readonly calledOff: { readonly eatAgain: string; readonly postponed: string; readonly cancelled: string };
  /** The same to the companion, who is told less. */
  readonly phasesToEscort: { readonly [P in Phase]: string | null };
  /** A word beside a date in a list. */
  readonly marks: { readonly [P in Phase]: string | null };
  readonly noneAhead: string;
  readonly before: Say;
  readonly toVisit: Say;
  readonly toAll: string;
  readonly addToCalendar: string;
  readonly preferences: string;
  readonly readOnly: string;
  readonly sent: string;
  readonly back: string;
};

const en: PageWords = {
  visit: "Your visit",
  visits: "Your visits",
  helping: "The visit you are helping with",
  helpingAll: "The visits you are helping with",
  at: (time) => time,
  where: "Where",
  atHome: "At home",
  byVideo: "By video",
  openVideo: "Open the video link",
  arrive: "Arrive",
  arriveBy: (time) => `by ${time}`,
  pickUp: "Pick-up",
  pickUpAt: (time) => time,
  until: "Until",
  untilAbout: (time) => `about ${time}`,
  prepare: "How to prepare",
  solids: (time) => `Nothing to eat after ${time}.`,
  liquids: (time) => `Clear liquids such as water until ${time}, then nothing.`,
  nasal: (time) => `No sprays or drops in the nose after ${time}.`,
  bring: {
    driver: (end) => `Your driver should be there at ${end} to take you home.`,
    sitter: (end) => `Somebody you trust should be with you from the start until at least ${end}.`,
  },
  noDriving: (from) => `Do not drive before ${from}, and only after a good night’s sleep.`,
  wentDifferently: {
    away: "If you could not keep to this, call us before you set out. We would rather know.",
    home: "If you could not keep to this, call us before you begin. We would rather know.",
  },
  help: {
    driver: (end) => `Please be there at ${end}, come inside, and ride home together.`,
    sitter: (end) => `Please be there from the start until at least ${end}, awake and close by.`,
  },
  phases: {
    ahead: null,
    moved: "This visit was moved. The day and time on this page are the ones that count.",
    postponed: "This visit is being moved. The time below no longer holds.",
    cancelled: "This visit is cancelled.",
    here: "Good that you are here. Somebody will be with you shortly.",
    now: "This visit has begun. If you are still on your way, please call us.",
    passed: "The time of this visit has passed. If you have a question about it, call us.",
    over: "This visit is over. Take it easy for the rest of the day.",
    "not-held": "This visit has ended. Call us when you would like to talk about the next one.",
    missed: "We missed you. Call us when you can, and we will find another time together.",
  },
  begun: {
    home: "This visit has begun. If we have not called you yet, please wait and call us.",
    telehealth: "This visit has begun. If the video does not open, please call us.",
  },
  calledOff: {
    eatAgain: "You may eat and drink as usual.",
    postponed: "We will call you about a new one.",
    cancelled: "Call us when you would like another time.",
  },
  phasesToEscort: {
    ahead: null,
    moved: "This visit was moved. The day and time on this page are the ones that count.",
    postponed: "This visit is being moved. You do not need to come at the time below.",
    cancelled: "This visit is cancelled. You do not need to come.",
    here: "This visit has begun.",
    now: "This visit has begun.",
    passed: "The time of this visit has passed.",
    over: "This visit is over. Thank you for helping.",
    "not-held": "This visit has ended. If you are not sure whether you are needed, call us.",
    missed: "This visit has ended. If you are not sure whether you are needed, call us.",
  },
  marks: {
    ahead: null,
    moved: "New time",
    postponed: "Being moved",
    cancelled: "Cancelled",
    here: "Under way",
    now: "Under way",
    passed: null,
    over: "Over",
    "not-held": null,
    missed: null,
  },
  before: (when) => `It was to be ${when}.`,
  toVisit: (day) => `Open the visit on ${day}`,
  toAll: "All your visits",
  addToCalendar: "Add to calendar",
  preferences: "Choose your messages and language",
  readOnly: "Your browser does not accept cookies, so you can read this page and not answer on it. To tell us something, please call.",
  sent: "Your message has been sent to the clinic.",
  back: "Back to your visit",
  noneAhead: "There is no visit to come on this page right now. If you expected one, call us.",
};

const es: PageWords = {
  visit: "Su cita",
  visits: "Sus citas",
  helping: "La cita en la que ayuda",
  helpingAll: "Las citas en las que ayuda",
  at: (time) => `a ${time}`,
  where: "Dónde",
  atHome: "En casa",
  byVideo: "Por video",
  openVideo: "Abrir el enlace de video",
  arrive: "Llegue",
  arriveBy: (time) => `a más tardar a ${time}`,
  pickUp: "Salida",
  pickUpAt: (time) => `a ${time}`,
  until: "Hasta",
  untilAbout: (time) => `${time}, más o menos`,
  prepare: "Cómo prepararse",
  solids: (time) => `No coma nada después de ${time}.`,
  liquids: (time) => `Puede tomar líquidos claros, como agua, hasta ${time}; después, nada.`,
  nasal: (time) => `No use aerosoles ni gotas en la nariz después de ${time}.`,
  bring: {
    driver: (end) => `Quien le lleve a casa debe estar allí a ${end}.`,
    sitter: (end) => `Alguien de confianza debe estar con usted desde el principio y al menos hasta ${end}.`,
  },
  noDriving: (from) => `No maneje antes de ${from}, y solo después de una noche de buen sueño.`,
  wentDifferently: {
    away: "Si no pudo seguirlo, llámenos antes de salir. Preferimos saberlo.",
    home: "Si no pudo seguirlo, llámenos antes de empezar. Preferimos saberlo.",
  },
  help: {
    driver: (end) => `Esté allí a ${end}, entre y vuelvan juntos a casa.`,
    sitter: (end) => `Esté allí desde el principio y al menos hasta ${end}, sin dormirse y cerca de la persona.`,
  },
  phases: {
    ahead: null,
    moved: "Esta cita cambió. Valen el día y la hora que ve en esta página.",
    postponed: "Estamos cambiando esta cita. La hora de abajo ya no vale.",
    cancelled: "Esta cita está cancelada.",
    here: "Qué bueno que ya está aquí. Alguien le atenderá en un momento.",
    now: "Esta cita ya empezó. Si todavía viene en camino, llámenos.",
    passed: "La hora de esta cita ya pasó. Si tiene alguna pregunta, llámenos.",
    over: "Esta cita ya terminó. Tómese el resto del día con calma.",
    "not-held": "Esta cita ya terminó. Llámenos cuando quiera hablar de la próxima.",
    missed: "No pudimos verle. Llámenos cuando pueda y buscamos juntos otra hora.",
  },
  begun: {
    home: "Esta cita ya empezó. Si todavía no le hemos llamado, espere y llámenos.",
    telehealth: "Esta cita ya empezó. Si el video no se abre, llámenos.",
  },
  calledOff: {
    eatAgain: "Puede comer y beber como siempre.",
    postponed: "Le llamaremos con una hora nueva.",
    cancelled: "Llámenos cuando quiera otra hora.",
  },
  phasesToEscort: {
    ahead: null,
    moved: "Esta cita cambió. Valen el día y la hora que ve en esta página.",
    postponed: "Estamos cambiando esta cita. No hace falta que vaya a la hora de abajo.",
    cancelled: "Esta cita está cancelada. No hace falta que vaya.",
    here: "Esta cita ya empezó.",
    now: "Esta cita ya empezó.",
    passed: "La hora de esta cita ya pasó.",
    over: "Esta cita ya terminó. Gracias por ayudar.",
    "not-held": "Esta cita ya terminó. Si no sabe si hace falta que vaya, llámenos.",
    missed: "Esta cita ya terminó. Si no sabe si hace falta que vaya, llámenos.",
  },
  marks: {
    ahead: null,
    moved: "Hora nueva",
    postponed: "Se está cambiando",
    cancelled: "Cancelada",
    here: "En curso",
    now: "En curso",
    passed: null,
    over: "Terminada",
    "not-held": null,
    missed: null,
  },
  before: (when) => `Antes era el ${when}.`,
  toVisit: (day) => `Ver la cita del ${day}`,
  toAll: "Todas sus citas",
  addToCalendar: "Agregar al calendario",
  preferences: "Elegir sus mensajes y su idioma",
  readOnly: "Su navegador no acepta cookies, así que aquí puede leer pero no responder. Si quiere decirnos algo, llámenos.",
  sent: "Su mensaje se envió a la clínica.",
  back: "Volver a su cita",
  noneAhead: "Ahora no hay ninguna cita próxima en esta página. Si esperaba una, llámenos.",
};

export const PAGE_WORDS: { readonly [L in Locale]: PageWords } = { en, es };
