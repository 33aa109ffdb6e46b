import { ORPCError } from '@orpc/client';

/** The engine names the field that is wrong; to the person it is the file they chose. */
export function inWordsOfTheFile(error: unknown): unknown {
  if (!(error instanceof ORPCError) || error.code !== 'VALIDATION_FAILED') return error;
  const message = error.message.replace(/^source(\.path)?:? /, 'The file ');
  return new ORPCError(error.code, { status: error.status, data: error.data, message });
}
