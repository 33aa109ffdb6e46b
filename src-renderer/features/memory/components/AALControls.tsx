/** What of memory agents are given: all of it on or off, each layer, and how many tokens. Per user, and as default. */
import { RotateCcw } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { ControlsState } from '../../../../src-contract/index.ts';
import { MAX_CONTEXT_TOKENS, MIN_CONTEXT_TOKENS } from '../../../../src-contract/retrieval.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { cx } from '../../../ui/classes.ts';
import { Slider, Switch } from '../../../ui/fields.tsx';
import { number } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import type { ControlsPatch } from '../hooks/controls-saver.ts';
import { useControls } from '../hooks/use-controls.ts';

const LAYERS = [
  { name: 'session', label: 'Session', help: 'What was said in the conversation.', dot: 'bg-session' },
  { name: 'working', label: 'Working', help: 'What happened in the last days.', dot: 'bg-working' },
  { name: 'longterm', label: 'Long-term', help: 'Facts, preferences, skills, relationships.', dot: 'bg-longterm' },
] as const;
const STEP = 500;

export function AALControls({ user_id }: { user_id: string }) {
  const [whose, setWhose] = useState<'user' | 'default'>('user');
  const { query, change, isSaving, blocked } = useControls(whose === 'user' ? user_id : undefined);
  return (
    <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
      <Segmented<'user' | 'default'>
        label="Whose controls"
        value={whose}
        onChange={setWhose}
        options={[
          { value: 'user', label: 'This user' },
          { value: 'default', label: 'Default of all users' },
        ]}
      />
      {query.isPending && <SkeletonRows rows={5} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isError && query.data && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <Controls
          key={whose}
          state={query.data}
          isDefault={whose === 'default'}
          change={change}
          isSaving={isSaving}
          blocked={blocked}
        />
      )}
    </div>
  );
}

interface ControlsProps {
  state: ControlsState;
  isDefault: boolean;
  change(patch: ControlsPatch): void;
  isSaving: boolean;
  /** Why nothing can be changed. */
  blocked: string | undefined;
}

function Controls({ state, isDefault, change, isSaving, blocked }: ControlsProps) {
  const { effective, overrides, inherited } = state;
  const from = isDefault ? 'built-in' : 'default';
  return (
    <>
      <Card className={cx(!effective.enabled && 'border-warn/50')}>
        <Row
          label="Memory"
          help={
            effective.enabled
              ? 'Agents are given what is remembered.'
              : 'Off: contexts are empty. What agents write is still kept.'
          }
          isOwn={overrides.enabled !== null}
          inheritedText={`${from}: ${inherited.enabled ? 'on' : 'off'}`}
          onReset={() => change({ enabled: null })}
          blocked={blocked}
          checked={effective.enabled}
          onChange={(enabled) => change({ enabled })}
        />
      </Card>
      <Card title="Layers in the context">
        {LAYERS.map(({ name, label, help, dot }) => (
          <Row
            key={name}
            label={label}
            help={help}
            dot={dot}
            disabled={!effective.enabled}
            blocked={blocked}
            isOwn={overrides.layers[name] !== null}
            inheritedText={`${from}: ${inherited.layers[name] ? 'on' : 'off'}`}
            onReset={() => change({ layers: { [name]: null } })}
            checked={effective.layers[name]}
            onChange={(on) => change({ layers: { [name]: on } })}
          />
        ))}
      </Card>
      <MaxTokens state={state} change={change} from={from} blocked={blocked} />
      <p role="status" className="px-1 text-[11px] text-faint">
        {isSaving ? 'Saving …' : 'Changes take effect at once. An agent may ask for less than this, never for more.'}
      </p>
    </>
  );
}

interface RowProps {
  label: string;
  help: string;
  dot?: string;
  checked: boolean;
  disabled?: boolean;
  blocked: string | undefined;
  isOwn: boolean;
  inheritedText: string;
  onReset(): void;
  onChange(checked: boolean): void;
}

function Row({ label, help, dot, checked, disabled, blocked, isOwn, inheritedText, onReset, onChange }: RowProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-3 border-line/60 border-b px-3 py-2.5 last:border-b-0">
      {dot && <span aria-hidden="true" className={cx('size-2 shrink-0 rounded-full', dot)} />}
      <div className="min-w-0 flex-1">
        <p id={id} className="font-medium">
          {label}
        </p>
        <p className="text-[11px] text-faint">{help}</p>
      </div>
      {isOwn && (
        <IconButton
          label={`Back to the ${inheritedText}`}
          icon={<RotateCcw className="size-3.5" />}
          blocked={blocked}
          onClick={onReset}
        />
      )}
      <Switch
        label={label}
        labelledBy={id}
        checked={checked}
        disabled={disabled ?? false}
        blocked={blocked}
        onChange={onChange}
      />
    </div>
  );
}

function MaxTokens({
  state,
  change,
  from,
  blocked,
}: {
  state: ControlsState;
  change(patch: ControlsPatch): void;
  from: string;
  blocked: string | undefined;
}) {
  const saved = state.effective.max_tokens;
  // While the person drags; what is let go of is shown as saved at once.
  const [dragged, setDragged] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another value has taken its place.
  useEffect(() => setDragged(undefined), [saved]);
  const value = dragged ?? saved;
  return (
    <Card
      title="Most tokens in a context"
      actions={
        <>
          <span className="text-muted tabular-nums">{number(value)}</span>
          {state.overrides.max_tokens !== null && (
            <IconButton
              label={`Back to the ${from}: ${number(state.inherited.max_tokens)}`}
              icon={<RotateCcw className="size-3.5" />}
              blocked={blocked}
              onClick={() => change({ max_tokens: null })}
            />
          )}
        </>
      }
    >
      <div className="p-3">
        <Slider
          label="Most tokens in a context"
          value={value}
          min={MIN_CONTEXT_TOKENS}
          max={MAX_CONTEXT_TOKENS}
          step={STEP}
          disabled={!state.effective.enabled || blocked !== undefined}
          valueText={`${number(value)} tokens`}
          onChange={setDragged}
          onCommit={(max_tokens) => change({ max_tokens })}
        />
        <div aria-hidden="true" className="flex justify-between text-[10px] text-faint tabular-nums">
          <span>{number(MIN_CONTEXT_TOKENS)}</span>
          <span>{number(MAX_CONTEXT_TOKENS)}</span>
        </div>
      </div>
    </Card>
  );
}
