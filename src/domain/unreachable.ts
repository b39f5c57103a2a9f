/** Ends an exhaustive switch: the compiler refuses the call while a case is missing, and a value that slipped past it stops the program loudly. */
export function unreachable(value: never): never {
  throw new Error(`No case for ${JSON.stringify(value)}`);
}
