/** A body of a person's own: JSON with places, and the list of them. */
import { useRef } from 'react';
import { OPS_TEMPLATE_PLACES } from '../../../../../src-contract/ops-channels.ts';
import { Field, TextArea } from '../../../../ui/fields.tsx';

export interface TemplateFieldProps {
  value: string;
  onChange(value: string): void;
  error: string | undefined;
}

export function TemplateField({ value, onChange, error }: TemplateFieldProps) {
  const ref = useRef<HTMLTextAreaElement>(null);
  const insert = (place: string) => {
    const { selectionStart: from = value.length, selectionEnd: to = value.length } = ref.current ?? {};
    onChange(`${value.slice(0, from)}{{${place}}}${value.slice(to)}`);
    const end = from + place.length + 4;
    // After it is drawn.
    setTimeout(() => {
      ref.current?.focus();
      ref.current?.setSelectionRange(end, end);
    });
  };
  return (
    <div className="space-y-2">
      <Field
        label="Template"
        error={error}
        help="JSON. Places stand within strings; a string that is one place alone becomes what stands there."
      >
        {(props) => (
          <TextArea
            {...props}
            ref={ref}
            dir="ltr"
            spellCheck={false}
            rows={8}
            maxLength={20_000}
            className="font-mono text-xs"
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        )}
      </Field>
      <details className="rounded-md border border-line">
        <summary className="cursor-pointer px-3 py-1.5 text-muted text-xs">Places that are filled in</summary>
        <ul aria-label="Places" className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 px-3 pb-2 text-xs">
          {Object.entries(OPS_TEMPLATE_PLACES).map(([place, meaning]) => (
            <li key={place} className="col-span-2 grid grid-cols-subgrid">
              <button
                type="button"
                aria-label={`Insert ${place}`}
                onClick={() => insert(place)}
                className="text-left font-mono text-accent-text hover:underline"
              >
                {`{{${place}}}`}
              </button>
              <span className="text-muted">{meaning}</span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
