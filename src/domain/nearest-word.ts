/** Words people write for ours, folded to lower case without separators. */
const MEANT = new Map([
  ["mobile", "phone"],
  ["cell", "phone"],
  ["telephone", "phone"],
  ["mail", "email"],
  ["emailaddress", "email"],
  ["dob", "birthDate"],
  ["dateofbirth", "birthDate"],
  ["birthday", "birthDate"],
  ["mrn", "ref"],
  ["chart", "ref"],
  ["chartnumber", "ref"],
  ["timezone", "zone"],
  ["tz", "zone"],
  ["language", "locale"],
  ["diagnosis", "condition"],
  ["start", "startsAt"],
  ["time", "startsAt"],
  ["duration", "minutes"],
  ["length", "minutes"],
  ["type", "kind"],
  ["location", "place"],
  ["link", "joinUrl"],
  ["url", "joinUrl"],
  ["driver", "escort"],
  ["appointments", "sessions"],
  ["openinghours", "hours"],
  ["holidays", "closures"],
]);

/** Finds the known word that was probably meant; candidates may be dotted paths, of which the last part is compared. Undefined when none is near. */
export function findNearestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  const folded = fold(word);
  const meant = MEANT.get(folded);
  const ranked = candidates.map((candidate) => {
    const name = candidate.slice(candidate.lastIndexOf(".") + 1);
    return { candidate, distance: name === meant ? 0 : editDistance(folded, fold(name)) };
  });
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.min(2, Math.floor(folded.length / 2)) ? best.candidate : undefined;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
