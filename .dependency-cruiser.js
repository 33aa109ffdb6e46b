/** Imports point one way: contract ← domain ← engine ← api ← hosts. See docs/developer/architecture.md. */
const DOMAIN =
  '^src-main/(memory|retrieval|events|workers|resilience|observability|ops-agent|settings|identity|secrets|storage|transfer)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle has no beginning to read from.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'electron-only-in-the-shell',
      severity: 'error',
      comment: 'The engine runs without Electron; only the desktop shell may know it.',
      from: { pathNot: '^(src-main/desktop(/|\\.ts$)|src-preload/)' },
      to: { path: '^(node_modules/)?electron(/|$)' },
    },
    {
      name: 'contract-stands-alone',
      severity: 'error',
      comment: 'Both sides know the contract, so it knows neither.',
      from: { path: '^src-contract/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^src-contract/', '^node_modules/(zod|@orpc/contract)/'] },
    },
    {
      name: 'renderer-knows-only-the-contract',
      severity: 'error',
      comment: 'The window talks to the engine through the contract alone.',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|src-preload)/' },
    },
    {
      name: 'domain-does-not-know-its-hosts',
      severity: 'error',
      comment: 'Domain modules are used by the API and the hosts, never the other way round.',
      from: { path: DOMAIN },
      to: { path: '^src-main/(api|server|cli|desktop|demo)/|^src-main/(engine|headless|desktop|services)\\.ts$' },
    },
    {
      name: 'engine-does-not-know-its-hosts',
      severity: 'error',
      from: { path: '^src-main/(engine|services)\\.ts$' },
      to: { path: '^src-main/(api|server|cli|desktop|demo)/|^src-main/(headless|desktop)\\.ts$' },
    },
    {
      name: 'connections-know-no-engine',
      severity: 'error',
      comment: 'What a connection is and how it is looked at serves the installation, the doctor and the stores alike.',
      from: { path: '^src-main/connections/' },
      to: {
        path: '^src-main/(api|server|cli|desktop|demo|installation)/|^src-main/(engine|headless|desktop|services)\\.ts$',
      },
    },
    {
      name: 'installation-does-not-know-its-hosts',
      severity: 'error',
      comment: 'Hosts and the API ask the installation; it knows engines, and none of who asks.',
      from: { path: '^src-main/installation/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src-main/(api|server|cli|desktop|demo)/|^src-main/(headless|desktop)\\.ts$' },
    },
    {
      name: 'engine-does-not-know-the-installation',
      severity: 'error',
      comment: 'The installation outlives engines.',
      from: { path: `${DOMAIN}|^src-main/(engine[a-z-]*|services)\\.ts$` },
      to: { path: '^src-main/installation/' },
    },
    {
      name: 'no-test-code-in-the-app',
      severity: 'error',
      from: { path: '^src-', pathNot: '\\.test\\.ts$' },
      to: { path: '^tests/|\\.test\\.ts$' },
    },
    {
      name: 'no-dev-dependencies-in-the-app',
      severity: 'error',
      comment: 'What runs must be installed with the app. Electron itself is what the desktop app runs in.',
      from: { path: '^(src-main|src-contract)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/electron/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
