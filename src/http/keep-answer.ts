/** An answer that is costly to find and may be a little old: whoever asks meanwhile waits for the same one, and it is kept for a while. */
import { monotonicMs } from "../clock.ts";

/** `forMs`: for how long an answer is given again, counted from when it came. One that failed is asked for anew. */
export function keepAnswer<Answer>(ask: () => Promise<Answer>, { forMs }: { readonly forMs: number }): () => Promise<Answer> {
  let kept: { readonly answer: Promise<Answer>; readonly until: number } | undefined;
  let underWay: Promise<Answer> | undefined;
  return () => {
    if (underWay) return underWay;
    if (kept && monotonicMs() < kept.until) return kept.answer;
    const asked = ask().finally(() => (underWay = undefined));
    underWay = asked;
    asked.then(
      () => (kept = { answer: asked, until: monotonicMs() + forMs }),
      () => (kept = undefined),
    );
    return asked;
  };
}
