/** Pages for when there is nothing to show. They know neither clinic nor reader, so each says the same to everybody, in both languages. */
import { html } from "./html.ts";
import { frame } from "./page-frame.ts";

type Sentences = { readonly title: string; readonly lines: readonly string[] };

function plainPage(basePath: string, { en, es }: { en: Sentences; es: Sentences }): string {
  const say = ({ lines }: Sentences) => lines.map((line) => html`<p>${line}</p>`);
  return frame(
    { locale: "en", title: en.title, clinic: null, basePath },
    html`<section>${say(en)}</section>
<section lang="es"><h2>${es.title}</h2>${say(es)}</section>`,
  );
}

/** Unknown, revoked and expired links look alike, and so does every address that does not exist. */
export function notFoundPage(basePath: string): string {
  return plainPage(basePath, {
    en: {
      title: "This link does not work",
      lines: [
        "A link works until a day after what it is for, and sometimes it is cut off on its way.",
        "To get a new one, call your clinic. You find the number in the message that the link was in.",
        "In an emergency, call 911.",
      ],
    },
    es: {
      title: "Este enlace no funciona",
      lines: [
        "Un enlace sirve hasta un día después de la cita o de las preguntas, y a veces llega cortado.",
        "Para recibir uno nuevo, llame a su clínica. El número está en el mensaje donde venía el enlace.",
        "En una emergencia, llame al 911.",
      ],
    },
  });
}

export function tooManyPage(basePath: string): string {
  return plainPage(basePath, {
    en: { title: "Please wait a moment", lines: ["This page was opened very often from your connection. Try again in a minute."] },
    es: {
      title: "Espere un momento, por favor",
      lines: ["Esta página se abrió muchas veces desde su conexión. Inténtelo de nuevo en un minuto."],
    },
  });
}

/** `reference` finds the fault in the log. */
export function failedPage(basePath: string, reference: string): string {
  return plainPage(basePath, {
    en: {
      title: "Something went wrong",
      lines: ["It is our fault, not yours. Try again in a few minutes, or call your clinic.", `Reference: ${reference}`],
    },
    es: {
      title: "Algo salió mal",
      lines: ["La culpa es nuestra, no suya. Inténtelo de nuevo en unos minutos o llame a su clínica.", `Referencia: ${reference}`],
    },
  });
}

/** The cookie of the page has run out, or was never kept. */
export function closedPage(basePath: string): string {
  return plainPage(basePath, {
    en: {
      title: "Please open the link again",
      lines: [
        "To keep it private, this page closes itself after a while. Open the link in your message once more.",
        "Do you see this every time? Then your browser does not accept cookies. Allow them for this page, or call your clinic: the number is in the message that the link was in.",
      ],
    },
    es: {
      title: "Abra el enlace otra vez",
      lines: [
        "Para proteger su privacidad, esta página se cierra sola después de un rato. Abra de nuevo el enlace de su mensaje.",
        "¿Le pasa siempre? Entonces su navegador no acepta cookies. Permítalas para esta página o llame a su clínica: el número está en el mensaje donde venía el enlace.",
      ],
    },
  });
}

/** A form that was not sent from a page of ours. */
export function elsewherePage(basePath: string): string {
  return plainPage(basePath, {
    en: {
      title: "Nothing was sent",
      lines: ["This did not come from a page of your clinic, so we did not take it. Open the link in your message and try again."],
    },
    es: {
      title: "No se envió nada",
      lines: ["Esto no vino de una página de su clínica, así que no lo aceptamos. Abra el enlace de su mensaje e inténtelo de nuevo."],
    },
  });
}
