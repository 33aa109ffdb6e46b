/** The context an agent would be given for a question, exactly as it would be sent, and why it is what it is. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, Scissors } from 'lucide-react';
import { useId } from 'react';
import type { AssembledContext, Inputs } from '../../../../src-contract/index.ts';
import { MAX_CONTEXT_TOKENS, MIN_CONTEXT_TOKENS } from '../../../../src-contract/retrieval.ts';
import { api } from '../../../rpc/client.ts';
import { useEvents } from '../../../rpc/live-events.ts';
import { Badge, type Tone } from '../../../ui/Badge.tsx';
import { Button, Spinner } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { cx } from '../../../ui/classes.ts';
import { ContentText } from '../../../ui/content/ContentText.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Checkbox, Field, Slider, TextArea } from '../../../ui/fields.tsx';
import { number, plural } from '../../../ui/format.ts';
import { saveText } from '../../../ui/save-text.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { useDebounced } from '../../../ui/use-debounced.ts';
import { type Layer, useContextQuestion } from '../hooks/use-context-question.ts';
import { useControls } from '../hooks/use-controls.ts';
import { useMemorySearch } from '../hooks/use-memory-search.ts';

const STEP = 500;
/** After typing or sliding has rested for so long, the context is assembled. */
const REST_MS = 350;
const LAYERS = ['session', 'longterm', 'working'] as const;
const NAMES: Record<Layer, string> = { session: 'Session', longterm: 'Long-term', working: 'Working' };
const FILL: Record<Layer, string> = { session: 'bg-session', longterm: 'bg-longterm', working: 'bg-working' };
const EDGE: Record<Layer, string> = {
  session: 'border-l-session',
  longterm: 'border-l-longterm',
  working: 'border-l-working',
};
const STATUS: Record<AssembledContext['status'], Tone> = {
  healthy: 'ok',
  degraded: 'warn',
  cached: 'warn',
  error: 'bad',
};

export function ContextPreview({ user_id }: { user_id: string }) {
  const { search } = useMemorySearch();
  const queryClient = useQueryClient();
  const controls = useControls(user_id).query.data?.effective;
  const { query, budget, layers, change } = useContextQuestion(user_id);
  const most = controls?.max_tokens ?? MAX_CONTEXT_TOKENS;
  const max_tokens = Math.min(budget ?? most, most);
  const session_id = search.session;
  const input: Inputs['context']['assemble'] = {
    user_id,
    layers,
    // Looking is not using.
    track_access: false,
    // Without one the engine takes what the controls allow: nothing to wait for, and no second reading for it.
    ...(budget === undefined ? {} : { max_tokens: budget }),
    ...(query.trim() === '' ? {} : { query }),
    ...(session_id === undefined ? {} : { session_id }),
  };
  const rested = useDebounced(JSON.stringify(input), REST_MS);
  const result = useQuery(
    api.context.assemble.queryOptions({
      input: JSON.parse(rested) as typeof input,
      placeholderData: keepPreviousData,
      staleTime: 0,
    }),
  );
  useEvents((event) => {
    const isNow = { queryKey: api.context.key(), type: 'active' } as const;
    if (event.type === 'settings.changed') void queryClient.invalidateQueries(isNow);
    // Nothing of what was erased stays in sight.
    if (event.type === 'memory.user.erased' && event.user_id === user_id) void queryClient.resetQueries(isNow);
  });
  const isBehind = result.isFetching || rested !== JSON.stringify(input);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="space-y-3 border-line border-b p-3">
        <Field
          label="What is the agent asked?"
          help={
            session_id === undefined
              ? 'Open a session to have its messages in the context.'
              : `With the messages of the open session.`
          }
        >
          {(props) => (
            <TextArea
              {...props}
              dir="auto"
              rows={2}
              className="min-h-14"
              maxLength={20_000}
              placeholder="Without a question: what is worth knowing anyway"
              value={query}
              onChange={(event) => change({ query: event.target.value })}
            />
          )}
        </Field>
        <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
          <legend className="sr-only">Layers</legend>
          {LAYERS.map((layer) => (
            <LayerSwitch
              key={layer}
              layer={layer}
              checked={layers[layer]}
              isOff={controls !== undefined && !(controls.enabled && controls.layers[layer])}
              onChange={(on) => change({ layers: { ...layers, [layer]: on } })}
            />
          ))}
        </fieldset>
        <div>
          <p className="mb-1 flex text-muted text-xs">
            <span className="flex-1">Budget</span>
            <span className="tabular-nums">{number(max_tokens)} tokens</span>
          </p>
          <Slider
            label="Budget"
            value={max_tokens}
            min={MIN_CONTEXT_TOKENS}
            max={MAX_CONTEXT_TOKENS}
            step={STEP}
            valueText={`${number(max_tokens)} tokens`}
            onChange={(value) => change({ budget: Math.min(value, most) })}
          />
          {most < MAX_CONTEXT_TOKENS && (
            <p className="text-[11px] text-faint">The controls allow up to {number(most)}.</p>
          )}
        </div>
      </div>
      {result.isPending && <SkeletonRows rows={6} />}
      {result.isError && !result.data && <ErrorState error={result.error} onRetry={() => void result.refetch()} />}
      {result.isError && result.data && <StaleNotice error={result.error} onRetry={() => void result.refetch()} />}
      {result.data && <Assembled context={result.data} isBehind={isBehind} />}
    </div>
  );
}

interface LayerSwitchProps {
  layer: Layer;
  checked: boolean;
  /** By the memory controls. */
  isOff: boolean;
  onChange(on: boolean): void;
}

function LayerSwitch({ layer, checked, isOff, onChange }: LayerSwitchProps) {
  const id = useId();
  return (
    <span className="flex items-center gap-1.5">
      <Checkbox label={NAMES[layer]} checked={checked} onChange={onChange} />
      <span id={id} className={cx('flex items-center gap-1.5', isOff && 'text-faint line-through')}>
        <span aria-hidden="true" className={cx('size-2 rounded-full', FILL[layer])} />
        {NAMES[layer]}
      </span>
      {isOff && <span className="text-[11px] text-faint">off by controls</span>}
    </span>
  );
}

function Assembled({ context, isBehind }: { context: AssembledContext; isBehind: boolean }) {
  const json = () => JSON.stringify(context, null, 2);
  return (
    <div className="space-y-3 p-3" aria-busy={isBehind}>
      <Budget context={context} isBehind={isBehind} />
      {context.status_reason && (
        <p role="status" className={context.status === 'healthy' ? 'text-muted' : 'text-warn'}>
          {context.status_reason}
        </p>
      )}
      <div className="flex items-center gap-2">
        <Badge tone={STATUS[context.status]}>{context.status}</Badge>
        <span className="flex-1" />
        <CopyButton text={() => asSent(context)} label="Copy as sent" />
        <CopyButton text={json} label="Copy JSON" />
        <Button
          size="small"
          icon={<Download className="size-3.5" />}
          onClick={() => saveText(`context-${context.assembled_at.slice(0, 19).replaceAll(':', '-')}.json`, json())}
        >
          JSON
        </Button>
      </div>
      {context.memories.length > 0 && <Memories context={context} />}
      {context.messages.length > 0 && <Messages context={context} />}
      {context.memories.length + context.messages.length === 0 && (
        <p className="py-4 text-center text-muted">The context is empty: there is nothing to give the agent.</p>
      )}
      {context.left_out_count > 0 && <LeftOut context={context} />}
    </div>
  );
}

/** How much of the budget each layer takes. */
function Budget({ context, isBehind }: { context: AssembledContext; isBehind: boolean }) {
  const parts = LAYERS.map((layer) => ({ layer, tokens: context.sources[layer].tokens }));
  return (
    <div>
      <p className="mb-1 flex items-center gap-2">
        <span className="font-semibold text-lg tabular-nums leading-none">{number(context.total_tokens)}</span>
        <span className="text-muted">of {number(context.max_tokens)} tokens</span>
        {isBehind && <Spinner className="text-faint" />}
      </p>
      <div aria-hidden="true" className="flex h-2 gap-px overflow-hidden rounded-full bg-hover">
        {parts.map(({ layer, tokens }) => (
          <span key={layer} className={FILL[layer]} style={{ width: `${(tokens / context.max_tokens) * 100}%` }} />
        ))}
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-4 text-[11px] text-muted tabular-nums">
        {LAYERS.map((layer) => {
          const { count, candidates, tokens, enabled } = context.sources[layer];
          return (
            <li key={layer} className="flex items-center gap-1.5">
              <span aria-hidden="true" className={cx('size-2 rounded-full', FILL[layer])} />
              {NAMES[layer]} {enabled ? `${number(count)} of ${number(candidates)}, ${number(tokens)} tokens` : 'off'}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Memories({ context }: { context: AssembledContext }) {
  const { set } = useMemorySearch();
  return (
    <Card title={`System message: ${plural(context.memories.length, 'memory', 'memories')}`}>
      <ol className="space-y-1.5 p-2">
        {context.memories.map(({ memory, score, reason, token_count, truncated }) => (
          <li key={memory.id} className={cx('rounded border-l-2 bg-bg', EDGE[memory.layer])}>
            <button
              type="button"
              onClick={() => set({ memory: memory.id })}
              className="block w-full rounded px-2 py-1.5 text-left hover:bg-hover"
            >
              <span dir="auto" className="content-text line-clamp-4">
                {visibleText(memory.content.text.slice(0, 800))}
              </span>
              <span className="mt-0.5 flex gap-2 text-[11px] text-faint tabular-nums">
                <span className="one-line flex-1">{reason}</span>
                {truncated && <Cut />}
                <span>{score.toFixed(2)}</span>
                <span>{number(token_count)} tok</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Messages({ context }: { context: AssembledContext }) {
  return (
    <Card title={plural(context.messages.length, 'session message')}>
      <ol className="space-y-1.5 p-2">
        {context.messages.map((message) => (
          <li key={message.message_id} className={cx('rounded border-l-2 bg-bg px-2 py-1.5', EDGE.session)}>
            <p className="flex gap-2 text-[11px] text-muted tabular-nums">
              <span className="flex-1 font-semibold">{message.role}</span>
              {message.truncated && <Cut />}
              <span className="text-faint">{number(message.token_count)} tok</span>
            </p>
            <ContentText text={message.content} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Cut() {
  return (
    <span className="flex items-center gap-1 text-warn">
      <Scissors aria-hidden="true" className="size-3" /> cut
    </span>
  );
}

const REASONS = { budget: 'no room', duplicate: 'told already', unimportant: 'not important any more' } as const;

function LeftOut({ context }: { context: AssembledContext }) {
  const { set } = useMemorySearch();
  return (
    <details className="rounded-lg border border-line bg-surface">
      <summary className="cursor-pointer px-3 py-2 font-semibold">{number(context.left_out_count)} left out</summary>
      <ul className="max-h-64 space-y-0.5 overflow-y-auto px-3 pb-3 text-[11px]">
        {context.left_out.map(({ layer, id, reason, token_count }) => (
          <li key={`${layer} ${id}`} className="flex items-center gap-2">
            <span aria-hidden="true" className={cx('size-2 shrink-0 rounded-full', FILL[layer])} />
            {layer === 'session' ? (
              <span className="one-line flex-1 font-mono text-muted">{id}</span>
            ) : (
              <button
                type="button"
                onClick={() => set({ memory: id })}
                className="one-line flex-1 text-left font-mono text-accent-text underline underline-offset-2"
              >
                {id}
              </button>
            )}
            <span className="text-muted">{REASONS[reason]}</span>
            <span className="w-14 text-right text-faint tabular-nums">{number(token_count)} tok</span>
          </li>
        ))}
      </ul>
      {context.left_out_count > context.left_out.length && (
        <p className="px-3 pb-3 text-[11px] text-faint">
          and {number(context.left_out_count - context.left_out.length)} more
        </p>
      )}
    </details>
  );
}

/** The messages as a chat API takes them. */
function asSent({ memory_block, messages }: AssembledContext): string {
  const system = memory_block === '' ? [] : [{ role: 'system', content: memory_block }];
  return JSON.stringify([...system, ...messages.map(({ role, content }) => ({ role, content }))], null, 2);
}
