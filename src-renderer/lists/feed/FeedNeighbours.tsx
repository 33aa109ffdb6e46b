import { ChevronDown, ChevronUp } from 'lucide-react';
import { useKeys } from '../../app/shortcuts/use-keys.ts';
import { IconButton } from '../../ui/Button.tsx';

export interface FeedNeighboursProps {
  /** What a row is, such as `event`. */
  what: string;
  id: string;
  /** Those that are shown, newest first. */
  rows: readonly { id: string }[];
  onOpen(id: string): void;
}

/** From the details of a row to those of the next newer and the next older one. */
export function FeedNeighbours({ what, id, rows, onOpen }: FeedNeighboursProps) {
  const at = rows.findIndex((row) => row.id === id);
  const [newer, older] = at < 0 ? [] : [rows[at - 1], rows[at + 1]];
  useKeys({
    k: () => newer && onOpen(newer.id),
    j: () => older && onOpen(older.id),
  });
  return (
    <>
      <IconButton
        label={`Newer ${what}`}
        keys="K"
        disabled={newer === undefined}
        icon={<ChevronUp className="size-4" />}
        onClick={() => newer && onOpen(newer.id)}
      />
      <IconButton
        label={`Older ${what}`}
        keys="J"
        disabled={older === undefined}
        icon={<ChevronDown className="size-4" />}
        onClick={() => older && onOpen(older.id)}
      />
    </>
  );
}
