import type { WorkerSchedule } from '../../../../src-contract/index.ts';
import { scheduleExpression, scheduleWords } from '../schedule-words.ts';

/** When it runs, in words; a cron expression stands beside them. */
export function ScheduleText({ schedule }: { schedule: WorkerSchedule }) {
  const expression = scheduleExpression(schedule);
  return (
    <>
      {scheduleWords(schedule)}
      {expression !== undefined && <code className="ml-1.5 font-mono text-[11px] text-faint">{expression}</code>}
    </>
  );
}
