import { accepted, type Reading, refused } from "./reading.ts";
import { parseLine } from "./line-of-text.ts";

/** Parts of words that tell a bystander what somebody is treated for. Compared without accents, spaces and hyphens. */
const TELLING =
  /ketam|ketalar|spravato|psych|psiq|psilocyb|mentalhealth|saludmental|behavioralhealth|depress|depresi|suicid|addict|adiccion|trauma|ptsd|infusion|lozenge/;

/** Reads the name under which a clinic speaks to patients; it stands on lock screens and in calendars, so it must not tell what is treated there. */
export function parseNeutralName(text: string): Reading<string> {
  const line = parseLine(text, { most: 60 });
  if (!line.ok) return line;
  const folded = line.value
    .normalize("NFKD")
    .replace(/[^\p{L}]/gu, "")
    .toLowerCase();
  const telling = TELLING.exec(folded)?.[0];
  if (!telling) return accepted(line.value);
  return refused(
    `a neutral name that patients know, such as Aspen Ridge Clinic: it stands on lock screens and in calendars (this one holds "${telling}")`,
  );
}
