import { Badge } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { toneOf } from '../../event-families.ts';

/** The type of an event, in the colour of what it is about. */
export function TypeBadge({ type }: { type: string }) {
  return (
    <Badge tone={toneOf(type)} title={type} className="max-w-full">
      {visibleText(type.slice(0, 100))}
    </Badge>
  );
}
