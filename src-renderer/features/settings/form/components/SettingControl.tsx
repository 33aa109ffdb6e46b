/** The control of a setting, made from its kind. */
import { useId } from 'react';
import type { Setting, SettingKind } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { Slider, Switch, TextArea, TextInput } from '../../../../ui/fields.tsx';
import { number } from '../../../../ui/format.ts';
import { scheduleTextWords } from '../model/schedule-text.ts';
import type { Typed } from '../model/typed-value.ts';
import { SecretControl } from './SecretControl.tsx';

export interface SettingControlProps {
  setting: Setting;
  typed: Typed;
  /** Of the control itself, and of what describes it. */
  id: string;
  noteId: string;
  isInvalid: boolean;
  disabled: boolean;
  /** In a table whose heading says the unit. */
  isCompact?: boolean;
  /** What a service has told that it offers. */
  suggestions: readonly string[];
  onType(typed: Typed): void;
  /** What is typed is let go. */
  onForget(): void;
}

export function SettingControl(props: SettingControlProps) {
  const { setting, typed, disabled, onType } = props;
  const { kind } = setting;
  switch (kind.kind) {
    case 'switch':
      return <Switch label={setting.title} checked={typed === true} disabled={disabled} onChange={onType} />;
    case 'number':
      return <NumberControl {...props} kind={kind} />;
    case 'choice':
      return (
        <select
          {...described(props)}
          value={String(typed)}
          disabled={disabled}
          onChange={(event) => onType(event.target.value)}
          className={SELECT}
        >
          {kind.options.every(({ value }) => value !== typed) && <option value={String(typed)}>{String(typed)}</option>}
          {kind.options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      );
    case 'text':
      return <TextControl {...props} kind={kind} />;
    case 'list':
      return (
        <TextArea
          {...described(props)}
          spellCheck={false}
          rows={Math.min(8, Math.max(2, Array.isArray(typed) ? typed.length + 1 : 2))}
          placeholder={`One ${kind.item} per line`}
          className="min-h-14 font-mono text-xs disabled:opacity-50"
          value={Array.isArray(typed) ? typed.join('\n') : ''}
          disabled={disabled}
          onChange={(event) => onType(event.target.value === '' ? [] : event.target.value.split('\n'))}
        />
      );
    case 'secret':
      return <SecretControl {...props} describe={described(props)} />;
  }
}

const SELECT =
  'h-8 w-full min-w-0 rounded-md border border-line bg-bg px-2 text-[13px] text-text hover:border-line-strong disabled:opacity-50 aria-[invalid=true]:border-bad';

export interface Described {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

const described = ({ id, noteId, isInvalid }: SettingControlProps): Described => ({
  id,
  'aria-describedby': noteId,
  'aria-invalid': isInvalid,
});

type KindOf<K extends SettingKind['kind']> = Extract<SettingKind, { kind: K }>;

function NumberControl({ kind, ...props }: SettingControlProps & { kind: KindOf<'number'> }) {
  const { setting, typed, disabled, isCompact = false, onType } = props;
  const unitId = useId();
  const value = Number(typed);
  const shown = Number.isFinite(value) && typed !== '' ? Math.min(kind.max, Math.max(kind.min, value)) : kind.min;
  const unit = kind.unit ?? '';
  return (
    <div className="flex items-center gap-3">
      {kind.step !== null && (
        <div className={cx('flex-1', isCompact ? 'min-w-12' : 'min-w-24')}>
          <Slider
            label={`${setting.title}, slider`}
            value={shown}
            min={kind.min}
            max={kind.max}
            step={kind.step}
            disabled={disabled}
            valueText={`${number(shown)} ${unit}`.trim()}
            onChange={(next) => onType(String(next))}
          />
        </div>
      )}
      <TextInput
        {...described(props)}
        aria-describedby={`${props.noteId} ${unitId}`}
        data-control=""
        inputMode={kind.integer ? 'numeric' : 'decimal'}
        maxLength={20}
        className={cx(
          'text-right tabular-nums disabled:opacity-50',
          isCompact ? '!w-16' : kind.step === null ? '!w-28' : '!w-20',
        )}
        value={String(typed)}
        disabled={disabled}
        onChange={(event) => onType(event.target.value)}
      />
      <span id={unitId} className={isCompact ? 'sr-only' : cx('text-muted text-xs', kind.step === null && 'flex-1')}>
        {unit}
      </span>
    </div>
  );
}

const INPUT_MODES = {
  url: 'url',
  email: 'email',
  text: 'text',
  path: 'text',
  schedule: 'text',
  time_zone: 'text',
} as const;
const EXAMPLES: Partial<Record<KindOf<'text'>['format'], string>> = {
  url: 'https://',
  schedule: '15m, 1d, 0 3 * * * or manual',
  time_zone: 'Europe/Berlin',
  email: 'ana@example.org',
};

function TextControl({ kind, ...props }: SettingControlProps & { kind: KindOf<'text'> }) {
  const { typed, disabled, suggestions, onType } = props;
  const listId = useId();
  const offered = kind.format === 'time_zone' ? TIME_ZONES : suggestions;
  const words = kind.format === 'schedule' ? scheduleTextWords(String(typed)) : undefined;
  return (
    <div className="space-y-1">
      <TextInput
        {...described(props)}
        inputMode={INPUT_MODES[kind.format]}
        placeholder={EXAMPLES[kind.format]}
        className={cx('disabled:opacity-50', kind.format !== 'text' && 'font-mono !text-xs')}
        value={String(typed)}
        disabled={disabled}
        onChange={(event) => onType(event.target.value)}
        {...(offered.length > 0 ? { list: listId } : {})}
      />
      {offered.length > 0 && (
        <datalist id={listId}>
          {offered.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {words !== undefined && <p className="text-muted text-xs">Runs {words}.</p>}
    </div>
  );
}

const TIME_ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')];
