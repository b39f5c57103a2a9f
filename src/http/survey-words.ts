/** What the survey page says besides the instrument's own words. Calm and short; nothing about scores, risk or treatment. */
import type { Locale } from "../domain/clinic.ts";

export type SurveyWords = {
  readonly title: string;
  readonly step: (at: number, of: number) => string;
  readonly next: string;
  readonly send: string;
  readonly back: string;
  readonly skip: string;
  readonly skipGroup: string;
  readonly yours: string;
  readonly choose: string;
  readonly chooseAll: string;
  readonly kept: string;
  readonly read: (hours: string) => string;
  readonly readSoon: string;
  readonly unwatched: string;
  readonly onlyEnglish: string;
  readonly thanks: string;
  readonly arrived: string;
  /** Instead of it where help stands above: nobody is to be left with the feeling that all is done. */
  readonly arrivedWithHelp: string;
  readonly call: string;
  readonly notSaved: string;
  readonly notSavedWhy: string;
  readonly again: string;
};

export const SURVEY_WORDS: { readonly [L in Locale]: SurveyWords } = {
  en: {
    title: "Your questions",
    step: (at, of) => `${at} of ${of}`,
    next: "Next",
    send: "Send my answers",
    back: "Back",
    skip: "I would rather not answer this",
    skipGroup: "Skip this question",
    yours: "your answer",
    choose: "Please choose one of the answers.",
    chooseAll: "Please choose an answer to each question.",
    kept: "Your answers are kept as you go. If something comes up, open the link again and carry on here.",
    read: (hours) => `Your care team reads answers ${hours}.`,
    readSoon: "Your care team reads answers in office hours.",
    unwatched: "They are not watched around the clock. In an emergency call 911; to talk to somebody at any hour, call or text 988.",
    onlyEnglish: "",
    thanks: "Thank you",
    arrived: "Your answers have arrived. There is nothing else to do.",
    arrivedWithHelp: "Your answers have arrived. Please do not wait until we have read them: the numbers above are there for you now.",
    call: "If something worries you, please call us.",
    notSaved: "Your answers did not arrive",
    notSavedWhy: "It is our fault, not yours. Please go back and try once more in a minute, or call us.",
    again: "Go back to the questions",
  },
  es: {
    title: "Sus preguntas",
    step: (at, of) => `${at} de ${of}`,
    next: "Siguiente",
    send: "Enviar mis respuestas",
    back: "Atrás",
    skip: "Prefiero no contestar esta",
    skipGroup: "Saltar esta pregunta",
    yours: "su respuesta",
    choose: "Elija una de las respuestas.",
    chooseAll: "Elija una respuesta para cada pregunta.",
    kept: "Sus respuestas se guardan mientras avanza. Si surge algo, abra el enlace otra vez y siga aquí.",
    read: (hours) => `Su equipo lee las respuestas ${hours}.`,
    readSoon: "Su equipo lee las respuestas en horas de oficina.",
    unwatched:
      "No se vigilan las 24 horas. En una emergencia llame al 911; para hablar con alguien a cualquier hora, llame al 988 y oprima 2, o envíe AYUDA al 988.",
    onlyEnglish:
      "Estas preguntas solo existen en inglés con las palabras que se pueden usar. Si prefiere, llámenos y las vemos juntos en español.",
    thanks: "Gracias",
    arrived: "Sus respuestas llegaron. No hace falta nada más.",
    arrivedWithHelp: "Sus respuestas llegaron. No espere a que las leamos: los números de arriba están para usted ahora.",
    call: "Si algo le preocupa, llámenos.",
    notSaved: "Sus respuestas no llegaron",
    notSavedWhy: "La culpa es nuestra, no suya. Vuelva atrás e inténtelo otra vez en un minuto, o llámenos.",
    again: "Volver a las preguntas",
  },
};
