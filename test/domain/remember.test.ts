import { expect, test } from "vitest";
import { remember } from "../../src/domain/remember.ts";

test("what is put into a full map makes it forget what came first, and nothing else", () => {
  const map = new Map<string, number>();
  for (const [index, key] of ["a", "b", "c"].entries()) expect(remember(map, key, index, 3)).toBe(index);
  expect([...map.keys()]).toEqual(["a", "b", "c"]);
  remember(map, "d", 3, 3);
  expect([...map.keys()]).toEqual(["b", "c", "d"]);
  remember(map, "c", 7, 3);
  expect([...map]).toEqual([
    ["b", 1],
    ["c", 7],
    ["d", 3],
  ]);
});
