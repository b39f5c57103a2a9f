/** The child's side of {@link startChild}: answers requests one by one name, until the parent goes away. */
import { z } from "zod";

const request = z.object({ id: z.number(), what: z.string(), input: z.unknown() });

export type Handlers = { readonly [what: string]: (input: unknown) => Promise<unknown> };

/** Serves these handlers for as long as the parent is there; a handler's error travels back as its message. */
export function serve(handlers: Handlers): void {
  process.on("message", (message) => {
    const { id, what, input } = request.parse(message);
    const handler = handlers[what];
    const work = handler ? handler(input) : Promise.reject(new Error(`${what} is not served here`));
    work.then(
      (answer) => process.send?.({ id, answer }),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent ends its children in order.
  process.on("SIGINT", () => undefined);
}

/** The moment, comparable between the processes of one machine: milliseconds, finer than Date gives them. */
export function moment(): number {
  return performance.timeOrigin + performance.now();
}
