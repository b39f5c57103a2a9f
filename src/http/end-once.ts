/** A time that ends in a full stop ("a. m.") ends its sentence too. */
export function endOnce(sentence: string): string {
  return sentence.replace(/\.\.$/, ".");
}
