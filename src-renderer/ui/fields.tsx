/** Controls of forms. */
import { Search, X } from 'lucide-react';
import { Checkbox as RadixCheckbox, Slider as RadixSlider, Switch as RadixSwitch } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './classes.ts';
import { heldBack } from './held-back.ts';
import { Tip } from './Tip.tsx';

const BOX =
  'w-full min-w-0 rounded-md border border-line bg-bg px-2.5 text-[13px] text-text placeholder:text-faint hover:border-line-strong aria-[invalid=true]:border-bad disabled:cursor-not-allowed disabled:opacity-60';

export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" spellCheck={false} autoComplete="off" {...rest} className={cx(BOX, 'h-8', className)} />;
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} className={cx(BOX, 'min-h-20 resize-y py-1.5 leading-relaxed', className)} />;
}

export interface SearchInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  value: string;
  onChange(value: string): void;
}

export function SearchInput({ value, onChange, className, ...rest }: SearchInputProps) {
  return (
    <div className={cx('relative', className)}>
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" />
      <input
        type="text"
        role="searchbox"
        spellCheck={false}
        autoComplete="off"
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={cx(BOX, 'h-8 pr-8 pl-8')}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label="Clear"
          onClick={() => onChange('')}
          className="absolute top-1.5 right-1.5 rounded p-0.5 text-faint hover:text-text"
        >
          <X className="size-4" />
        </button>
      )}
    </div>
  );
}

export interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  /** Is given the id, and what describes the control. */
  children(props: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean }): ReactNode;
}

/** A control with its label, help and error. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const note = help || error ? `${id}-note` : undefined;
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block font-medium text-muted text-xs">
        {label}
      </label>
      {children({ id, 'aria-describedby': note, 'aria-invalid': error !== undefined })}
      {note && (
        <p id={note} className={cx('text-xs', error ? 'text-bad' : 'text-faint')}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

export interface SwitchProps {
  checked: boolean;
  onChange(checked: boolean): void;
  label: string;
  /** Leaves the label to the text beside it. */
  labelledBy?: string;
  /** For a label element that is its name. */
  id?: string;
  disabled?: boolean;
  /** Why it cannot be switched now: shown as a tip. It still takes the focus. */
  blocked?: string | undefined;
}

export function Switch({ checked, onChange, label, labelledBy, id, disabled, blocked }: SwitchProps) {
  const control = (
    <RadixSwitch.Root
      {...(id ? { id } : {})}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled ?? false}
      {...(blocked === undefined ? {} : heldBack(blocked))}
      {...(labelledBy ? { 'aria-labelledby': labelledBy } : { 'aria-label': label })}
      className="h-5 w-9 shrink-0 rounded-full border border-line-strong bg-bg p-0.5 transition-colors disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
    >
      <RadixSwitch.Thumb className="block size-3.5 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-accent" />
    </RadixSwitch.Root>
  );
  return blocked === undefined ? control : <Tip text={blocked}>{control}</Tip>;
}

export interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange(value: number): void;
  /** When the person lets go. */
  onCommit?(value: number): void;
  disabled?: boolean;
  /** How the value is read out. */
  valueText?: string;
}

export function Slider({ label, value, min, max, step, onChange, onCommit, disabled, valueText }: SliderProps) {
  return (
    <RadixSlider.Root
      value={[value]}
      min={min}
      max={max}
      step={step}
      disabled={disabled ?? false}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
      className="relative flex h-5 w-full touch-none select-none items-center data-[disabled]:opacity-50"
    >
      <RadixSlider.Track className="relative h-1.5 grow rounded-full bg-hover">
        <RadixSlider.Range className="absolute h-full rounded-full bg-accent" />
      </RadixSlider.Track>
      <RadixSlider.Thumb
        aria-label={label}
        aria-valuetext={valueText}
        className="block size-4 rounded-full border-2 border-accent bg-on-accent"
      />
    </RadixSlider.Root>
  );
}

export function Checkbox({
  checked,
  onChange,
  label,
  className,
  tabIndex,
}: {
  checked: boolean | 'indeterminate';
  onChange(checked: boolean): void;
  label: string;
  className?: string;
  /** -1 where something around it has the keys. */
  tabIndex?: number;
}) {
  return (
    <RadixCheckbox.Root
      {...(tabIndex === undefined ? {} : { tabIndex })}
      checked={checked}
      onCheckedChange={(next) => onChange(next === true)}
      aria-label={label}
      className={cx(
        'flex size-4 shrink-0 items-center justify-center rounded border border-line-strong bg-bg text-on-accent data-[state=checked]:border-accent data-[state=indeterminate]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent',
        className,
      )}
    >
      <RadixCheckbox.Indicator>
        <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3 fill-none stroke-2 stroke-current">
          {checked === 'indeterminate' ? <path d="M2.5 6h7" /> : <path d="m2 6.5 2.8 2.8L10 3.5" />}
        </svg>
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}
