import type { LogLevel } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { toneOf } from '../model/log-words.ts';

/** The level in words, and in the colour of how bad it is. */
export const LevelBadge = ({ level }: { level: LogLevel }) => <Badge tone={toneOf(level)}>{level}</Badge>;
