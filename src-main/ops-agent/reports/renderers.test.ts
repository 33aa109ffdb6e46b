import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleReport } from '../../../tests/support/report-samples.ts';
import { FIGURES } from './figures.ts';
import { changeOf, countText, dayText, msText, percentText, secondsText, timeText } from './format.ts';
import { renderHtml } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderText } from './render-text.ts';
import { summaryOf } from './summary.ts';

/** Puts a text wherever somebody else's words come to. */
function hostile(text: string) {
  const report = sampleReport({
    summary: text,
    components: [{ component: text, uptime_percent: 1, outages: 1, longest_outage_seconds: 1, mttr_seconds: 1 }],
    breakers: [{ breaker: text, openings: 1, open_seconds: 1, last_error: text }],
    workers: [{ worker: text, runs: 1, failures: 1, restarts: 1, mean_ms: 1 }],
    errors: [{ message: text, component: text, count: 1, last_at: '2026-11-30T04:11:00.000Z' }],
    alerts: sampleReport().data.alerts.map((alert) => ({ ...alert, rule_name: text, summary: text })),
    actions: sampleReport().data.actions.map((action) => ({ ...action, cause: text, outcome: text, remediator: text })),
    recommendations: [{ title: text, detail: text, impact: text }],
  });
  return { ...report, trigger: 'person' as const, created_by: text };
}

const TAGS = /<[/!]?[a-z][^>]*>/gi;
const ALLOWED =
  /^<(!doctype html|\/?(html|head|body|main|header|section|footer|title|style|h1|h2|p|span|strong|table|thead|tbody|tr|th|td|ul|li)|br|meta|svg|\/svg|rect)\b/i;

describe('a report as HTML', () => {
  it('tells every figure and every section', () => {
    const page = renderHtml(sampleReport());
    for (const { title } of Object.values(FIGURES)) expect(page).toContain(title.replaceAll('&', '&#38;'));
    for (const told of ['99.72 %', '131,904', '84 ms', 'connect ECONNREFUSED', 'consolidation', 'still there']) {
      expect(page).toContain(told);
    }
    // 7:00 in Berlin.
    expect(page).toContain('30 Nov 2026, 07:00');
  });

  it('loads nothing and runs nothing', () => {
    const page = renderHtml(sampleReport());
    expect(page).not.toMatch(/<(script|link|img|iframe|object|form)\b|url\(|@import|\son[a-z]+=|https?:|src=|href=/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('@media print');
    expect(page).toContain('size: A4');
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><style>*{display:none}',
    '&lt;b&gt; &amp;',
  ])('shows %s as the text it is', (text) => {
    const page = renderHtml(hostile(text));
    const escaped = text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
    expect(page).toContain(escaped);
    for (const [tag] of page.replace(/<style>.*?<\/style>/s, '').matchAll(TAGS)) expect(tag).toMatch(ALLOWED);
    expect(page.replaceAll(escaped, '')).not.toContain('alert(1)');
  });

  it('has the same elements whatever is said in it', () => {
    const elements = (page: string) => [...page.matchAll(TAGS)].map(([tag]) => tag);
    const expected = elements(renderHtml(hostile('plain')));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(elements(renderHtml(hostile(text)))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('says so when there is nothing', () => {
    const page = renderHtml(
      sampleReport({
        alerts: [],
        actions: [],
        errors: [],
        recommendations: [],
        workers: [],
        breakers: [],
        components: [],
      }),
    );
    expect(page).toContain('None fired.');
    expect(page).toContain('None in the log.');
    expect(page).not.toContain('Recommendations');
  });
});

describe('a report as Markdown', () => {
  it('has a table of the figures and the sections', () => {
    const page = renderMarkdown(sampleReport());
    expect(page).toContain('| Uptime | 99.72 % | 100 % | −0.28 pp |');
    expect(page).toContain('## What the agent did');
    expect(page).toContain('| critical | A component is unhealthy |');
  });

  it('keeps its tables, whatever is said in them', () => {
    const shape = (page: string) => page.split('\n').map((line) => line.replaceAll(/\\./g, '').split('|').length);
    const expected = shape(renderMarkdown(hostile('plain')));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
        expect(shape(renderMarkdown(hostile(text)))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['[x](javascript:alert(1))', '<img src=x>', '![x](http://evil.example)', '`code`', 'a | b', '# head'])(
    'shows %s as the text it is',
    (text) => {
      const page = renderMarkdown(hostile(text));
      // Nothing of it is left that means something.
      expect(page.replaceAll(/\\./g, '')).not.toMatch(/\]\(|<img|`|:\/\//);
    },
  );
});

describe('a report as text', () => {
  it('is lines that a mail can show', () => {
    const text = renderText(sampleReport());
    expect(text).toContain('Archon report, 29 Nov 2026, 07:00 to 30 Nov 2026, 07:00 (Europe/Berlin)');
    expect(text).toMatch(/Requests +131,904 {2}\(day before: 147,732, −11 %\)/);
    expect(text).toContain('- [low] Dead letters: 112 dead letters wait');
  });

  it('has no line that somebody else began', () => {
    expect(renderText(hostile('one\nSubject: two'))).not.toMatch(/^Subject/m);
  });
});

describe('the sentence', () => {
  const { data } = sampleReport();

  it('says how it was', () => {
    expect(summaryOf(data)).toBe(
      'Archon was up 99.72 % of the time. 3 alerts fired, and the agent acted 4 times; 3 of these helped. ' +
        '131,904 requests came in, 95 of 100 within 84 ms. The longest outage was of delivery, 25 min 10 s.',
    );
  });

  it('says what is not known', () => {
    expect(summaryOf({ ...data, recorded_percent: 40 })).toContain(
      '99.72 % of the time that was recorded, which is 40 % of it; of the rest nothing is known.',
    );
    const nothing = data.figures.map((figure) => ({ ...figure, value: null }));
    expect(summaryOf({ ...data, figures: nothing, components: [] })).toBe('It was not recorded whether Archon was up.');
  });
});

describe('figures as people read them', () => {
  it.each([
    [percentText(100), '100 %'],
    [percentText(99.9999), '99.99 %'],
    [percentText(99.5), '99.5 %'],
    [percentText(0), '0 %'],
    [percentText(0.001), '< 0.01 %'],
    [percentText(-3.25), '-3.25 %'],
    [percentText(null), '–'],
    [msText(0.42), '0.4 ms'],
    [msText(84.4), '84 ms'],
    [msText(1500), '1.5 s'],
    [msText(75_000), '1 min 15 s'],
    [secondsText(0.5), '0.5 s'],
    [secondsText(59.6), '1 min'],
    [secondsText(3599.7), '1 h'],
    [secondsText(90_000), '1 d 1 h'],
    [countText(1234567), '1,234,567'],
    [countText(2.5), '2.5'],
    [dayText('2026-11-29T23:30:00.000Z', 'Europe/Berlin'), '2026-11-30'],
    [timeText('2026-07-01T05:00:00.000Z', 'Europe/Berlin'), '1 Jul 2026, 07:00'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it('say whether a change is for the better', () => {
    const figure = (key: keyof typeof FIGURES, value: number | null) => ({
      key,
      ...FIGURES[key],
      value,
      day_before: null,
      week: null,
    });
    expect(changeOf(figure('latency_p95_ms', 200), 100)).toEqual({ text: '+100 %', verdict: 'worse' });
    expect(changeOf(figure('uptime_percent', 100), 99)).toEqual({ text: '+1 pp', verdict: 'better' });
    expect(changeOf(figure('requests', 50), 100)).toEqual({ text: '−50 %', verdict: 'same' });
    expect(changeOf(figure('alerts_fired', 3), 0)).toEqual({ text: '+3', verdict: 'worse' });
    expect(changeOf(figure('alerts_fired', 3), 3)).toEqual({ text: '±0', verdict: 'same' });
    expect(changeOf(figure('requests', 4000), 2)?.text).toBe('× 2,000');
    expect(changeOf(figure('requests', null), 2)).toBeNull();
    expect(changeOf(figure('requests', 2), null)).toBeNull();
  });
});
