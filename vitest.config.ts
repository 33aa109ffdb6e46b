import { defineConfig } from 'vitest/config';

/** Specs of the user interface that are not reliable on a loaded machine yet: `npm run test:ui` runs them. */
const UI_SPECS = ['accessibility', 'hostile-content', 'import', 'keyboard', 'outage', 'sizes'].map(
  (name) => `tests/e2e/ui-${name}.test.ts`,
);

const project = (name: string, include: string[], timeout_ms: number, exclude: string[] = []) => ({
  test: { name, include, exclude, environment: 'node', testTimeout: timeout_ms, hookTimeout: timeout_ms },
});

export default defineConfig({
  test: {
    // Two workers: every integration file starts databases of its own, and the smallest machine we support has 2 cores.
    maxWorkers: 2,
    reporters: ['default'],
    projects: [
      project('unit', ['src-*/**/*.test.ts'], 30_000),
      project('integration', ['tests/integration/**/*.test.ts', 'tests/security/**/*.test.ts'], 180_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000, UI_SPECS),
      ...(process.env.ARCHON_TEST_UI === '1' ? [project('ui', UI_SPECS, 300_000)] : []),
    ],
    coverage: {
      provider: 'v8',
      include: ['src-main/**/*.ts', 'src-contract/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 80 },
    },
  },
});
