import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    env: { TZ: "Pacific/Kiritimati" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than the two processors there are: many files wait, for a poll, a process that starts, a provider that is slow.
    maxWorkers: 3,
    // A process runs file after file with the modules it has: to load them again for every file takes as long as all the tests.
    isolate: false,
    restoreMocks: true,
    coverage: { include: ["src/**"], reporter: ["text-summary", "html"] },
  },
});
