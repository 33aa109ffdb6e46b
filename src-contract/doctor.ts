/** Routes of the doctor: checks of this installation, as `archon doctor` makes them, and what can be mended by itself. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant } from './primitives.ts';

/** The check it belongs to, and what it does. */
const fixId = z
  .string()
  .max(100)
  .regex(/^[a-z_]+\.[a-z_]+$/);

export const finding = z.object({
  check: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  detail: z.string(),
  advice: z.string().nullable(),
  fix: z
    .object({
      fix_id: fixId,
      label: z.string().describe('For a button.'),
      confirm: z.string().nullable().describe('A question to ask first; null when nothing can be lost.'),
    })
    .nullable()
    .describe('What Archon can do about it by itself.'),
});
export type Finding = z.infer<typeof finding>;

const TAGS = ['doctor'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';

export const doctorContract = {
  run: base
    .route({
      method: 'GET',
      path: '/api/doctor',
      tags: TAGS,
      summary: 'Look at everything Archon needs, and say what to do',
      description: PERSON,
    })
    .output(z.object({ checked_at: instant, findings: z.array(finding) })),
  fix: base
    .route({
      method: 'POST',
      path: '/api/doctor/fixes/{fix_id}',
      tags: TAGS,
      summary: 'Do what a finding offers, and look again',
      description: PERSON,
    })
    .input(z.strictObject({ fix_id: fixId }))
    .output(z.object({ done: z.string().describe('What was done.'), findings: z.array(finding) })),
};
