/** `node --import register.ts`: whoever imports `electron` gets the stand-in. */
import { registerHooks } from 'node:module';

const url = new URL('./electron/index.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier.startsWith('electron/')
      ? { url, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
