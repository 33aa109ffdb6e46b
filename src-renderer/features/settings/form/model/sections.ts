/** Parts of the form: the sections of the settings, and two that are of the page alone. */
import type { Setting, TestableService } from '../../../../../src-contract/index.ts';
import { SETTING_SECTIONS } from '../../../../../src-contract/settings.ts';

export const FORM_SECTIONS = [...SETTING_SECTIONS, 'appearance', 'privacy'] as const;
export type FormSection = (typeof FORM_SECTIONS)[number];

export const SECTION_TITLES: Readonly<Record<FormSection, string>> = {
  memory: 'Memory',
  workers: 'Workers',
  events: 'Events',
  resilience: 'Circuit breakers',
  alerts: 'Alerts',
  ops: 'Ops agent',
  embedding: 'Embeddings',
  llm: 'Language model',
  data: 'Data',
  api: 'API',
  logs: 'Logs',
  appearance: 'Appearance',
  privacy: 'Privacy',
};

export const SECTION_HELP: Readonly<Record<FormSection, string>> = {
  memory: 'What agents are given, how long it is kept, and how it is ranked.',
  workers: 'What Archon does by itself, and when.',
  events: 'How events are delivered, and when they are tried again.',
  resilience: 'When a service that is away is left alone for a while.',
  alerts: 'Services that alerts are sent through, and from when on something is one.',
  ops: 'What the ops agent may do by itself, how often it looks, and when it reports.',
  embedding:
    'What makes vectors of texts, so that search finds what means the same. It can be set and tried; for now search goes by words.',
  llm: 'The language model that Archon itself may ask. It can be set and tried; nothing asks it yet.',
  data: 'Where memory is on this computer, its backups, and how it is removed.',
  api: 'How agents reach Archon, and with which tokens.',
  logs: 'How much is logged, and how much of it is kept.',
  appearance: 'How Archon looks in this window.',
  privacy: 'What leaves this computer, and how secrets are protected.',
};

/** What can be tried in a section before it is saved. */
export const SECTION_TESTS: Partial<Record<FormSection, readonly TestableService[]>> = {
  embedding: ['embedding'],
  llm: ['llm'],
  alerts: ['email', 'slack', 'webhook'],
};

export const TEST_TITLES: Readonly<Record<TestableService, string>> = {
  embedding: 'Test the embedding service',
  llm: 'Test the language model',
  email: 'Send a test mail',
  slack: 'Send a test to Slack',
  webhook: 'Send a test to the webhook',
};

export const inSection = (settings: readonly Setting[], section: FormSection): Setting[] =>
  settings.filter((setting) => setting.section === section);
