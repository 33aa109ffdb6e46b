import { z } from 'zod';
import { instant } from './primitives.ts';
export const queuedWrite = z.object({ status: z.literal('queued'), id: z.string(), queued_at: instant });
