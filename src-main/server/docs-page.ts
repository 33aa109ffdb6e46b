/** The API reference at `/api/docs`: Swagger UI, served by us, with nothing from elsewhere. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Page {
  contentType: string;
  body: string | Buffer;
  /** Content-Security-Policy of this page. */
  policy: string;
  /** Seconds a browser may keep it. */
  max_age_seconds: number;
}

const DOCS_PATH = '/api/docs';
/** Swagger UI draws its icons from data: URLs; everything else comes from this server. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const ASSET_SECONDS = 3600;

/** Files of swagger-ui-dist that are served; the build copies exactly these. */
export const SWAGGER_UI_FILES = [
  'swagger-ui-bundle.js',
  'swagger-ui.css',
  'favicon-32x32.png',
  'LICENSE',
  'NOTICE',
] as const;

const CONTENT_TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
};

const HTML = `<!doctype html>
<html lang="en" class="dark-mode">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Archon API reference</title>
    <link rel="icon" type="image/png" href="${DOCS_PATH}/favicon-32x32.png">
    <link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css">
  </head>
  <body>
    <div id="reference"></div>
    <script src="${DOCS_PATH}/swagger-ui-bundle.js"></script>
    <script src="${DOCS_PATH}/start.js"></script>
  </body>
</html>
`;

/** No validator (it would be asked on the web), and the token is forgotten with the page. */
const START_SCRIPT = `window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** The page or one of its files, or undefined when the path is none of them. */
export async function docsPage(pathname: string): Promise<Page | undefined> {
  const page = (contentType: string, body: string | Buffer, max_age_seconds: number): Page => ({
    contentType,
    body,
    policy: DOCS_POLICY,
    max_age_seconds,
  });
  if (pathname === DOCS_PATH || pathname === `${DOCS_PATH}/`) return page('text/html; charset=utf-8', HTML, 0);
  if (pathname === `${DOCS_PATH}/start.js`) return page('text/javascript; charset=utf-8', START_SCRIPT, 0);
  const file = SWAGGER_UI_FILES.find((name) => pathname === `${DOCS_PATH}/${name}`);
  if (file === undefined) return undefined;
  const contentType = CONTENT_TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain; charset=utf-8';
  return page(contentType, await readFile(join(swaggerUiFolder(), file)), ASSET_SECONDS);
}

/** Beside the built bundle, or in node_modules when the sources run. */
function swaggerUiFolder(): string {
  const built = fileURLToPath(new URL('./swagger-ui/', import.meta.url));
  if (existsSync(built)) return built;
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
