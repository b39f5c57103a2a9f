import { defineConfig } from "vitest/config";

/** The house rules alone: they read the sources and need no database. */
export default defineConfig({ test: { include: ["test/house.test.ts"] } });
