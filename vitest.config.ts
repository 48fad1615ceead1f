import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['bench/**/*.test.ts', 'server/**/*.test.ts', 'models/**/*.test.ts', 'console/**/*.test.ts'],
    setupFiles: ['server/test/seed.ts'],
    globalSetup: ['console/test/setup.ts', 'server/test/migrated-sqlite.ts', 'server/test/shared-postgres.ts'],
    reporters: ['default', './server/test/tally-reporter.ts'],
    // Two cores: a worker for each; real engines and sockets make a test slow, not wrong.
    maxWorkers: 2,
    // Real processes on a busy machine: once more, and the run names who needed it (docs/decisions/0048).
    retry: 1,
    testTimeout: 30_000,
    // Waiting for a state is not a timing: a busy machine may take its time.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
})
