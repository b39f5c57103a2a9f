/** One value read from outside, or what would have been right, as the end of the sentence "expected …". */
export type Reading<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly expected: string };

/** The value was right. */
export function accepted<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

/** The value was wrong; `expected` ends the sentence "expected …". */
export function refused(expected: string): { readonly ok: false; readonly expected: string } {
  return { ok: false, expected };
}
