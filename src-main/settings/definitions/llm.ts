/** The language model. */
import { settingsOf, urlWith } from './define.ts';
import { PROVIDERS } from './embedding.ts';

const { choice, text, secret } = settingsOf('llm', 'org');

export const LLM_KEYS = {
  'llm.provider': choice('ARCHON_LLM_PROVIDER', 'none', PROVIDERS, [
    'Language model',
    'Service with a language model: none, or openai-compatible, such as Ollama on this computer.',
  ]),
  'llm.url': text('ARCHON_LLM_URL', ['URL', 'Address of the service, such as http://127.0.0.1:11434/v1 for Ollama.'], {
    format: 'url',
    schema: urlWith(['http:', 'https:']),
    risk: 'Texts of memories are sent there.',
  }),
  'llm.model': text('ARCHON_LLM_MODEL', ['Model', 'Model to ask.']),
  'llm.api_key': secret('ARCHON_LLM_API_KEY', ['API key', 'Key for the service, when it asks for one.']),
};
