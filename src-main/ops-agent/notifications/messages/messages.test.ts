import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPS_SEVERITIES, OPS_TEMPLATE_PLACES } from '../../../../src-contract/index.ts';
import { alertSample, idOf, START_MS } from '../../../../tests/support/ops-alert-samples.ts';
import { isoTime } from '../../../clock.ts';
import { htmlMail } from './html-mail.ts';
import { alertMessage, type Message, type ToldAlert, testMessage } from './message.ts';
import { plainText } from './plain-text.ts';
import { slackMessage } from './slack-blocks.ts';
import { checkTemplate, TEMPLATE_PLACES, templateBody } from './template-body.ts';
import { webhookBodies } from './webhook-bodies.ts';

const told = (number: number, given: Parameters<typeof alertSample>[1] = {}, about: ToldAlert['about'] = 'firing') => ({
  about,
  alert: alertSample(number, given),
});
const message = (...alerts: ToldAlert[]): Message =>
  alertMessage(idOf(500), alerts, { now_ms: START_MS, page_url: null });
const options = { template: null, secret: 'a-routing-key-of-32-characters-xx', repeat_ms: 4 * 3600_000 };
const parsed = (preset: Parameters<typeof webhookBodies>[0], of: Message) =>
  webhookBodies(preset, of, options).map((body) => JSON.parse(body));

const over = {
  ended_at: isoTime(START_MS + 60_000),
  state: { state: 'resolved' as const, since: null, at: isoTime(START_MS) },
};

describe('a message', () => {
  it('says the worst first and what is over last', () => {
    const of = message(told(1, over, 'resolved'), told(2, { severity: 'low' }), told(3, { severity: 'critical' }));
    expect(of).toMatchObject({
      about: 'firing',
      severity: 'critical',
      subject: '[Critical] Disk in use is 91 %, alert 3. (and 2 more)',
    });
    expect(plainText(of)).toMatch(/^Critical: .*\n\nLow: .*\n\nResolved: .*Until: 2026-01-05 12:01:00 UTC/s);
    expect(plainText(of).match(/What to do/g)).toHaveLength(2);
  });

  it('tells of many by their number', () => {
    const of = message(...Array.from({ length: 60 }, (_, number) => told(number)));
    expect(plainText(of)).toMatch(/And 35 more: see Archon\.$/);
    expect(htmlMail(of)).toContain('And 35 more: see Archon.');
  });

  it('leads to its alert in every form, where it is known how people open Archon', () => {
    const page_url = 'https://ops.example.com/archon?a=<b>"';
    const of = alertMessage(idOf(500), [told(1)], { now_ms: START_MS, page_url });
    const link = `https://ops.example.com/archon/ops-agent/alerts?alert=${idOf(1)}`;
    expect(plainText(of)).toContain(link);
    expect(htmlMail(of)).toContain(`<a href="${link}"`);
    expect(JSON.stringify(slackMessage(of))).toContain(`<${link}|Open in Archon>`);
    for (const preset of ['discord', 'teams', 'pagerduty', 'alertmanager', 'archon'] as const) {
      expect(JSON.stringify(parsed(preset, of))).toContain(`"${link}"`);
      expect(JSON.stringify(parsed(preset, message(told(1))))).not.toContain('/ops-agent/alerts');
    }
    expect(templateBody('{"at":"{{link}}"}', of)).toBe(JSON.stringify({ at: link }));
  });

  it('is safe as HTML whatever an alert says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (summary, label) => {
        const html = htmlMail(
          message(
            told(1, { summary: `<img onerror=x>${summary}`, labels: { [label || 'l']: '"><script>' }, cause: '<b>' }),
          ),
        );
        expect(html).not.toMatch(/<(img|script|b)\b/);
      }),
    );
  });
});

describe('blocks of Slack', () => {
  const textsOf = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own =
      'type' in value && /mrkdwn|plain_text/.test(String(value.type)) && 'text' in value ? [String(value.text)] : [];
    return [...own, ...Object.values(value).flatMap(textsOf)];
  };

  it('stay within the limits of Slack', () => {
    const text = fc.string({ maxLength: 6000 });
    const alert = fc.record({
      summary: text,
      cause: fc.option(text),
      advice: fc.option(text),
      labels: fc.dictionary(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 300 }), { maxKeys: 15 }),
    });
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1, maxLength: 60 }), (alerts) => {
        const { blocks = [], text: beside } = slackMessage(
          message(...alerts.map((given, number) => told(number, given))),
        );
        expect(blocks.length).toBeLessThanOrEqual(50);
        expect(JSON.stringify(blocks).length).toBeLessThan(25_000);
        for (const one of textsOf(blocks)) expect(one.length).toBeLessThanOrEqual(3000);
        for (const block of blocks) {
          const fields = Reflect.get(block, 'fields') ?? [];
          expect(fields.length).toBeLessThanOrEqual(10);
          for (const one of textsOf(fields)) expect(one.length).toBeLessThanOrEqual(2000);
        }
        expect(textsOf(blocks[0])[0]?.length).toBeLessThanOrEqual(150);
        expect(beside.length).toBeLessThanOrEqual(3000);
      }),
      { numRuns: 40 },
    );
  });

  it('call nobody', () => {
    const { text, blocks } = slackMessage(message(told(1, { summary: '<!channel> & <@U1>' })));
    expect(text).toBe('[High] &lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(JSON.stringify(blocks?.slice(1))).toContain('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  });

  it('hold a report in parts', () => {
    const of: Message = {
      kind: 'report',
      delivery_id: '1',
      at: '',
      subject: 'Report',
      html: '',
      text: 'line\n'.repeat(1500),
    };
    const { blocks = [] } = slackMessage(of);
    expect(blocks.length).toBeGreaterThan(3);
    expect(textsOf(blocks).every((one) => one.length <= 3000)).toBe(true);
  });
});

describe('Discord', () => {
  it('gets no more than it takes, and calls nobody', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5000 }), { minLength: 1, maxLength: 15 }), (summaries) => {
        const [body] = parsed('discord', message(...summaries.map((summary, number) => told(number, { summary }))));
        expect(body.embeds.length).toBeLessThanOrEqual(10);
        expect(body.embeds.length).toBeGreaterThan(0);
        let length = 0;
        for (const { title, description, fields } of body.embeds) {
          expect(title.length).toBeLessThanOrEqual(256);
          expect(description.length).toBeLessThanOrEqual(4096);
          length += title.length + description.length;
          for (const { name, value } of fields) {
            expect(value.length).toBeLessThanOrEqual(1024);
            length += name.length + value.length;
          }
        }
        expect(length).toBeLessThanOrEqual(6000);
        expect(body.allowed_mentions).toEqual({ parse: [] });
      }),
    );
  });
});

describe('Teams', () => {
  it('gets a card of less than 28 KB', () => {
    const alerts = Array.from({ length: 200 }, (_, number) =>
      told(number, { summary: 'ü'.repeat(900), cause: 'because' }),
    );
    const [text] = webhookBodies('teams', message(...alerts), options);
    expect(Buffer.byteLength(text ?? '')).toBeLessThan(28_000);
    expect(JSON.parse(text ?? '')).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }],
    });
    expect(text).toContain('more: see Archon.');
  });
});

it('is led nowhere by what stands in an alert', () => {
  const evil = '[https://good.example](https://bad.example)';
  const of = message(told(1, { summary: evil, cause: evil, labels: { worker: evil } }));
  for (const preset of ['discord', 'teams'] as const) {
    const text = JSON.stringify(parsed(preset, of));
    expect(text).toContain('good.example');
    expect(text).not.toContain('](');
  }
});

describe('PagerDuty', () => {
  it('gets an event for each alert, by which the end is known again', () => {
    const [first, second] = parsed('pagerduty', message(told(1), told(2, over, 'resolved')));
    expect(first).toMatchObject({
      routing_key: options.secret,
      event_action: 'trigger',
      dedup_key: `archon-${idOf(1)}`,
      payload: { summary: 'Disk in use is 91 %, alert 1.', source: 'one', severity: 'error', class: 'disk-full' },
    });
    expect(second).toEqual({ routing_key: options.secret, event_action: 'resolve', dedup_key: `archon-${idOf(2)}` });
    const [again] = parsed('pagerduty', message(told(1, { ...over, severity: 'critical' }, 'resolved')));
    expect(again.dedup_key).toBe(first.dedup_key);
  });

  it('knows every severity, and takes no summary that is too long', () => {
    const severities = OPS_SEVERITIES.map(
      (severity) => parsed('pagerduty', message(told(1, { severity })))[0].payload.severity,
    );
    expect(severities).toEqual(['info', 'warning', 'error', 'critical']);
    const [long] = parsed('pagerduty', message(told(1, { summary: 'x'.repeat(3000) })));
    expect(long.payload.summary).toHaveLength(1024);
  });

  it('is left without an incident by a test', () => {
    const bodies = parsed('pagerduty', testMessage(idOf(3), 'Duty', START_MS));
    expect(bodies.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    expect(new Set(bodies.map(({ dedup_key }) => dedup_key)).size).toBe(1);
  });
});

describe('Alertmanager', () => {
  it('gets alerts that last until after they are told of again, and end with the same labels', () => {
    const [[firing]] = parsed('alertmanager', message(told(1, { labels: { 'the-node': 'one', empty: '' } })));
    expect(firing).toMatchObject({
      labels: { alertname: 'disk-full', severity: 'high', the_node: 'one' },
      startsAt: isoTime(START_MS),
      endsAt: isoTime(START_MS + 9 * 3600_000),
    });
    expect(Object.values(firing.labels)).not.toContain('');
    const [[ended]] = parsed('alertmanager', message(told(1, { ...over, labels: { 'the-node': 'one' } }, 'resolved')));
    expect(ended.labels).toEqual(firing.labels);
    expect(ended.endsAt).toBe(over.ended_at);
  });

  it('ends what an alert was before it was escalated', () => {
    const [alerts] = parsed('alertmanager', message(told(1, { severity: 'critical', escalation: 1 }, 'escalated')));
    expect(
      alerts.map((one: { labels: { severity: string }; endsAt: string }) => [
        one.labels.severity,
        one.endsAt > isoTime(START_MS),
      ]),
    ).toEqual([
      ['critical', true],
      ['low', false],
      ['medium', false],
      ['high', false],
    ]);
  });
});

describe('a template', () => {
  it('has the places that the page offers', () => {
    expect(Object.keys(OPS_TEMPLATE_PLACES).toSorted()).toEqual(TEMPLATE_PLACES.toSorted());
  });

  it('is filled in, whatever stands in an alert', () => {
    const template = JSON.stringify({
      text: '{{severity}}: {{ summary }} ({{count}})',
      count: '{{count}}',
      node: '{{labels.node}}',
      all: '{{labels}}',
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (summary) => {
        const body = JSON.parse(templateBody(template, message(told(1, { summary }))));
        expect(body).toEqual({ text: `high: ${summary} (1)`, count: 1, node: 'one', all: { node: 'one' } });
      }),
    );
  });

  it('knows all of its places', () => {
    for (const place of TEMPLATE_PLACES) {
      const template = JSON.stringify([`a {{${place}}}`]);
      checkTemplate(template);
      for (const sample of [message(told(1)), testMessage(idOf(1), 'x', START_MS)]) {
        expect(templateBody(template, sample)).not.toContain('{{');
      }
    }
  });

  it('that comes to too much is not sent', () => {
    const alerts = message(...Array.from({ length: 200 }, (_, number) => told(number)));
    expect(templateBody('["{{alerts}}"]', alerts).length).toBeGreaterThan(10_000);
    const often = JSON.stringify(Array.from({ length: 1500 }, () => '{{alerts}}'));
    expect(() => templateBody(often, alerts)).toThrow(/too much: name fewer places/);
  });

  it.each([
    [null, /must be JSON/],
    ['{"text": {{summary}}}', /must be JSON; places stand within strings/],
    ['{"text": "{{sumary}}"}', /place \{\{sumary\}\}, which there is not: there are subject, /],
    ['{"{{summary}}": 1}', /which there is not/],
    ['["{{constructor}}"]', /which there is not/],
    ['['.repeat(9000) + ']'.repeat(9000), /nested more than 50 times/],
  ])('%s is refused', (template, why) => {
    expect(() => checkTemplate(template)).toThrow(why);
  });
});
