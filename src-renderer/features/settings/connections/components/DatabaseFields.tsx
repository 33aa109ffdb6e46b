/** Where the database is, as fields or as a URL. */
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { type ConnectionForm, databaseUrl, withDatabaseUrl } from '../model/connection-form.ts';
import { readPostgresUrl } from '../model/connection-url.ts';
import { SecretInput } from './SecretInput.tsx';
import { TlsFields } from './TlsFields.tsx';
import { UrlInput } from './UrlInput.tsx';

type Database = ConnectionForm['database'];

export interface DatabaseFieldsProps {
  asUrl: boolean;
  value: Database;
  has: { password: boolean; key: boolean };
  faults: Readonly<Record<string, string>>;
  onChange(value: Database): void;
  onUnread(text: string): void;
}

const FIELDS = {
  host: { label: 'Host', placeholder: 'db.example.org' },
  port: { label: 'Port', placeholder: '5432' },
  database: { label: 'Database', placeholder: 'archon' },
  user: { label: 'User', placeholder: 'archon' },
} as const;

export function DatabaseFields({ asUrl, value, has, faults, onChange, onUnread }: DatabaseFieldsProps) {
  const set = (patch: Partial<Database>) => onChange({ ...value, ...patch });
  const field = (name: keyof typeof FIELDS) => (
    <Field label={FIELDS[name].label} error={faults[`database.${name}`]}>
      {(props) => (
        <TextInput
          {...props}
          dir="ltr"
          inputMode={name === 'port' ? 'numeric' : 'text'}
          placeholder={FIELDS[name].placeholder}
          value={value[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const [firstFault] = Object.keys(FIELDS).flatMap((name) => faults[`database.${name}`] ?? []);
  return (
    <div className="space-y-3">
      {asUrl ? (
        <>
          <UrlInput
            label="URL of the database"
            url={value.host === '' ? '' : databaseUrl(value)}
            hidesPassword={value.password.isKept}
            placeholder="postgres://user:password@host:5432/database"
            read={readPostgresUrl}
            onRead={(address) => onChange(withDatabaseUrl(value, address))}
            onUnread={onUnread}
          />
          {firstFault && faults['unread.database'] === undefined && (
            <p role="alert" className="text-bad text-xs">
              {firstFault}
            </p>
          )}
        </>
      ) : (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_96px] gap-3">
            {field('host')}
            {field('port')}
          </div>
          <div className="grid grid-cols-2 gap-3">
            {field('database')}
            {field('user')}
          </div>
          <SecretInput
            label="Password"
            value={value.password}
            isThere={has.password}
            onChange={(password) => set({ password })}
          />
        </>
      )}
      <TlsFields
        of="the database"
        value={value.tls}
        hasKey={has.key}
        fault={(name) => faults[`database.tls.${name}`]}
        onChange={(tls) => set({ tls })}
      />
      <div className="max-w-60">
        <Field
          label="Connections at most"
          error={faults['database.pool_size']}
          help="Of this computer, at the same time."
        >
          {(props) => (
            <TextInput
              {...props}
              inputMode="numeric"
              value={value.pool_size}
              onChange={(event) => set({ pool_size: event.target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
