/** The service that makes vectors of texts. */
import { z } from 'zod';
import { type ConfigKey, settingsOf, urlWith } from './define.ts';

const { choice, text, secret } = settingsOf('embedding', 'org');
export const PROVIDERS = { none: 'None', 'openai-compatible': 'OpenAI-compatible service' };

/** Null: as many as the model makes. */
const dimensions: ConfigKey<number | null> = {
  ...text('ARCHON_EMBEDDING_DIMENSIONS', [
    'Dimensions',
    'Dimensions of the vectors to ask for; without it those of the model.',
  ]),
  default: null,
  schema: z.coerce.number().int().min(1).max(16_000).nullable(),
  kind: { kind: 'number', integer: true, min: 1, max: 16_000, unit: 'dimensions', step: null },
};

export const EMBEDDING_KEYS = {
  'embedding.provider': choice('ARCHON_EMBEDDING_PROVIDER', 'none', PROVIDERS, [
    'Embeddings',
    'Service that makes vectors of texts: none, or openai-compatible, such as Ollama on this computer.',
  ]),
  'embedding.url': text(
    'ARCHON_EMBEDDING_URL',
    ['URL', 'Address of the service, such as http://127.0.0.1:11434/v1 for Ollama.'],
    { format: 'url', schema: urlWith(['http:', 'https:']), risk: 'Texts of memories are sent there.' },
  ),
  'embedding.model': text('ARCHON_EMBEDDING_MODEL', ['Model', 'Model that makes the vectors.']),
  'embedding.dimensions': dimensions,
  'embedding.api_key': secret('ARCHON_EMBEDDING_API_KEY', ['API key', 'Key for the service, when it asks for one.']),
};
