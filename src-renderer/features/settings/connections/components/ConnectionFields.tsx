/** Everything about how a profile connects: the database, and Redis beside it when there is one. */
import { useState } from 'react';
import type { Profile } from '../../../../../src-contract/index.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import type { ConnectionFormState } from '../hooks/use-connection-form.ts';
import { DatabaseFields } from './DatabaseFields.tsx';
import { Choice } from './LooksFields.tsx';
import { RedisFields } from './RedisFields.tsx';

const NOTHING = { database: '', redis: '' } as const;

export function ConnectionFields({ profile, state }: { profile: Profile | undefined; state: ConnectionFormState }) {
  const [way, setWay] = useState<'fields' | 'url'>('fields');
  const { form, faults, change } = state;
  const kept = profile?.kind === 'remote' ? profile.connection : undefined;
  const asUrl = way === 'url';
  return (
    <div className="space-y-4">
      <div className="flex items-center gap-3">
        <h3 className="flex-1 font-semibold">PostgreSQL</h3>
        <Segmented<'fields' | 'url'>
          label="How the connection is written"
          value={way}
          onChange={(next) => {
            setWay(next);
            // A URL that was not understood goes; the fields say what they said before it.
            change({ unread: NOTHING });
          }}
          options={[
            { value: 'fields', label: 'Fields' },
            { value: 'url', label: 'URL' },
          ]}
        />
      </div>
      <DatabaseFields
        asUrl={asUrl}
        value={form.database}
        has={{ password: kept?.database.has_password ?? false, key: kept?.database.tls.has_key ?? false }}
        faults={faults}
        onChange={(database) => change({ database })}
        onUnread={(text) => change({ unread: { ...form.unread, database: text } })}
      />
      <div className="space-y-3 border-line border-t pt-4">
        <h3 className="font-semibold">Redis</h3>
        <Choice
          label="Conversations in Redis"
          help="Off: those of this computer are kept on this computer."
          checked={form.has_redis}
          onChange={(has_redis) => change({ has_redis })}
        />
        {form.has_redis && (
          <RedisFields
            asUrl={asUrl}
            value={form.redis}
            has={{ password: kept?.redis?.has_password ?? false, key: kept?.redis?.tls.has_key ?? false }}
            faults={faults}
            onChange={(redis) => change({ redis })}
            onUnread={(text) => change({ unread: { ...form.unread, redis: text } })}
          />
        )}
      </div>
    </div>
  );
}
