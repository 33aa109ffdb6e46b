/**
 * The page of the problem window, as text.
 *
 * It has no script and no bridge: its buttons are links, and main acts on the navigation they start. So it works when
 * nothing else does, and there is nothing in it to attack.
 */
import type { Finding } from '../../../src-contract/index.ts';
import { PROBLEM_ORIGIN } from '../origins.ts';
import type { StartProblem } from './start-problem.ts';

export const PROBLEM_ACTIONS = ['retry', 'doctor', 'logs', 'folder', 'quit'] as const;
export type ProblemAction = (typeof PROBLEM_ACTIONS)[number];

/** What the checks say, once they were asked for. */
export type DoctorState = { state: 'not-run' } | { state: 'running' } | { state: 'done'; findings: readonly Finding[] };

export const PROBLEM_URL = `${PROBLEM_ORIGIN}/`;
const ACTION_PATH = '/do/';

/** The action a link of the page asks for. */
export function actionOf(url: string): ProblemAction | undefined {
  if (!url.startsWith(PROBLEM_ORIGIN + ACTION_PATH)) return undefined;
  const name = url.slice((PROBLEM_ORIGIN + ACTION_PATH).length);
  return PROBLEM_ACTIONS.find((action) => action === name);
}

export function problemPage(problem: StartProblem, data_dir: string, doctor: DoctorState): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Archon could not start</title>
<link rel="stylesheet" href="/problem.css">
<main>
<h1>${escapeHtml(problem.title)}</h1>
<p>${escapeHtml(problem.explanation)}</p>
<pre tabindex="0" aria-label="Error">${escapeHtml(problem.details)}</pre>
<p class="folder">Data folder: <code>${escapeHtml(data_dir)}</code></p>
<nav aria-label="What to do">
${link('retry', 'Try again', 'primary')}
${link('doctor', 'Run checks')}
${link('folder', 'Choose another data folder …')}
${link('logs', 'Open logs folder')}
${link('quit', 'Quit')}
</nav>
${doctorSection(doctor)}
</main>
</html>`;
}

function link(action: ProblemAction, label: string, kind = 'plain'): string {
  return `<a class="${kind}" href="${ACTION_PATH}${action}" draggable="false">${escapeHtml(label)}</a>`;
}

function doctorSection(doctor: DoctorState): string {
  switch (doctor.state) {
    case 'not-run':
      return '';
    case 'running':
      return '<section role="status"><h2>Checks</h2><p>Checking …</p></section>';
    case 'done':
      return `<section><h2>Checks</h2><ul>${doctor.findings.map(finding).join('')}</ul></section>`;
  }
}

const STATUS_WORDS: Record<Finding['status'], string> = { ok: 'OK', warning: 'Note', failed: 'Problem' };

function finding({ status, check, detail, advice }: Finding): string {
  const hint = advice === null ? '' : `<span class="advice">${escapeHtml(advice)}</span>`;
  return `<li class="${status}"><b>${STATUS_WORDS[status]}</b> <span>${escapeHtml(check)}: ${escapeHtml(detail)}${hint}</span></li>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

export const PROBLEM_STYLE = `
:root { color-scheme: dark; font: 15px/1.55 system-ui, sans-serif; background: #0b0a12; color: #e7e5ee; }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 2rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
pre { background: #17151f; border: 1px solid #2c2938; border-radius: 8px; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
.folder { color: #a8a4b8; }
nav { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.25rem; }
a { color: inherit; text-decoration: none; border: 1px solid #3b3748; border-radius: 8px; padding: .45rem .9rem; background: #1c1a26; }
a:hover { background: #272433; }
a:focus-visible { outline: 2px solid #a78bfa; outline-offset: 2px; }
a.primary { background: #7c3aed; border-color: #7c3aed; color: #fff; }
a.primary:hover { background: #6d28d9; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; gap: .75rem; padding: .4rem 0; border-top: 1px solid #211f2b; overflow-wrap: anywhere; }
li b { flex: 0 0 5rem; }
li.ok b { color: #4ade80; } li.warning b { color: #facc15; } li.failed b { color: #f87171; }
.advice { display: block; color: #a8a4b8; }
`;
