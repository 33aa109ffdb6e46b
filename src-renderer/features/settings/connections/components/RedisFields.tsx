/** Where conversations are kept while they last: in Redis, as fields or as a URL. */
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { type ConnectionForm, cacheUrl, withCacheUrl } from '../model/connection-form.ts';
import { readRedisUrl } from '../model/connection-url.ts';
import { SecretInput } from './SecretInput.tsx';
import { TlsFields } from './TlsFields.tsx';
import { UrlInput } from './UrlInput.tsx';

type Redis = ConnectionForm['redis'];

export interface RedisFieldsProps {
  asUrl: boolean;
  value: Redis;
  has: { password: boolean; key: boolean };
  faults: Readonly<Record<string, string>>;
  onChange(value: Redis): void;
  onUnread(text: string): void;
}

const FIELDS = {
  host: { label: 'Host of Redis', placeholder: 'cache.example.org', help: undefined },
  port: { label: 'Port of Redis', placeholder: '6379', help: undefined },
  db: { label: 'Number of the database', placeholder: '0', help: undefined },
  username: { label: 'User of Redis', placeholder: 'default', help: undefined },
  key_prefix: { label: 'Prefix of keys', placeholder: 'archon:', help: 'The same for all who share the memory.' },
} as const;

export function RedisFields({ asUrl, value, has, faults, onChange, onUnread }: RedisFieldsProps) {
  const set = (patch: Partial<Redis>) => onChange({ ...value, ...patch });
  const field = (name: keyof typeof FIELDS) => (
    <Field label={FIELDS[name].label} help={FIELDS[name].help} error={faults[`redis.${name}`]}>
      {(props) => (
        <TextInput
          {...props}
          dir="ltr"
          placeholder={FIELDS[name].placeholder}
          value={value[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const [firstFault] = Object.keys(FIELDS).flatMap((name) => faults[`redis.${name}`] ?? []);
  return (
    <div className="space-y-3">
      {asUrl ? (
        <>
          <UrlInput
            label="URL of Redis"
            url={value.host === '' ? '' : cacheUrl(value)}
            hidesPassword={value.password.isKept}
            placeholder="redis://host:6379/0"
            read={readRedisUrl}
            onRead={(address) => onChange(withCacheUrl(value, address))}
            onUnread={onUnread}
          />
          {firstFault && faults['unread.redis'] === undefined && (
            <p role="alert" className="text-bad text-xs">
              {firstFault}
            </p>
          )}
        </>
      ) : (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_120px] gap-3">
            {field('host')}
            {field('port')}
          </div>
          <div className="grid grid-cols-2 gap-3">
            {field('username')}
            {field('db')}
          </div>
          <SecretInput
            label="Password of Redis"
            value={value.password}
            isThere={has.password}
            onChange={(password) => set({ password })}
          />
        </>
      )}
      <TlsFields
        of="Redis"
        value={value.tls}
        hasKey={has.key}
        fault={(name) => faults[`redis.tls.${name}`]}
        onChange={(tls) => set({ tls })}
      />
      <div className="max-w-72">{field('key_prefix')}</div>
    </div>
  );
}
