/** Numbers for the people of a world. */

const used = new WeakMap<object, number>();

/** 1, 2, 3 and so on: each world counts for itself, whatever other files this process has run before. */
export function nextNumber(world: object): number {
  const next = (used.get(world) ?? 0) + 1;
  used.set(world, next);
  return next;
}
