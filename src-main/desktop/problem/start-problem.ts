/** Why Archon could not start, in plain words. */
import { describeFailure } from '../../cli/exit-codes.ts';

export interface StartProblem {
  title: string;
  /** What happened and what to do, a sentence or two. */
  explanation: string;
  /** The error's own words. */
  details: string;
}

const EXPLANATIONS: Partial<Record<string, Pick<StartProblem, 'title' | 'explanation'>>> = {
  DATA_FOLDER_IN_USE: {
    title: 'Another program is using your memory',
    explanation:
      'Only one program at a time can open the data folder. Most often it is a server that was started with ' +
      '“archon serve” or “npm start”. Stop it and try again, or choose another data folder.',
  },
  DATA_FOLDER_NOT_WRITABLE: {
    title: 'The data folder cannot be written',
    explanation:
      'Archon keeps its memory there and needs to write. Mend what the message names, or choose another folder.',
  },
  CONFIG_INVALID: {
    title: 'The configuration cannot be used',
    explanation: 'Correct what is named below, in the configuration file or the environment, and try again.',
  },
  DATABASE_DOES_NOT_FIT: {
    title: 'The database is not one for this version',
    explanation: 'It was written by another version of Archon. Nothing in it was changed.',
  },
  CLUSTER_VERSION_MISMATCH: {
    title: 'The database is of another version',
    explanation: 'The data folder holds a database of another PostgreSQL version. Nothing in it was changed.',
  },
  CLUSTER_OPEN_FAILED: {
    title: 'The database does not open',
    explanation: 'The checks say more. An export or a backup can be loaded into a new data folder.',
  },
  BACKUP_UNREADABLE: {
    title: 'A backup of the database cannot be read',
    explanation: 'The checks say more. An export can be loaded into a new data folder.',
  },
  DATABASE_REFUSED: {
    title: 'The database refuses Archon',
    explanation: 'The PostgreSQL server of your configuration answered, but does not let Archon in.',
  },
  STORAGE_UNAVAILABLE: {
    title: 'A store is away',
    explanation: 'A server of your configuration does not answer. Check that it runs and try again.',
  },
};

const UNFORESEEN = {
  title: 'Archon could not start',
  explanation: 'The checks may find the cause. The logs hold the whole error.',
};

export function explainStartProblem(error: unknown): StartProblem {
  const { code, message } = describeFailure(error);
  return { ...(EXPLANATIONS[code] ?? UNFORESEEN), details: message };
}
