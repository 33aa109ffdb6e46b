/** The clock of this computer: expiry, schedules and certificates go by it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../clock.ts';
import { formatSeconds } from '../units.ts';
import { type Check, type CheckFinding, type DoctorContext, memoryFolder, ok, warning } from './check.ts';

const NAME = 'clock';
/** Apart by more, what expires here and there differs in what people see. */
const MUCH_SECONDS = 60;
const WRITTEN = ['history.db', 'sessions.db', join('postgres', 'PG_VERSION')];
const ADVICE = 'Set the time of this computer, or have it set from the network (NTP).';

export const clockCheck: Check = {
  key: 'clock',
  name: NAME,
  run: async (context) => [await look(context)],
};

async function look(context: DoctorContext): Promise<CheckFinding> {
  const { config, clock, database } = context;
  const now_ms = clock.now();
  const newest_ms = Math.max(
    ...WRITTEN.map((name) => statSync(join(memoryFolder(context), name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
  if (newest_ms - now_ms > MUCH_SECONDS * 1000) {
    return warning(
      NAME,
      `it is ${isoTime(now_ms)} here, but Archon has already written at ${isoTime(newest_ms)}`,
      ADVICE,
    );
  }
  if (database === undefined || config['database.url'] === null) return ok(NAME, isoTime(now_ms));
  const [row] = await database.statement<{ now_ms: number }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`,
  );
  const apart_seconds = Math.abs((row?.now_ms ?? now_ms) - clock.now()) / 1000;
  if (apart_seconds <= MUCH_SECONDS) return ok(NAME, `${isoTime(now_ms)}, as on the database server`);
  return warning(NAME, `${formatSeconds(apart_seconds)} apart from that of the database server`, ADVICE);
}
