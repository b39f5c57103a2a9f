/** Lets every one of several works end, and only then says which failed: none is left under way unseen, and none keeps another from its end. */
export async function endAll(works: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(works);
  const failed = ends.filter((end) => end.status === "rejected");
  if (failed.length === 0) return;
  throw new AggregateError(
    failed.map(({ reason }): unknown => reason),
    `${failed.length} of ${works.length} failed`,
  );
}
