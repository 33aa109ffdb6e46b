/** Builds the main process (desktop app, command line, database worker), the preload script and the renderer. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { SWAGGER_UI_FILES } from './src-main/server/docs-page.ts';

// The Electron whose Node the bundle is made for. electron-vite would ask the electron package, which is not needed
// to build.
process.env.ELECTRON_MAJOR_VER ??= '45';

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
          desktop: from('src-main/desktop.ts'),
          headless: from('src-main/headless.ts'),
          'postgres-worker': from('src-main/storage/embedded/postgres-worker.ts'),
        },
        // Chunks lie beside the entries: what is addressed relative to import.meta.url is found from all of them.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload script can require nothing but electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: from('src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react(), tailwindcss()],
    build: {
      outDir: 'out/renderer',
      // electron-vite turns it off, but browsers load this build too.
      minify: true,
      target: 'chrome130',
      // The Content-Security-Policy lets fonts come from files only.
      assetsInlineLimit: 0,
      rolldownOptions: { input: from('src-renderer/index.html') },
    },
  },
});
