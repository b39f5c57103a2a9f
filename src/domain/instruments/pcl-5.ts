/** PCL-5 (past month). The wording is that of the National Center for PTSD, to the letter; do not mend it. */
import { type Choice, type Instrument, item, screenEach } from "./instrument.ts";

const HOW_MUCH: readonly Choice[] = [
  { value: 0, label: { en: "Not at all" } },
  { value: 1, label: { en: "A little bit" } },
  { value: 2, label: { en: "Moderately" } },
  { value: 3, label: { en: "Quite a bit" } },
  { value: 4, label: { en: "Extremely" } },
];

const STEM = { en: "In the past month, how much were you bothered by:" };

const ITEMS = [
  "Repeated, disturbing, and unwanted memories of the stressful experience?",
  "Repeated, disturbing dreams of the stressful experience?",
  "Suddenly feeling or acting as if the stressful experience were actually happening again (as if you were actually back there reliving it)?",
  "Feeling very upset when something reminded you of the stressful experience?",
  "Having strong physical reactions when something reminded you of the stressful experience (for example, heart pounding, trouble breathing, sweating)?",
  "Avoiding memories, thoughts, or feelings related to the stressful experience?",
  "Avoiding external reminders of the stressful experience (for example, people, places, conversations, activities, objects, or situations)?",
  "Trouble remembering important parts of the stressful experience?",
  "Having strong negative beliefs about yourself, other people, or the world (for example, having thoughts such as: I am bad, there is something seriously wrong with me, no one can be trusted, the world is completely dangerous)?",
  "Blaming yourself or someone else for the stressful experience or what happened after it?",
  "Having strong negative feelings such as fear, horror, anger, guilt, or shame?",
  "Loss of interest in activities that you used to enjoy?",
  "Feeling distant or cut off from other people?",
  "Trouble experiencing positive feelings (for example, being unable to feel happiness or have loving feelings for people close to you)?",
  "Irritable behavior, angry outbursts, or acting aggressively?",
  "Taking too many risks or doing things that could cause you harm?",
  "Being “superalert” or watchful or on guard?",
  "Feeling jumpy or easily startled?",
  "Having difficulty concentrating?",
  "Trouble falling or staying asleep?",
].map((en, index) => item(String(index + 1), { en }, HOW_MUCH));

const ids = (from: number, to: number) => ITEMS.slice(from - 1, to).map(({ id }) => id);
const endorsed = (items: number) => ({ items, endorsedFrom: 2 });

export const PCL_5: Instrument = {
  id: "pcl-5",
  version: 1,
  name: "PCL-5",
  notice: {
    en: "PCL-5 (2013). Weathers, Litz, Keane, Palmieri, Marx, & Schnurr. National Center for PTSD, U.S. Department of Veterans Affairs.",
  },
  licence: "Made by the U.S. Department of Veterans Affairs; in the public domain (https://www.ptsd.va.gov).",
  wording:
    "English, past month, without the extended trauma page. No Spanish: a version of the National Center for PTSD whose wording is certain was not found, and a translation of one's own would not be the instrument. Whoever reads Spanish is called instead of sent a link.",
  recallDays: 30,
  askAgainAfterDays: 27,
  locales: ["en"],
  minutes: 8,
  instruction: {
    en: "Below is a list of problems that people sometimes have in response to a very stressful experience. Please read each problem carefully and then choose one of the answers to indicate how much you have been bothered by that problem in the past month.",
  },
  items: ITEMS,
  screens: screenEach(STEM, ITEMS),
  scoring: {
    most: 80,
    bands: [
      { from: 0, name: "below the usual cut-off" },
      { from: 31, name: "within the range of cut-offs (31-33)" },
      { from: 33, name: "at or above the usual cut-off" },
    ],
    cutOff: { from: 31, means: "31 to 33 is the usual range of cut-offs for probable PTSD" },
    reliableChange: 5,
    remissionBelow: null,
    worsening: {
      points: 10,
      percent: null,
      total: null,
      source:
        "five points is reliable, ten clinically meaningful, https://calculate.qxmd.com/storage/calculators/684/PCL-5.html; other pages give 5-10 and 10-20; to be confirmed by the clinic",
    },
    subscales: [
      { name: "B intrusion", items: ids(1, 5), needs: endorsed(1) },
      { name: "C avoidance", items: ids(6, 7), needs: endorsed(1) },
      { name: "D cognitions and mood", items: ids(8, 14), needs: endorsed(2) },
      { name: "E arousal and reactivity", items: ids(15, 20), needs: endorsed(2) },
    ],
    sources: [
      "cut-offs 31-33: https://pmc.ncbi.nlm.nih.gov/articles/PMC10292741",
      "clusters and pattern (an item counts from 2): https://www.onlinemedicaltools.com/tools/pcl5",
    ],
  },
};
