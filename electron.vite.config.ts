/** Builds the main process (desktop app, command line, database worker), the preload script and the renderer. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite';
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

/** Views may have addresses of several parts; electron-vite makes what the page loads relative to them. */
const absoluteAddresses = (): Plugin => ({
  name: 'archon:absolute-addresses',
  enforce: 'post',
  config: () => ({ base: '/' }),
});

/** What every visit shows first. */
const FIRST_VIEW = 'src-renderer/features/memory/views/MemoryPage.tsx';

/** Lets the browser fetch the first view with the page, not only once the router asks for it. */
function preloadFirstView(): Plugin {
  return {
    name: 'archon:preload-first-view',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (bundle === undefined) return [];
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const view = chunks.find(({ facadeModuleId }) => facadeModuleId === from(FIRST_VIEW));
        if (view === undefined) throw new Error(`the build has no chunk of ${FIRST_VIEW}`);
        return [...withImports(view, chunks)].filter((name) => !html.includes(name)).map(modulePreload);
      },
    },
  };
}

function withImports(chunk: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[]): Set<string> {
  const names = new Set<string>();
  const add = ({ fileName, imports }: Rolldown.OutputChunk) => {
    if (names.has(fileName)) return;
    names.add(fileName);
    for (const imported of chunks.filter((other) => imports.includes(other.fileName))) add(imported);
  };
  add(chunk);
  return names;
}

const modulePreload = (name: string): HtmlTagDescriptor => ({
  tag: 'link',
  attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` },
  injectTo: 'head',
});

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
    plugins: [react(), tailwindcss(), absoluteAddresses(), preloadFirstView()],
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
