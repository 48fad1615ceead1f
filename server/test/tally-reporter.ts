import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with the one line `N passed, N failed` that sums all of it; a file that cannot be loaded is a failure too. Before it stands each
 * test that passed only when it was run once more, with what it failed of.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        if (state === 'passed') count.passed += 1
        else if (state === 'failed') count.failed += 1
        else count.skipped += 1
        if (test.diagnostic()?.flaky)
          console.log(
            `Passed only the second time: ${module.relativeModuleId}: ${test.fullName}\n  ${errors?.[0]?.stack ?? ''}`,
          )
      }
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
  }
}
