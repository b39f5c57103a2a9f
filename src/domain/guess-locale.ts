/** In which of our languages somebody writes of whom no chart says it: only for the one text that cannot wait for an answer. */
import type { Locale } from "./clinic.ts";
import { foldText } from "./fold-text.ts";

const SPANISH_LETTERS = /[ñ¿¡]/i;
/** Words that are frequent in the one language and are none in the other. */
const SPANISH =
  /\b(?:quiero|quisiera|puedo|estoy|tengo|siento|vivir|morir|morirme|matar|matarme|vida|ayuda|ayudame|ayudenme|auxilio|socorro|respirar|pecho|duele|muero|dano|hacerme|mejor|nadie|porque|pero|para|mas|muy|yo|mi|que|esta|voy|ya|hola|por|favor|emergencia|ambulancia|sobredosis|suicidarme|aguanto)\b/g;
const ENGLISH =
  /\b(?:i|im|want|wanna|going|gonna|to|my|myself|the|and|is|it|this|cant|cannot|dont|help|please|kill|die|dead|live|life|anymore|feel|need|think|about|you|breathe|chest|pain|hurt)\b/g;

/** The language that more of its words belong to; `otherwise` where they are as many. */
export function guessLocale(body: string, otherwise: Locale): Locale {
  if (SPANISH_LETTERS.test(body)) return "es";
  const text = foldText(body);
  const [spanish, english] = [SPANISH, ENGLISH].map((words) => text.match(words)?.length ?? 0);
  if (spanish === english) return otherwise;
  return (spanish ?? 0) > (english ?? 0) ? "es" : "en";
}
