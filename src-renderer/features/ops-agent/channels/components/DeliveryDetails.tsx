/** What became of something that was sent, and why it was: step by step. */
import type { OpsDelivery } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { duration } from '../../../../ui/duration.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { isOpen, momentOfState, stateWords } from '../model/delivery-words.ts';

export function DeliveryDetails({ delivery }: { delivery: OpsDelivery }) {
  const { state, why, duration_ms } = delivery;
  const isBad = state.state === 'failed' || state.state === 'retrying';
  return (
    <div className="space-y-3">
      <p className={isBad ? 'content-text text-bad text-xs' : 'content-text text-muted text-xs'}>
        {stateWords(state)}{' '}
        <span className="text-muted">
          {isOpen(delivery) ? 'Next ' : ''}
          <Ago time={momentOfState(state)} />
          {duration_ms !== null && ` · took ${duration(duration_ms)}`}
        </span>
      </p>
      {state.state === 'failed' && state.fallback !== null && (
        <p className="text-muted text-xs">Another channel took its place.</p>
      )}
      <section className="space-y-1">
        <h4 className="font-semibold text-muted text-xs">Why it was sent</h4>
        {why.length === 0 ? (
          <p className="text-faint text-xs">Nothing is noted of it.</p>
        ) : (
          <ol aria-label="Why it was sent" className="space-y-1 border-line border-l pl-3 text-xs">
            {why.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are in their order, and none moves.
              <li key={index} className="content-text relative">
                <span
                  aria-hidden="true"
                  className="absolute top-1.5 -left-[15.5px] size-1.5 rounded-full bg-accent-text"
                />
                {visibleText(step)}
              </li>
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}
