/** What the answering parts of a visit's page say, in each language. Nothing here says what the visit is for. */
import type { Locale } from "../domain/clinic.ts";

type Say = (value: string) => string;

export type AnswerWords = {
  readonly confirm: {
    readonly title: string;
    readonly titleAtHome: string;
    readonly yes: string;
    readonly yesAtHome: string;
    readonly done: string;
  };
  readonly move: {
    readonly open: string;
    readonly label: string;
    readonly hint: string;
    readonly send: string;
    readonly stays: string;
    readonly done: string;
    readonly untilThen: Say;
    readonly takeBack: string;
    readonly tooLong: string;
  };
  readonly companion: {
    readonly [Kind in "driver" | "sitter"]: {
      readonly title: string;
      readonly about: string;
      readonly done: string;
      readonly onFile: string;
      readonly missing: string;
    };
  };
  readonly naming: {
    readonly name: string;
    readonly phone: string;
    readonly phoneHint: string;
    readonly save: string;
    readonly nobody: string;
    readonly other: string;
    readonly noName: string;
    readonly badPhone: string;
  };
  readonly read: { readonly button: string; readonly done: string };
  readonly location: {
    readonly title: string;
    readonly about: string;
    readonly home: string;
    readonly elsewhere: string;
    readonly address: string;
    readonly addressHint: string;
    readonly save: string;
    readonly done: string;
    readonly change: string;
    readonly noChoice: string;
    readonly noAddress: string;
  };
  readonly after: {
    readonly titleAtHome: string;
    readonly over: string;
    readonly overDone: string;
    readonly title: string;
    readonly safe: string;
    readonly safeDone: string;
    readonly trouble: string;
    readonly troubleTitle: string;
    readonly troubleDone: string;
    readonly call911: string;
    readonly when911: string;
  };
  readonly late: string;
};

const en: AnswerWords = {
  confirm: {
    title: "Will you be there?",
    titleAtHome: "Does this time work for you?",
    yes: "Yes, I will be there",
    yesAtHome: "Yes, this time works",
    done: "You told us that you will be there. Thank you.",
  },
  move: {
    open: "I need another time",
    label: "Which days or times would suit you?",
    hint: "You can leave this empty. Please write nothing about your health.",
    send: "Ask for another time",
    stays: "Your visit stays as planned until we have called you.",
    done: "We have your message and will call you about another time.",
    untilThen: (when) => `Until then your visit stays as planned: ${when}.`,
    takeBack: "The planned time works after all",
    tooLong: "Please shorten this to 300 characters.",
  },
  companion: {
    driver: {
      title: "Who takes you home?",
      about:
        "You cannot drive that day, and a taxi alone is not enough. A friend, a neighbor or someone from the family is fine. They do not need to know what the visit is for.",
      done: "You told us who takes you home. Thank you.",
      onFile: "We have noted who takes you home after your visits.",
      missing: "Thank you for telling us. We will call you, and together we will find somebody, or another day.",
    },
    sitter: {
      title: "Who stays with you?",
      about: "Somebody you trust should be with you the whole time, sober and awake. They do not need to know what the visit is for.",
      done: "You told us who stays with you. Thank you.",
      onFile: "We have noted who stays with you.",
      missing: "Thank you for telling us. We will call you, and together we will find somebody, or another day.",
    },
  },
  naming: {
    name: "Name",
    phone: "Phone",
    phoneHint: "If you know it. We only use it for this visit.",
    save: "Save",
    nobody: "I have nobody yet",
    other: "Somebody else this time?",
    noName: "Please write a name, or choose “I have nobody yet”.",
    badPhone: "Please check this number, or leave it empty.",
  },
  read: { button: "I have read this", done: "You have read how to prepare. Thank you." },
  location: {
    title: "Where will you be?",
    about: "So that help can find you if you need it. We also call you before you begin.",
    home: "At my home address, the one you have",
    elsewhere: "Somewhere else",
    address: "Address",
    addressHint: "Street, number, apartment and town",
    save: "Save",
    done: "You told us where you will be. Thank you.",
    change: "Somewhere else after all?",
    noChoice: "Please choose where you will be.",
    noAddress: "Please write the address where you will be.",
  },
  after: {
    titleAtHome: "Are you done?",
    over: "I have finished, and somebody is with me",
    overDone: "Thank you for telling us. Stay in for the rest of the day, and let somebody stay with you.",
    title: "Are you home?",
    safe: "I am home and all right",
    safeDone: "Good to know that you are home. Rest well.",
    trouble: "Something is not right",
    troubleTitle: "Please call us now",
    troubleDone: "We see that something is not right, but do not wait for us to read it.",
    call911: "Call 911",
    when911:
      "Call 911 if you cannot reach us and it cannot wait, and always for chest pain, trouble breathing or swallowing, fainting, a seizure, or if somebody cannot be woken properly.",
  },
  late: "This could not be taken any more. The page shows how things stand now.",
};

const es: AnswerWords = {
  confirm: {
    title: "¿Confirma su cita?",
    titleAtHome: "¿Le queda bien esta hora?",
    yes: "Sí, ahí estaré",
    yesAtHome: "Sí, me queda bien esa hora",
    done: "Nos confirmó su cita. Gracias.",
  },
  move: {
    open: "Necesito otra hora",
    label: "¿Qué días u horas le convienen?",
    hint: "Puede dejarlo vacío. No escriba nada sobre su salud, por favor.",
    send: "Pedir otra hora",
    stays: "Su cita sigue como está hasta que le hayamos llamado.",
    done: "Recibimos su mensaje y le llamaremos para buscar otra hora.",
    untilThen: (when) => `Hasta entonces su cita sigue como está: ${when}.`,
    takeBack: "La hora prevista sí me sirve",
    tooLong: "Acórtelo a 300 caracteres, por favor.",
  },
  companion: {
    driver: {
      title: "¿Quién le lleva a casa?",
      about:
        "Ese día no puede manejar y un taxi solo no basta. Sirve una amistad, alguien del vecindario o de la familia. No necesita saber para qué es la cita.",
      done: "Nos dijo quién le lleva a casa. Gracias.",
      onFile: "Tenemos anotado quién le lleva a casa después de sus citas.",
      missing: "Gracias por decirnos. Le llamaremos y juntos buscaremos a alguien, o bien otro día.",
    },
    sitter: {
      title: "¿Quién le acompaña?",
      about:
        "Alguien de confianza debe estar con usted todo el tiempo, sin haber bebido y sin dormirse. No necesita saber para qué es la cita.",
      done: "Nos dijo quién le acompaña. Gracias.",
      onFile: "Tenemos anotado quién le acompaña.",
      missing: "Gracias por decirnos. Le llamaremos y juntos buscaremos a alguien, o bien otro día.",
    },
  },
  naming: {
    name: "Nombre",
    phone: "Teléfono",
    phoneHint: "Si lo sabe. Solo lo usamos para esta cita.",
    save: "Guardar",
    nobody: "Todavía no tengo a nadie",
    other: "¿Esta vez será otra persona?",
    noName: "Escriba un nombre o elija «Todavía no tengo a nadie».",
    badPhone: "Revise este número o déjelo vacío.",
  },
  read: { button: "Ya lo leí", done: "Ya leyó cómo prepararse. Gracias." },
  location: {
    title: "¿Dónde va a estar?",
    about: "Para que la ayuda le encuentre si la necesita. También le llamamos antes de empezar.",
    home: "En mi casa, en la dirección que ya tienen",
    elsewhere: "En otro lugar",
    address: "Dirección",
    addressHint: "Calle, número, apartamento y ciudad",
    save: "Guardar",
    done: "Nos dijo dónde va a estar. Gracias.",
    change: "¿Al final será en otro lugar?",
    noChoice: "Elija dónde va a estar.",
    noAddress: "Escriba la dirección donde va a estar.",
  },
  after: {
    titleAtHome: "¿Ya terminó?",
    over: "Ya terminé y hay alguien conmigo",
    overDone: "Gracias por decirnos. Quédese en casa el resto del día y no se quede a solas.",
    title: "¿Ya está en casa?",
    safe: "Estoy en casa y estoy bien",
    safeDone: "Qué bueno saber que está en casa. Descanse.",
    trouble: "Algo no está bien",
    troubleTitle: "Llámenos ahora, por favor",
    troubleDone: "Vemos que algo no está bien, pero no espere a que lo leamos.",
    call911: "Llame al 911",
    when911:
      "Llame al 911 si no logra comunicarse con nosotros y no puede esperar, y siempre si hay dolor en el pecho, dificultad para respirar o tragar, desmayo, convulsiones o si no logran despertar bien a alguien.",
  },
  late: "Esto ya no se pudo tomar en cuenta. La página muestra cómo están las cosas ahora.",
};

export const ANSWER_WORDS: { readonly [L in Locale]: AnswerWords } = { en, es };
