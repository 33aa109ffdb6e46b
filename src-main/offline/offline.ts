/** Memory without its server, as the installation has it: snapshots, archives opened for reading, archives compared. */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { Installation } from '../installation/installation.ts';
import { Comparisons } from './comparison/comparisons.ts';
import type { Copies, OpenProfile, StartCopyEngine } from './open-profile.ts';
import { Snapshots } from './snapshots/snapshots.ts';

type Answers = Required<Installation>['offline'];

export interface OfflineDeps {
  /** Of the installation, not of a profile: what is made here outlives the profile it comes from. */
  data_dir: string;
  open(): OpenProfile;
  copies: Copies;
  startCopyEngine: StartCopyEngine;
  clock: Clock;
  logger: Logger;
}

export class Offline implements Answers {
  readonly #snapshots: Snapshots;
  readonly #comparisons: Comparisons;

  constructor(deps: OfflineDeps) {
    const folder = join(deps.data_dir, 'offline');
    this.#snapshots = new Snapshots({ ...deps, folder });
    this.#comparisons = new Comparisons({
      ...deps,
      folder: join(folder, 'comparisons'),
      archive: async (scope, snapshot_id) => {
        const { path } = await this.archiveFile(scope, snapshot_id);
        return { path, name: this.#snapshots.get(scope, snapshot_id).name };
      },
    });
  }

  async start(): Promise<void> {
    await this.#comparisons.start();
    await this.#snapshots.start();
  }

  /** Lets snapshots rest and ends comparisons. Before the engine of the open profile stops. */
  async stop(): Promise<void> {
    await this.#comparisons.stop();
    await this.#snapshots.stop();
  }

  /** Snapshots at work, of every organisation. */
  get active(): number {
    return this.#snapshots.active;
  }

  /** Resolves when a snapshot is not at work any more. */
  async settled(snapshot_id: string): Promise<void> {
    await this.#snapshots.settled(snapshot_id);
  }

  has(scope: Scope, snapshot_id: string): boolean {
    return this.#snapshots.list(scope).some((snapshot) => snapshot.snapshot_id === snapshot_id);
  }

  /** Where the archive of a finished snapshot lies. @throws ArchonError NOT_FOUND, CONFLICT */
  async archiveFile(scope: Scope, snapshot_id: string): Promise<{ path: string; name: string }> {
    return await this.#snapshots.archive(scope, snapshot_id);
  }

  readonly snapshots: Answers['snapshots'] = (scope) => ({ items: this.#snapshots.list(scope) });
  readonly snapshot: Answers['snapshot'] = (scope, input) => this.#snapshots.take(scope, input);
  readonly openArchive: Answers['openArchive'] = (scope, input) => this.#snapshots.openArchive(scope, input);
  readonly read: Answers['read'] = (scope, { snapshot_id }) => this.#snapshots.get(scope, snapshot_id);
  readonly pause: Answers['pause'] = (scope, { snapshot_id }) => this.#snapshots.pause(scope, snapshot_id);
  readonly resume: Answers['resume'] = (scope, { snapshot_id }) => this.#snapshots.resume(scope, snapshot_id);
  readonly cancel: Answers['cancel'] = (scope, { snapshot_id }) => this.#snapshots.cancel(scope, snapshot_id);
  readonly forget: Answers['forget'] = (scope, { snapshot_id }) => this.#snapshots.forget(scope, snapshot_id);
  readonly download: Answers['download'] = async (scope, { snapshot_id }) => {
    const { path, name } = await this.archiveFile(scope, snapshot_id);
    // The blob stands for the file; its bytes are read as they are sent.
    return new File([await openAsBlob(path, { type: 'application/gzip' })], name, { type: 'application/gzip' });
  };
  readonly compare: Answers['compare'] = (scope, input) => this.#comparisons.begin(scope, input);
  readonly comparisons: Answers['comparisons'] = (scope) => ({ items: this.#comparisons.list(scope) });
  readonly comparison: Answers['comparison'] = (scope, { comparison_id }) =>
    this.#comparisons.get(scope, comparison_id);
  readonly differences: Answers['differences'] = (scope, input) => this.#comparisons.differences(scope, input);
  readonly forgetComparison: Answers['forgetComparison'] = (scope, { comparison_id }) =>
    this.#comparisons.forget(scope, comparison_id);
}
