/** What a browser sees at `/` when there is no user interface to show: which server this is and where to go on. */
import { createHash } from 'node:crypto';
import type { Page } from './docs-page.ts';

const STYLE = `:root{color-scheme:dark}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#15111f;color:#e9e4f5;font:16px/1.6 system-ui,sans-serif}main{max-width:34rem;padding:2rem}h1{margin:0;font-size:2rem;color:#b79cff}p{color:#b9b0cc}a{color:#c9b6ff}ul{padding-left:1.2rem}`;

const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** @param notice why the user interface is not here, and what to do */
export function homePage(version: string, notice: string): Page {
  return {
    contentType: 'text/html; charset=utf-8',
    policy: `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    max_age_seconds: 0,
    body: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Archon ${version}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      <h1>Archon ${version}</h1>
      <p>Memory for AI agents. This server answers agents and programs; every call but the ones below needs a token.</p>
      <p>${notice}</p>
      <ul>
        <li><a href="/api/docs">API reference</a></li>
        <li><a href="/api/openapi.json">OpenAPI document</a></li>
        <li><a href="/health">Health</a></li>
      </ul>
    </main>
  </body>
</html>
`,
  };
}
