/** All importers, and which of them fits a file. */
import type { ImportKind } from '../../../src-contract/index.ts';
import { archonImporter } from './archon.ts';
import { chatgptImporter } from './chatgpt.ts';
import { claudeAiImporter } from './claude-ai.ts';
import { claudeCodeImporter } from './claude-code.ts';
import type { Importer } from './importer.ts';
import { openaiJsonlImporter } from './openai-jsonl.ts';

/** One for every kind of the contract: the compiler asks for it. */
const IMPORTERS: Readonly<Record<ImportKind, Importer>> = {
  chatgpt: chatgptImporter,
  'claude-ai': claudeAiImporter,
  'claude-code': claudeCodeImporter,
  'openai-jsonl': openaiJsonlImporter,
  archon: archonImporter,
};

/** Less than this share of the first records is a coincidence. */
const MIN_CONFIDENCE = 0.3;

export function importerOf(kind: ImportKind): Importer {
  return IMPORTERS[kind];
}

/** The importer that fits the first records best, or undefined when none does. */
export function recognise(records: readonly unknown[]): Importer | undefined {
  let best: { importer: Importer; confidence: number } | undefined;
  for (const importer of Object.values(IMPORTERS)) {
    const confidence = importer.sniff(records);
    if (confidence >= MIN_CONFIDENCE && confidence > (best?.confidence ?? 0)) best = { importer, confidence };
  }
  return best?.importer;
}

/** `chatgpt: ChatGPT export (conversations.json)`, … for messages. */
export function supportedKinds(): string {
  return Object.values(IMPORTERS)
    .map(({ kind, title }) => `${kind}: ${title}`)
    .join('; ');
}
