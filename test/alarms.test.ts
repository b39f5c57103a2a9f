import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const file = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(["page", "warn"]) }),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const rules = file.parse(parse(await readFile("ops/afterglow.rules.yml", "utf8"))).groups.flatMap((group) => group.rules);

test("every alarm asks for a metric that the web process shows", async () => {
  const shown = await readFile("src/http/metrics.ts", "utf8");
  const asked = rules.flatMap(({ alert, expr }) => Array.from(expr.matchAll(/afterglow_([a-z_]+)/g), ([, name = ""]) => ({ alert, name })));
  expect(asked.filter(({ name }) => !shown.includes(`"${name}"`))).toEqual([]);
  expect(new Set(asked.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThan(10);
});

test("every alarm names a runbook that is there", async () => {
  const headings = Array.from((await readFile("docs/operations.md", "utf8")).matchAll(/^#{2,3} (.+)$/gm), ([, text = ""]) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
  const missing = rules.filter(({ annotations: { runbook } }) => {
    const [path, anchor = ""] = runbook.split("#");
    return path !== "docs/operations.md" || !headings.includes(anchor);
  });
  expect(missing).toEqual([]);
});
