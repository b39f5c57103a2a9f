import { expect, test } from "vitest";
import { findForbiddenWords, findTaughtKeywords } from "../../src/messages/forbidden-words.ts";

const WORDS = [
  ..."ketamine esketamine Ketamina SPRAVATO lozenge intranasal infusion infusión injection inyecciones intravenous dose dosing dosis drug drogas".split(
    " ",
  ),
  ..."medication medicamento treatment tratamientos therapy therapist terapia integration integración trip psychedelic psychiatry psiquiatra".split(
    " ",
  ),
  ..."psicólogo depression depresión depressed antidepressant anxiety ansiedad PTSD TEPT trauma bipolar mental mood ánimo".split(" "),
  ..."PHQ PHQ-9 GAD-7 PCL-5 suicide suicidal suicidio diagnosis diagnóstico symptoms síntomas fasting ayuno ayunas".split(" "),
];

test.each(WORDS)("%s is refused in a text, a subject and a neutral body", (word) => {
  expect(findForbiddenWords(`Your ${word}, tomorrow`, "outside")).not.toEqual([]);
  expect(findForbiddenWords(`Your ${word}, tomorrow`, "body")).not.toEqual([]);
});

test.each(["medicines", "medicinas", "hurting yourself", "hacerse daño", "988", "alcohol"])(
  "%s is said behind the lock screen only",
  (word) => {
    expect(findForbiddenWords(`About ${word}.`, "outside")).not.toEqual([]);
    expect(findForbiddenWords(`About ${word}.`, "body")).toEqual([]);
  },
);

test("what keeps people safe stays allowed", () => {
  const text =
    "Nothing to eat after 2:00 AM. Who drives you home? No coma nada después de las dos. Dos citas. No drops in the nose. Fast reply.";
  expect(findForbiddenWords(text, "outside")).toEqual([]);
});

test("the address of a link says nothing, whatever its letters", () => {
  expect(findForbiddenWords("See https://visits.example/v/-dose-phq-PTSD_mood", "outside")).toEqual([]);
});

test("each word is named once, as it would be looked up", () => {
  expect(findForbiddenWords("Depresión, depresión y KETAMINA", "body")).toEqual(["depresion", "ketamina"]);
});

test.each(["Reply CANCEL to cancel", "reply yes to confirm", "Text END", 'send "quit"', "Responda SI", "Responda CANCELAR", "Envíe ALTO"])(
  "%s teaches a word that carriers take for something else",
  (text) => {
    expect(findTaughtKeywords(text)).toHaveLength(1);
  },
);

test.each([
  "Reply STOP to stop texts, HELP for help.",
  "Responda STOP para no recibir más.",
  "Responda si puede.",
  "call or text 988",
  "Reply 1 to confirm",
])("%s teaches nothing dangerous", (text) => {
  expect(findTaughtKeywords(text)).toEqual([]);
});
