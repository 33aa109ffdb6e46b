/**
 * Routes whose work takes as long as there is much of it. Each of their steps is bounded by itself; all others are
 * answered within `resilience.deadline_seconds`, whatever is away.
 */
export const LONG_ROUTES: ReadonlySet<string> = new Set([
  'app.loadDemo',
  'backups.create',
  'deadLetters.export',
  // Each service that does not answer is waited for in turn; and a backup may be what is to be done.
  'doctor.run',
  'doctor.fix',
  // The subscriber is given the time it has for an event.
  'deadLetters.replay',
  'memories.erase',
  // They wait until the engine of a copy has stopped, or send a file.
  'offline.cancel',
  'offline.download',
  'offline.pause',
  // A round ends when each of its parts has, or has had its time; so does an action, and what looks before one.
  'ops.run',
  'opsActions.run',
  'opsActions.approve',
  'opsActions.apply',
  'opsReports.create',
  // As long as the receiver may take.
  'opsChannels.test',
  // An engine starts, and another ends.
  'profiles.activate',
  'profiles.migrations',
  'profiles.test',
  'profiles.update',
  'secrets.rotate',
  'settings.restart',
  // A model that lies on a disk takes its time; the test has a limit of its own.
  'settings.test',
  'transfer.download',
  'transfer.preview',
  // As is the receiver.
  'webhooks.test',
]);
