/** What is wrong with something that came from outside: where, what stood there, and what would be right. All faults of one input are listed at once. */
export type Fault = {
  /** Path into the input, such as `patient.phone` or `sessions[2].startsAt`. */
  readonly path: string;
  /** What stood there, shortened to 80 characters and freed of control characters; undefined when nothing did. */
  readonly value?: string;
  /** What would be right, as the end of the sentence "expected …". */
  readonly expected: string;
};

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };
