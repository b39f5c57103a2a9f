/** What was started and has to be ended again: in reverse order, each once, none kept from it by the failure of another. */
export type Closers = {
  /** Remembers how to end what was just started. */
  add(name: string, close: () => Promise<unknown>): void;
  /** Ends everything; a repeat waits for the same end. Throws what went wrong, joined, once all was tried. */
  close(): Promise<void>;
};

export function makeClosers(): Closers {
  const open: { name: string; close: () => Promise<unknown> }[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    const failures: Error[] = [];
    for (const { name, close } of open.toReversed()) {
      await close().catch((cause: unknown) => failures.push(new Error(`${name} did not end in good order`, { cause })));
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join("; "));
  };
  return {
    add: (name, close) => open.push({ name, close }),
    close: () => (closing ??= closeAll()),
  };
}
