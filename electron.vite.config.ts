/** Builds what runs in Node: the command line and the database worker. Desktop window and renderer join here. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { SWAGGER_UI_FILES } from './src-main/server/docs-page.ts';

// The Electron whose Node the bundle is made for. electron-vite would ask the electron package, which is not needed
// to build.
process.env.ELECTRON_MAJOR_VER ??= '44';

const from = (path: string): string => resolve(import.meta.dirname, path);

/** The API reference is served from beside the bundle, so that swagger-ui-dist is not needed to run. */
function swaggerUi(): Plugin {
  return {
    name: 'archon:swagger-ui',
    writeBundle({ dir }) {
      if (!dir) throw new Error('the build has no output folder');
      const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
      const target = join(dir, 'swagger-ui');
      mkdirSync(target, { recursive: true });
      for (const file of SWAGGER_UI_FILES) copyFileSync(join(source, file), join(target, file));
    },
  };
}

export default defineConfig({
  main: {
    plugins: [swaggerUi()],
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          headless: from('src-main/headless.ts'),
          'postgres-worker': from('src-main/storage/embedded/postgres-worker.ts'),
        },
        // Chunks lie beside the entries: what is addressed relative to import.meta.url is found from all of them.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
});
