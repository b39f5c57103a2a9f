/** What the pages of preferences say, in each language. What stands beside a box is what is agreed to: another wording is another version of the consent. */
import type { Locale } from "../domain/clinic.ts";
import type { OptionalStream } from "../domain/optional-stream.ts";

type Say = (value: string) => string;

export type PreferenceWords = {
  readonly title: string;
  readonly saved: string;
  readonly notSaved: string;
  readonly ways: string;
  readonly sms: Say;
  readonly smsHint: string;
  readonly email: Say;
  readonly emailHint: string;
  readonly neither: string;
  readonly call: string;
  readonly stopped: Say;
  readonly dead: Say;
  readonly language: string;
  readonly quiet: string;
  readonly quietHint: string;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly optional: string;
  readonly optionalHint: string;
  readonly streams: { readonly [Stream in OptionalStream]: string };
  readonly save: string;
  readonly unsubscribe: { readonly [Stream in OptionalStream]: { readonly title: string; readonly button: string; readonly done: string } };
  readonly stays: string;
  readonly choose: string;
};

const en: PreferenceWords = {
  title: "Your messages",
  saved: "Saved. We follow this from now on.",
  notSaved: "This could not be saved. Please look at what is set below and try again.",
  ways: "How we reach you",
  sms: (ending) => `Texts to the number that ends in ${ending}`,
  smsHint:
    "About my visits. Sent automatically; your carrier may charge for texts. Not a condition of care. Reply STOP to end, HELP for help.",
  email: (address) => `Emails to ${address}`,
  emailHint: "About my visits. Email is not encrypted on its way, so we keep it neutral.",
  neither: "Without texts and emails we call you when there is something to say.",
  call: "We have no number or address for messages. We call you when there is something to say.",
  stopped: (ending) => `The number that ends in ${ending} has stopped our texts. To have them again, text START from that phone.`,
  dead: (address) => `Messages to ${address} come back to us. Call us to give us another one.`,
  language: "Language",
  quiet: "Quiet hours",
  quietHint: "We never text in your night. You can make it longer.",
  quietFrom: "No texts after",
  quietTo: "No texts before",
  optional: "Optional messages",
  optionalHint: "Reminders and changes of your visits come either way.",
  streams: { surveys: "Questionnaires about how I am doing", tips: "Tips and news" },
  save: "Save",
  unsubscribe: {
    surveys: {
      title: "Stop questionnaires?",
      button: "Stop questionnaires",
      done: "We will not send you questionnaires any more.",
    },
    tips: { title: "Stop tips and news?", button: "Stop tips and news", done: "We will not send you tips and news any more." },
  },
  stays: "Reminders and changes of your visits still come.",
  choose: "Choose your messages",
};

const es: PreferenceWords = {
  title: "Sus mensajes",
  saved: "Guardado. Desde ahora lo hacemos así.",
  notSaved: "No se pudo guardar. Revise lo que aparece abajo e inténtelo de nuevo.",
  ways: "Cómo nos comunicamos con usted",
  sms: (ending) => `Mensajes de texto al número que termina en ${ending}`,
  smsHint:
    "Sobre mis citas. Se envían de forma automática; su compañía puede cobrarlos. No son condición para recibir atención. Responda STOP para dejar de recibirlos, HELP para ayuda.",
  email: (address) => `Correos a ${address}`,
  emailHint: "Sobre mis citas. El correo no viaja cifrado, por eso lo mantenemos neutral.",
  neither: "Sin mensajes de texto ni correos, le llamamos cuando haya algo que decir.",
  call: "No tenemos un número ni una dirección para mensajes. Le llamamos cuando haya algo que decir.",
  stopped: (ending) =>
    `El número que termina en ${ending} dejó de recibir nuestros mensajes. Para recibirlos otra vez, envíe START desde ese teléfono.`,
  dead: (address) => `Los mensajes a ${address} nos regresan. Llámenos para darnos otra dirección.`,
  language: "Idioma",
  quiet: "Horas de silencio",
  quietHint: "Nunca enviamos mensajes de texto por la noche. Puede alargarla.",
  quietFrom: "Ningún mensaje después de",
  quietTo: "Ningún mensaje antes de",
  optional: "Mensajes opcionales",
  optionalHint: "Los recordatorios y cambios de sus citas llegan de todos modos.",
  streams: { surveys: "Cuestionarios sobre cómo me siento", tips: "Consejos y novedades" },
  save: "Guardar",
  unsubscribe: {
    surveys: {
      title: "¿Dejar de recibir cuestionarios?",
      button: "No más cuestionarios",
      done: "Ya no le enviaremos cuestionarios.",
    },
    tips: {
      title: "¿Dejar de recibir consejos y novedades?",
      button: "No más consejos ni novedades",
      done: "Ya no le enviaremos consejos ni novedades.",
    },
  },
  stays: "Los recordatorios y cambios de sus citas siguen llegando.",
  choose: "Elegir sus mensajes",
};

export const PREFERENCE_WORDS: { readonly [L in Locale]: PreferenceWords } = { en, es };
