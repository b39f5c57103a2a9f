/** What the work gives, or undefined when that takes longer; the work itself goes on, and how it ends is no longer asked. */
export async function within<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // An end that nobody waits for any more must not pass for one that nobody has thought of.
    work.catch(() => undefined);
  }
}
