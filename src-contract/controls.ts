/** Routes of the memory controls: what of memory an agent is given, per user and by default. */
import { z } from 'zod';
import { base } from './base.ts';
import { userId } from './primitives.ts';
import { MAX_CONTEXT_TOKENS, MIN_CONTEXT_TOKENS } from './retrieval.ts';

const layerControls = z.strictObject({ session: z.boolean(), working: z.boolean(), longterm: z.boolean() });

/**
 * What a context may hold. Switches bound what is read, not what is written: nothing an agent says is lost by them.
 * A request may ask for less, never for more.
 */
export const memoryControls = z.strictObject({
  enabled: z.boolean().describe('Off: contexts are empty.'),
  layers: layerControls,
  max_tokens: z.int().min(MIN_CONTEXT_TOKENS).max(MAX_CONTEXT_TOKENS),
});
export type MemoryControls = z.infer<typeof memoryControls>;

/** Before anybody changes anything. */
export const DEFAULT_CONTROLS: MemoryControls = {
  enabled: true,
  layers: { session: true, working: true, longterm: true },
  max_tokens: 8000,
};

/** Members to change; `null` goes back to the default (of the user: the default of all; of all: the built-in one). */
const controlsPatch = z.strictObject({
  enabled: z.boolean().nullable().optional(),
  layers: z
    .strictObject({
      session: z.boolean().nullable().optional(),
      working: z.boolean().nullable().optional(),
      longterm: z.boolean().nullable().optional(),
    })
    .optional(),
  max_tokens: z.int().min(MIN_CONTEXT_TOKENS).max(MAX_CONTEXT_TOKENS).nullable().optional(),
});

/** What was set, member by member; what is null was not. */
const controlsOverrides = z.object({
  enabled: z.boolean().nullable(),
  layers: z.object({
    session: z.boolean().nullable(),
    working: z.boolean().nullable(),
    longterm: z.boolean().nullable(),
  }),
  max_tokens: z.int().nullable(),
});
export type ControlsOverrides = z.infer<typeof controlsOverrides>;

export const controlsState = z.object({
  user_id: z.string().nullable().describe('Null: the default of all users.'),
  overrides: controlsOverrides.describe('What is set for this user (or as the default).'),
  inherited: memoryControls.describe('What holds where nothing is set.'),
  effective: memoryControls,
});
export type ControlsState = z.infer<typeof controlsState>;

const TAGS = ['memory controls'];

export const controlsContract = {
  get: base
    .route({
      method: 'GET',
      path: '/api/memory/controls',
      tags: TAGS,
      summary: 'What of memory an agent is given, for a user or by default',
    })
    .input(z.strictObject({ user_id: userId.optional().describe('Without it: the default of all users.') }))
    .output(controlsState),
  set: base
    .route({
      method: 'PATCH',
      path: '/api/memory/controls',
      tags: TAGS,
      summary: 'Switch memory or a layer on or off, or bound the tokens; takes effect at once',
    })
    .input(z.strictObject({ user_id: userId.optional(), controls: controlsPatch }))
    .output(controlsState),
};
