/** How everything is: components, breakers, and what waits. */
import { HEALTH_STATUSES, type OpsObservation } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import { newestBackup } from '../../storage/backup/backup-schedule.ts';
import { ageSeconds } from './age.ts';
import { BreakerTimes } from './breaker-times.ts';
import { JournalGrowth } from './journal-growth.ts';
import { type Look, type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

export function healthMonitor(deps: MonitorsDeps): Monitor {
  const { clock, node, sources } = deps;
  const { sessions, delivery, health } = sources;
  return {
    monitor: 'health',
    title: 'Health and what waits',
    timeout_ms: 5000,
    looks: [
      {
        signals: ['component_status'],
        ask: async () => {
          const { components } = await health.deep();
          return components.map(({ component, status, detail }) => {
            const said = status === 'healthy' ? null : detail;
            return observed('component_status', HEALTH_STATUSES.indexOf(status), { component, node }, said);
          });
        },
      },
      breakersLook(deps),
      {
        signals: ['event_lag_seconds'],
        ask: async (scope) => [
          observed('event_lag_seconds', ageSeconds(await delivery.events.oldestWaiting(scope), clock)),
        ],
      },
      {
        signals: ['session_outbox_lag_seconds'],
        ask: async () => [
          observed('session_outbox_lag_seconds', ageSeconds((await sessions.outbox.waiting()).oldest_ms, clock)),
        ],
      },
      journalLook(deps),
      { signals: ['backup_age_seconds'], ask: () => backupAge(deps) },
    ],
  };
}

function breakersLook({ clock, node, settings, sources: { resilience } }: MonitorsDeps): Look {
  const longest_ms = () => 2000 * settings.of(LOCAL_ORG_ID)['ops.interval_seconds'];
  const times = new BreakerTimes(clock, longest_ms);
  resilience.onTransition((transition) => times.changed(transition));
  return {
    signals: ['breaker_open_seconds'],
    ask: (scope: Scope): OpsObservation[] => {
      const breakers = resilience.list(scope).filter(({ in_use }) => in_use);
      const open = times.look(breakers);
      return breakers.map(({ name }) => {
        const { open_ms = 0, error = null } = open.get(name) ?? {};
        return observed('breaker_open_seconds', open_ms / 1000, { breaker: name, node }, error);
      });
    },
  };
}

function journalLook({ clock, node, sources: { writes } }: MonitorsDeps): Look {
  const growth = new JournalGrowth(clock);
  return {
    signals: ['journal_writes', 'journal_growth'],
    ask: () => {
      const waiting = writes.figures().writes.reduce((sum, store) => sum + store.waiting, 0);
      return [
        observed('journal_writes', waiting, { node }),
        observed('journal_growth', growth.next(waiting), { node }),
      ];
    },
  };
}

function backupAge({ clock, node, settings, sources }: MonitorsDeps): OpsObservation[] {
  const { backups, data_dir } = sources;
  if (!backups.possible || settings.device['backup.interval_hours'] === 0) return [];
  const newest = newestBackup(backups.folder, data_dir, clock.now());
  if (newest === undefined) return [];
  const detail = newest.kind === 'made' ? null : 'none was made yet; counted from when the database was made';
  return [observed('backup_age_seconds', ageSeconds(newest.at_ms, clock), { node }, detail)];
}
