/** What the link to pass on says, on the patient's page and on its own, in each language: when, where and how. Nothing of who, nothing of what for. */
import type { Locale } from "../domain/clinic.ts";

type Say = (value: string) => string;

export type ShareWords = {
  /** On the patient's page. */
  readonly pass: {
    readonly title: { readonly driver: string; readonly sitter: string };
    readonly about: string;
    readonly byText: string;
    readonly byMail: string;
    readonly copy: string;
    readonly subject: string;
    readonly message: { readonly driver: Say; readonly sitter: Say };
  };
  readonly title: { readonly driver: string; readonly sitter: string; readonly other: string };
  readonly know: {
    readonly title: string;
    readonly driver: readonly string[];
    readonly sitter: readonly string[];
    readonly cannot: string;
  };
  readonly texts: {
    readonly title: string;
    readonly about: string;
    readonly name: string;
    readonly phone: string;
    readonly which: string;
    readonly visit: string;
    readonly all: string;
    readonly agree: Say;
    readonly send: string;
    readonly other: string;
    readonly noName: string;
    readonly badPhone: string;
    readonly tooMany: string;
    readonly late: string;
    readonly taken: { readonly visit: string; readonly all: string };
    readonly takenAbout: string;
    readonly review: string;
    readonly reviewAbout: string;
    readonly stopped: string;
    readonly stoppedAbout: string;
  };
};

const en: ShareWords = {
  pass: {
    title: { driver: "Send this to whoever takes you home", sitter: "Send this to whoever stays with you" },
    about: "The link shows the day, the times and the address. It does not show your name or what the visit is for.",
    byText: "Send by text",
    byMail: "Send by email",
    copy: "Or copy the link:",
    subject: "Can you help me that day?",
    message: {
      driver: (link) => `Can you take me home after an appointment? Day, time and address: ${link}`,
      sitter: (link) => `Can you stay with me that day? Day and times: ${link}`,
    },
  },
  title: { driver: "Taking somebody home", sitter: "Staying with somebody", other: "A visit" },
  know: {
    title: "Good to know",
    driver: [
      "Please come inside and say that you are there to take somebody home.",
      "The person you help cannot drive that day. A taxi is fine if you ride along.",
      "Times can shift a little. This page always shows the ones that count.",
    ],
    sitter: [
      "Please have had nothing to drink, and keep your phone with you.",
      "Times can shift a little. This page always shows the ones that count.",
    ],
    cannot: "If you cannot come, tell the person who sent you this link as soon as you can, and call us.",
  },
  texts: {
    title: "Shall we text you?",
    about: "When to come, when something changes, and when it is time to set out. Nothing else.",
    name: "Your name",
    phone: "Your mobile number",
    which: "About",
    visit: "This visit",
    all: "Every visit I help with",
    agree: (clinic) =>
      `By tapping the button I agree that ${clinic} texts this number about when and where to come. Message and data rates may apply. Reply STOP at any time to end the texts, HELP for help. I can help without agreeing.`,
    send: "Yes, text me",
    other: "Another number?",
    noName: "Please write your name.",
    badPhone: "Please check this number.",
    tooMany: "This page takes no more numbers. Please call us.",
    late: "This could not be taken any more. The page shows how things stand now.",
    taken: { visit: "We text you about this visit.", all: "We text you about the visits you help with." },
    takenAbout: "Reply STOP to one of the texts to end them.",
    review: "Thank you. We have what you wrote.",
    reviewAbout: "Before we text you, we ask the person you are helping. Until then, this page says everything.",
    stopped: "This number has asked us not to text.",
    stoppedAbout: "To get texts again, send START to the number that our texts came from. This page says everything too.",
  },
};

const es: ShareWords = {
  pass: {
    title: { driver: "Envíe esto a quien le lleve a casa", sitter: "Envíe esto a quien le acompañe" },
    about: "El enlace muestra el día, las horas y la dirección. No muestra su nombre ni para qué es la cita.",
    byText: "Enviar por mensaje",
    byMail: "Enviar por correo",
    copy: "O copie el enlace:",
    subject: "¿Me puedes ayudar ese día?",
    message: {
      driver: (link) => `¿Me puedes llevar a casa después de una cita? Día, hora y dirección: ${link}`,
      sitter: (link) => `¿Te puedes quedar conmigo ese día? Día y horas: ${link}`,
    },
  },
  title: { driver: "Llevar a alguien a casa", sitter: "Acompañar a alguien", other: "Una cita" },
  know: {
    title: "Conviene saber",
    driver: [
      "Entre, por favor, y diga que viene a llevar a alguien a casa.",
      "La persona a la que ayuda no puede manejar ese día. Un taxi está bien si usted también va.",
      "Las horas pueden variar un poco. En esta página siempre están las que valen.",
    ],
    sitter: [
      "No beba alcohol antes y tenga el teléfono a mano, por favor.",
      "Las horas pueden variar un poco. En esta página siempre están las que valen.",
    ],
    cannot: "Si no puede venir, avise cuanto antes a la persona que le envió este enlace y llámenos.",
  },
  texts: {
    title: "¿Le enviamos mensajes?",
    about: "Cuándo venir, si algo cambia y cuándo salir. Nada más.",
    name: "Su nombre",
    phone: "Su número de celular",
    which: "Sobre",
    visit: "Esta cita",
    all: "Todas las citas en las que ayudo",
    agree: (clinic) =>
      `Al tocar el botón acepto que ${clinic} envíe mensajes a este número sobre cuándo y dónde venir. Pueden aplicarse tarifas de mensajes y datos. Responda STOP cuando quiera para no recibir más, HELP para ayuda. Puedo ayudar sin aceptar.`,
    send: "Sí, envíenme mensajes",
    other: "¿Otro número?",
    noName: "Escriba su nombre, por favor.",
    badPhone: "Revise este número, por favor.",
    tooMany: "Esta página ya no acepta más números. Llámenos, por favor.",
    late: "Esto ya no se pudo tomar en cuenta. La página muestra cómo están las cosas ahora.",
    taken: { visit: "Le enviaremos mensajes sobre esta cita.", all: "Le enviaremos mensajes sobre las citas en las que ayuda." },
    takenAbout: "Responda STOP a uno de los mensajes para no recibir más.",
    review: "Gracias. Tenemos lo que escribió.",
    reviewAbout: "Antes de enviarle mensajes le preguntamos a la persona a la que ayuda. Hasta entonces, todo está en esta página.",
    stopped: "Este número nos pidió no recibir mensajes.",
    stoppedAbout: "Para recibirlos otra vez, envíe START al número de donde llegaban. En esta página también está todo.",
  },
};

export const SHARE_WORDS: { readonly [L in Locale]: ShareWords } = { en, es };
