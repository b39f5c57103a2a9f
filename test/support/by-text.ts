/** Compares by text, for lists whose order does not matter. */
export function byText(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}
