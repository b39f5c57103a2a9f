import { expect, test } from "vitest";
import { readBooks } from "../../src/cli/demo-ledger.ts";
import { ANA } from "./run-cli.ts";
import { seedClinic } from "./seed-clinic.ts";

test("books that hold are one line, and a broken promise is told with its rows", async () => {
  const clinic = await seedClinic();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
  expect(await readBooks(clinic.db)).toEqual({ holds: true, lines: [expect.stringMatching(/^\d+ checks of what is stored, all hold\.$/)] });
  await clinic.pool.query(
    "update touchpoints set ended_at = now() where id = (select id from touchpoints where state = 'planned' limit 1)",
  );
  expect(await readBooks(clinic.db)).toEqual({
    holds: false,
    lines: [
      expect.stringMatching(/^ends-are-recorded: 1 row against the promise that /),
      expect.stringMatching(/^ {2}tp_[0-9a-f-]{36} {2}planned, and yet ended$/),
    ],
  });
});
