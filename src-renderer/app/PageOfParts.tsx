/** A page whose parts have addresses of their own: its name, the way to each, and below them the one that is open. */
import { Link, Outlet } from '@tanstack/react-router';
import type { PagePart } from './pages.ts';

interface PageOfPartsProps {
  title: string;
  parts: readonly PagePart[];
}

export function PageOfParts({ title, parts }: PageOfPartsProps) {
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-4 border-line border-b px-3">
        <h1 className="font-semibold text-[15px]">{title}</h1>
        <nav aria-label={`Parts of ${title.toLowerCase()}`} className="flex h-full gap-1">
          {parts.map(({ to, label }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true, includeSearch: false }}
              className="-mb-px flex items-center border-b-2 px-2.5 font-medium focus-visible:-outline-offset-2"
              inactiveProps={{ className: 'border-transparent text-muted hover:text-text' }}
              activeProps={{ className: 'border-accent text-text', 'aria-current': 'page' }}
            >
              {label}
            </Link>
          ))}
        </nav>
      </header>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <Outlet />
      </div>
    </div>
  );
}
