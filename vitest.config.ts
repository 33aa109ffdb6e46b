import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], timeout_ms: number, globalSetup: string[] = []) => ({
  test: { name, include, environment: 'node', testTimeout: timeout_ms, hookTimeout: timeout_ms, globalSetup },
});

/** Empty databases that tests copy. */
const TEMPLATES = 'tests/support/template-folder.ts';

export default defineConfig({
  test: {
    // One more than the smallest machine we support has cores: tests wait for processes, disks and browsers a third of
    // their time. More would only make each slower, as every integration file starts databases of its own.
    maxWorkers: 3,
    reporters: ['default'],
    projects: [
      project('unit', ['src-*/**/*.test.ts', 'tests/chaos/**/*.test.ts', 'tests/soak/**/*.test.ts'], 30_000),
      project('integration', ['tests/integration/**/*.test.ts', 'tests/security/**/*.test.ts'], 180_000, [TEMPLATES]),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000, [TEMPLATES]),
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
