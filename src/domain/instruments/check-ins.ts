/**
 * Check-ins in words of our own: how somebody got home, the day after, three days after, side effects between visits, what becomes of what came up. They have no
 * total and measure nothing; each answer stands for itself, and the clinic's clinician approves them with the protocol that asks them.
 */
import { type Alarm, type Choice, type Instrument, type Item, item } from "./instrument.ts";

const YES_NO: readonly Choice[] = [
  { value: 1, label: { en: "Yes", es: "Sí" } },
  { value: 0, label: { en: "No", es: "No" } },
];

const HOW_STRONG: readonly Choice[] = [
  { value: 0, label: { en: "No", es: "No" } },
  { value: 1, label: { en: "A little", es: "Un poco" } },
  { value: 2, label: { en: "A lot", es: "Mucho" } },
];

const SLEEP: readonly Choice[] = [
  { value: 0, label: { en: "Well", es: "Bien" } },
  { value: 1, label: { en: "So-so", es: "Más o menos" } },
  { value: 2, label: { en: "Badly", es: "Mal" } },
];

const BOOKED: readonly Choice[] = [
  { value: 1, label: { en: "Yes", es: "Sí" } },
  { value: 0, label: { en: "Not yet", es: "Todavía no" } },
  { value: 2, label: { en: "I do not need one", es: "No la necesito" } },
];

const ZERO_TO_TEN = Array.from({ length: 11 }, (_, value): number => value);
const scale = (worst: { en: string; es: string }, best: { en: string; es: string }): readonly Choice[] =>
  ZERO_TO_TEN.map((value) => {
    const word = value === 0 ? worst : value === 10 ? best : { en: "", es: "" };
    return { value, label: { en: word.en, es: word.es } };
  });

const SEVERE: Alarm = { values: [1], kind: "severe-side-effect", level: "critical" };
const STRONG: Alarm = { values: [2], kind: "side-effect", level: "high" };

const unscored = (each: Item): Item => ({ ...each, scored: false });
const yesNo = (id: string, text: { en: string; es: string }, alarms: readonly Alarm[] = []): Item => ({
  ...unscored(item(id, text, YES_NO)),
  alarms,
});
const howStrong = (id: string, text: { en: string; es: string }, alarms: readonly Alarm[] = []): Item => ({
  ...unscored(item(id, text, HOW_STRONG)),
  alarms,
});

const MOOD: Item = {
  ...unscored(
    item(
      "mood",
      { en: "How is your mood today?", es: "¿Cómo está su ánimo hoy?" },
      scale({ en: "As bad as it can be", es: "Lo peor posible" }, { en: "As good as it can be", es: "Lo mejor posible" }),
    ),
  ),
  shown: "scale",
};

const severe = (en: string, es: string): Item =>
  yesNo(
    "severe",
    {
      en: `${en} chest pain, trouble breathing or swallowing, fainting, a seizure, or swelling of the face or throat?`,
      es: `${es} dolor en el pecho, dificultad para respirar o tragar, desmayo, convulsiones, o hinchazón de la cara o la garganta?`,
    },
    [SEVERE],
  );

const SYMPTOMS: readonly Item[] = [
  howStrong("nausea", { en: "Nausea or vomiting", es: "Náuseas o vómitos" }, [STRONG]),
  howStrong("dizziness", { en: "Dizzy or unsteady", es: "Mareo o falta de equilibrio" }),
  howStrong("headache", { en: "Headache", es: "Dolor de cabeza" }),
  howStrong("vision", { en: "Blurred or double vision", es: "Visión borrosa o doble" }),
  howStrong("detached", { en: "Feeling detached or unreal", es: "Sensación de estar desconectado o de que nada es real" }, [STRONG]),
  howStrong("anxiety", { en: "Anxiety or fear", es: "Ansiedad o miedo" }),
  howStrong("heartbeat", { en: "Fast or pounding heartbeat", es: "Latidos rápidos o fuertes" }, [STRONG]),
];

const ownWords = {
  version: 1,
  notice: null,
  licence: "Written for this project; a clinic may change it in a version of its own.",
  wording: "Our own words in both languages, to be approved by the clinic's clinician.",
  recallDays: null,
  askAgainAfterDays: null,
  locales: ["en", "es"],
  minutes: 1,
  instruction: null,
  scoring: null,
} as const satisfies Partial<Instrument>;

const HOME = [
  yesNo("home", { en: "Are you home, or where you will stay tonight?", es: "¿Está en casa, o donde pasará la noche?" }, [
    { values: [0], kind: "side-effect", level: "high" },
  ]),
  yesNo("company", { en: "Is somebody with you, or close by?", es: "¿Hay alguien con usted, o cerca?" }),
  severe("Do you have any of these now:", "¿Tiene ahora alguno de estos síntomas:"),
];

export const HOME_SAFE: Instrument = {
  ...ownWords,
  id: "home-safe",
  name: "Home safe",
  items: HOME,
  screens: [{ stem: { en: "", es: "" }, items: HOME.map(({ id }) => id) }],
};

const FALL = yesNo("fall", { en: "Have you fallen?", es: "¿Se ha caído?" }, [{ values: [1], kind: "side-effect", level: "high" }]);
const NEXT_DAY_ITEMS = [
  severe("Since your visit, have you had any of these:", "Desde su cita, ¿ha tenido alguno de estos síntomas:"),
  ...SYMPTOMS,
  FALL,
  unscored(item("sleep", { en: "How did you sleep last night?", es: "¿Cómo durmió anoche?" }, SLEEP)),
  MOOD,
];

export const NEXT_DAY: Instrument = {
  ...ownWords,
  id: "next-day",
  name: "Next day",
  recallDays: 1,
  minutes: 2,
  items: NEXT_DAY_ITEMS,
  screens: [
    { stem: { en: "", es: "" }, items: ["severe", "fall"] },
    {
      stem: { en: "Since your visit, have you had any of the following?", es: "Desde su cita, ¿ha tenido algo de lo siguiente?" },
      items: SYMPTOMS.map(({ id }) => id),
    },
    { stem: { en: "", es: "" }, items: ["sleep", "mood"] },
  ],
};

const THREE_DAYS_ITEMS = [
  MOOD,
  howStrong("troubled", { en: "Is anything from your visit still troubling you?", es: "¿Hay algo de su cita que todavía le preocupe?" }, [
    STRONG,
  ]),
  unscored(
    item(
      "integration",
      {
        en: "Do you have a time booked to talk about your visit with somebody?",
        es: "¿Tiene una hora reservada para hablar de su cita con alguien?",
      },
      BOOKED,
    ),
  ),
];

export const THREE_DAYS: Instrument = {
  ...ownWords,
  id: "three-days",
  name: "Three days after",
  recallDays: 1,
  items: THREE_DAYS_ITEMS,
  screens: [
    { stem: { en: "", es: "" }, items: ["mood"] },
    { stem: { en: "", es: "" }, items: ["troubled", "integration"] },
  ],
};

const BETWEEN_VISITS: readonly Item[] = [
  ...SYMPTOMS,
  howStrong("urine", { en: "Pain when passing urine, or having to go more often", es: "Dolor al orinar, o tener que ir más seguido" }, [
    STRONG,
  ]),
  howStrong(
    "craving",
    {
      en: "A strong wish for more of the medicine, or taking it other than agreed",
      es: "Muchas ganas de más medicina, o tomarla de otra forma que la acordada",
    },
    [STRONG],
  ),
  howStrong("low", { en: "Feeling lower than before", es: "Sentirse peor de ánimo que antes" }, [STRONG]),
];
const SIDE_EFFECT_ITEMS = [
  severe("In the past week, have you had any of these:", "En la última semana, ¿ha tenido alguno de estos síntomas:"),
  FALL,
  ...BETWEEN_VISITS,
];

export const SIDE_EFFECTS: Instrument = {
  ...ownWords,
  id: "side-effects",
  name: "Side effects",
  recallDays: 7,
  askAgainAfterDays: 6,
  minutes: 2,
  items: SIDE_EFFECT_ITEMS,
  screens: [
    { stem: { en: "", es: "" }, items: ["severe", "fall"] },
    {
      stem: { en: "In the past week, have you had any of the following?", es: "En la última semana, ¿ha tenido algo de lo siguiente?" },
      items: BETWEEN_VISITS.map(({ id }) => id),
    },
  ],
};

const INTEGRATION_ITEMS: readonly Item[] = [
  {
    ...unscored(
      item(
        "days",
        {
          en: "How much of what came up in your visits have you been able to bring into your days?",
          es: "¿Cuánto de lo que surgió en sus citas ha podido llevar a sus días?",
        },
        scale({ en: "Nothing yet", es: "Nada todavía" }, { en: "All that matters", es: "Todo lo que importa" }),
      ),
    ),
    shown: "scale",
  },
  yesNo("somebody", { en: "Do you have somebody to talk to about it?", es: "¿Tiene con quién hablar de ello?" }),
  howStrong("hard", { en: "Has anything come up that is hard to be with?", es: "¿Ha surgido algo con lo que le cuesta estar?" }, [STRONG]),
];

export const INTEGRATION: Instrument = {
  ...ownWords,
  id: "integration",
  name: "Integration",
  recallDays: 7,
  items: INTEGRATION_ITEMS,
  screens: INTEGRATION_ITEMS.map(({ id }) => ({ stem: { en: "", es: "" }, items: [id] })),
};
