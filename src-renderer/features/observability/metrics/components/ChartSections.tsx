import { ChevronDown, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SectionId } from '../model/chart-ids.ts';
import { CHARTS, type ChartDefinition, SECTIONS } from '../model/charts.ts';

export interface ChartSectionsProps {
  closed: readonly SectionId[];
  onFold(closed: readonly SectionId[]): void;
  render(chart: ChartDefinition): ReactNode;
}

/** Charts under their headings, each of which folds them away. */
export function ChartSections({ closed, onFold, render }: ChartSectionsProps) {
  return SECTIONS.map(({ id, title }) => {
    const isOpen = !closed.includes(id);
    const fold = () => onFold(isOpen ? [...closed, id] : closed.filter((other) => other !== id));
    const charts = CHARTS.filter(({ section }) => section === id);
    return (
      <section key={id} aria-label={title}>
        <h2>
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={fold}
            className="flex items-center gap-1 rounded py-1 pr-2 font-semibold text-[13px] text-muted hover:text-text"
          >
            {isOpen ? <ChevronDown className="size-4" /> : <ChevronRight className="size-4" />}
            {title}
            {!isOpen && <span className="font-normal text-faint text-xs">{charts.length} charts</span>}
          </button>
        </h2>
        {isOpen && <div className="mt-1 grid grid-cols-2 gap-3 max-[1100px]:grid-cols-1">{charts.map(render)}</div>}
      </section>
    );
  });
}
