/** What a row of a list is: its sign, its name, how it is, and below them what else is known. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge, type Tone } from './Badge.tsx';

interface RowHeadingProps {
  Icon: LucideIcon;
  name: string;
  state: { text: string; tone: Tone };
  /** Further badges. */
  badges?: ReactNode;
  /** What can be done about it. */
  actions: ReactNode;
  children: ReactNode;
}

export function RowHeading({ Icon, name, state, badges, actions, children }: RowHeadingProps) {
  return (
    <div className="flex items-start gap-3">
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
      <div className="min-w-0 flex-1 space-y-0.5">
        <p className="flex items-center gap-2">
          <span dir="auto" className="one-line font-medium">
            {name}
          </span>
          <Badge tone={state.tone} className="shrink-0">
            {state.text}
          </Badge>
          {badges}
        </p>
        <p className="text-muted text-xs [overflow-wrap:anywhere]">{children}</p>
      </div>
      {actions}
    </div>
  );
}
