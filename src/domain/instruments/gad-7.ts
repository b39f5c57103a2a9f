/** GAD-7. The wording is the official one of each language, to the letter; do not mend it. */
import { type Choice, type Instrument, item, screenEach } from "./instrument.ts";

const HOW_OFTEN: readonly Choice[] = [
  { value: 0, label: { en: "Not at all", es: "Nunca" } },
  { value: 1, label: { en: "Several days", es: "Varios días" } },
  { value: 2, label: { en: "More than half the days", es: "Más de la mitad de los días" } },
  { value: 3, label: { en: "Nearly every day", es: "Casi todos los días" } },
];

const STEM = {
  en: "Over the last 2 weeks, how often have you been bothered by the following problems?",
  es: "Durante las últimas 2 semanas, ¿con qué frecuencia ha sentido molestias por los siguientes problemas?",
};

const ITEMS = [
  item("1", { en: "Feeling nervous, anxious or on edge", es: "Sentirse nervioso/a, intranquilo/a o con los nervios de punta" }, HOW_OFTEN),
  item(
    "2",
    { en: "Not being able to stop or control worrying", es: "No poder dejar de preocuparse o no poder controlar la preocupación" },
    HOW_OFTEN,
  ),
  item("3", { en: "Worrying too much about different things", es: "Preocuparse demasiado por diferentes cosas" }, HOW_OFTEN),
  item("4", { en: "Trouble relaxing", es: "Dificultad para relajarse" }, HOW_OFTEN),
  item(
    "5",
    {
      en: "Being so restless that it is hard to sit still",
      es: "Estar tan inquieto/a que es difícil permanecer sentado/a tranquilamente",
    },
    HOW_OFTEN,
  ),
  item("6", { en: "Becoming easily annoyed or irritable", es: "Molestarse o ponerse irritable fácilmente" }, HOW_OFTEN),
  item("7", { en: "Feeling afraid as if something awful might happen", es: "Sentir miedo como si algo terrible pudiera pasar" }, HOW_OFTEN),
];

export const GAD_7: Instrument = {
  id: "gad-7",
  version: 1,
  name: "GAD-7",
  notice: {
    en: "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute.",
    es: "Elaborado por los doctores Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke y colegas, mediante una subvención educativa otorgada por Pfizer Inc. No se requiere permiso para reproducir, traducir, presentar o distribuir.",
  },
  licence: "The form says: no permission required to reproduce, translate, display or distribute (https://www.phqscreeners.com).",
  wording:
    "English as on the form of phqscreeners.com. Spanish: the wording that three independent public copies agree on, one of them in the forms of a university hospital; the form of phqscreeners.com itself was not opened, so a clinic compares it before its first use.",
  recallDays: 14,
  askAgainAfterDays: 6,
  locales: ["en", "es"],
  minutes: 2,
  instruction: null,
  items: ITEMS,
  screens: screenEach(STEM, ITEMS),
  scoring: {
    most: 21,
    bands: [
      { from: 0, name: "minimal" },
      { from: 5, name: "mild" },
      { from: 10, name: "moderate" },
      { from: 15, name: "severe" },
    ],
    cutOff: { from: 10, means: "further evaluation is usual" },
    reliableChange: 4,
    remissionBelow: null,
    worsening: {
      points: 4,
      percent: null,
      total: null,
      source:
        "four points is the least change that matters, https://fis.uke.de/portal/en/publications/sensitivity-to-change-and-minimal-clinically-important-difference-of-the-7item-generalized-anxiety-disorder-questionnaire-gad7(3ac450dc-9eb3-48dd-89ee-a5c0bc2d51c3).html; to be confirmed by the clinic",
    },
    subscales: [],
    sources: ["bands and cut-off: Spitzer, Kroenke, Williams, Löwe 2006, https://doi.org/10.1001/archinte.166.10.1092"],
  },
};
