import { describe, expect, it } from 'vitest';
import { DataFolderInUseError } from '../../storage/data-folder-lock.ts';
import { actionOf, problemPage } from './problem-page.ts';
import { explainStartProblem } from './start-problem.ts';

describe('the page that explains why Archon did not start', () => {
  it('says it in plain words, with the words of the error below', () => {
    const problem = explainStartProblem(new DataFolderInUseError('/data', { pid: 7, started_at: 'today' }));
    expect(problem.title).toBe('Another program is using your memory');
    expect(problem.details).toContain('process 7');
    const unforeseen = explainStartProblem(new Error('odd'));
    expect(unforeseen).toMatchObject({ title: 'Archon could not start', details: 'odd' });
  });

  it('shows what others wrote as text', () => {
    const attack = `<script>alert(1)</script>"'&`;
    const page = problemPage({ title: attack, explanation: attack, details: attack }, attack, {
      state: 'done',
      findings: [{ status: 'failed', check: attack, detail: attack, advice: attack, fix: null }],
    });
    expect(page).not.toContain('<script');
    expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;&amp;/g)).toHaveLength(7);
  });

  it('knows its own links and no others', () => {
    expect(actionOf('app://problem/do/retry')).toBe('retry');
    for (const url of ['app://problem/do/', 'app://problem/do/format', 'app://archon/do/retry', 'app://problem/']) {
      expect(actionOf(url)).toBeUndefined();
    }
  });
});
