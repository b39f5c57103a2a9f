/** PHQ-9 and its first two items, the PHQ-2. The wording is the official one of each language, to the letter; do not mend it. */
import { type Choice, type Instrument, type Item, item, screenEach } from "./instrument.ts";

const HOW_OFTEN: readonly Choice[] = [
  { value: 0, label: { en: "Not at all", es: "Ningún día" } },
  { value: 1, label: { en: "Several days", es: "Varios días" } },
  { value: 2, label: { en: "More than half the days", es: "Más de la mitad de los días" } },
  { value: 3, label: { en: "Nearly every day", es: "Casi todos los días" } },
];

const HOW_DIFFICULT: readonly Choice[] = [
  { value: 0, label: { en: "Not difficult at all", es: "No ha sido difícil" } },
  { value: 1, label: { en: "Somewhat difficult", es: "Un poco difícil" } },
  { value: 2, label: { en: "Very difficult", es: "Muy difícil" } },
  { value: 3, label: { en: "Extremely difficult", es: "Extremadamente difícil" } },
];

const STEM = {
  en: "Over the last 2 weeks, how often have you been bothered by any of the following problems?",
  es: "Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?",
};

const FIRST_TWO: readonly Item[] = [
  item("1", { en: "Little interest or pleasure in doing things", es: "Poco interés o placer en hacer cosas" }, HOW_OFTEN),
  item("2", { en: "Feeling down, depressed, or hopeless", es: "Se ha sentido decaído(a), deprimido(a) o sin esperanzas" }, HOW_OFTEN),
];

const SYMPTOMS: readonly Item[] = [
  ...FIRST_TWO,
  item(
    "3",
    {
      en: "Trouble falling or staying asleep, or sleeping too much",
      es: "Ha tenido dificultad para quedarse o permanecer dormido(a), o ha dormido demasiado",
    },
    HOW_OFTEN,
  ),
  item("4", { en: "Feeling tired or having little energy", es: "Se ha sentido cansado(a) o con poca energía" }, HOW_OFTEN),
  item("5", { en: "Poor appetite or overeating", es: "Sin apetito o ha comido en exceso" }, HOW_OFTEN),
  item(
    "6",
    {
      en: "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
      es: "Se ha sentido mal con usted mismo(a) – o que es un fracaso o que ha quedado mal con usted mismo(a) o con su familia",
    },
    HOW_OFTEN,
  ),
  item(
    "7",
    {
      en: "Trouble concentrating on things, such as reading the newspaper or watching television",
      es: "Ha tenido dificultad para concentrarse en ciertas actividades, tales como leer el periódico o ver la televisión",
    },
    HOW_OFTEN,
  ),
  item(
    "8",
    {
      en: "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless that you have been moving around a lot more than usual",
      es: "¿Se ha movido o hablado tan lento que otras personas podrían haberlo notado? o lo contrario – muy inquieto(a) o agitado(a) que ha estado moviéndose mucho más de lo normal",
    },
    HOW_OFTEN,
  ),
  {
    ...item(
      "9",
      {
        en: "Thoughts that you would be better off dead or of hurting yourself in some way",
        es: "Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera",
      },
      HOW_OFTEN,
    ),
    answer: "may",
    alarms: [
      { values: [1], kind: "self-harm-answer", level: "high" },
      { values: [2, 3], kind: "self-harm-answer", level: "critical" },
    ],
    whenSkipped: { kind: "self-harm-answer", level: "high" },
  },
];

const DIFFICULTY: Item = {
  ...item(
    "difficulty",
    {
      en: "If you checked off any problems, how difficult have these problems made it for you to do your work, take care of things at home, or get along with other people?",
      es: "Si marcó cualquiera de los problemas, ¿qué tanta dificultad le han dado estos problemas para hacer su trabajo, encargarse de las tareas del hogar, o llevarse bien con otras personas?",
    },
    HOW_DIFFICULT,
  ),
  scored: false,
  answer: "may",
};

const NOTICE = {
  en: "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute.",
  es: "Elaborado por los doctores Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke y colegas, mediante una subvención educativa otorgada por Pfizer Inc. No se requiere permiso para reproducir, traducir, presentar o distribuir.",
};
const LICENCE = "The form says: no permission required to reproduce, translate, display or distribute (https://www.phqscreeners.com).";

export const PHQ_9: Instrument = {
  id: "phq-9",
  version: 1,
  name: "PHQ-9",
  notice: NOTICE,
  licence: LICENCE,
  wording:
    "English as on the form of phqscreeners.com; Spanish as on its form for the USA, compared with a copy of that form (https://es.studenta.com/content/129686767/patient-health-questionnaire-9-spanish). phqscreeners.com itself was not opened.",
  recallDays: 14,
  askAgainAfterDays: 6,
  locales: ["en", "es"],
  minutes: 3,
  instruction: null,
  items: [...SYMPTOMS, DIFFICULTY],
  screens: [...screenEach(STEM, SYMPTOMS), { stem: { en: "", es: "" }, items: ["difficulty"] }],
  scoring: {
    most: 27,
    bands: [
      { from: 0, name: "minimal" },
      { from: 5, name: "mild" },
      { from: 10, name: "moderate" },
      { from: 15, name: "moderately severe" },
      { from: 20, name: "severe" },
    ],
    cutOff: { from: 10, means: "sensitivity and specificity of 88 % for major depression in the first study" },
    reliableChange: 5,
    remissionBelow: 5,
    worsening: {
      points: 5,
      percent: { of: 20, from: 10 },
      total: 20,
      source:
        "five points is the classic least change that matters, about 20 % of the baseline the newer one in moderate severity, https://pmc.ncbi.nlm.nih.gov/articles/PMC9340848; 20 is where severe begins; to be confirmed by the clinic",
    },
    subscales: [],
    sources: [
      "bands and cut-off: Kroenke, Spitzer, Williams 2001, https://doi.org/10.1046/j.1525-1497.2001.016009606.x",
      "response: a fall by half; remission: below 5, by convention",
    ],
  },
};

export const PHQ_2: Instrument = {
  ...PHQ_9,
  id: "phq-2",
  name: "PHQ-2",
  wording: "The first two items of the PHQ-9, in the wording of that form.",
  minutes: 1,
  items: FIRST_TWO,
  screens: screenEach(STEM, FIRST_TWO),
  scoring: {
    most: 6,
    bands: [
      { from: 0, name: "below the cut-off" },
      { from: 3, name: "at or above the cut-off" },
    ],
    cutOff: { from: 3, means: "sensitivity 61 %, specificity 92 % for major depression; from 2 on 86 % and 78 %" },
    reliableChange: null,
    remissionBelow: null,
    worsening: null,
    subscales: [],
    sources: ["cut-offs: https://pmc.ncbi.nlm.nih.gov/articles/PMC2906530"],
  },
};
