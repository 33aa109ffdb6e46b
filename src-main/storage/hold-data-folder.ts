import { finishRestore } from './backup/swap.ts';
import { DataFolderLock } from './data-folder-lock.ts';

/**
 * Takes a data folder for this process.
 *
 * @returns how to give it back
 * @throws DataFolderInUseError, DataFolderNotWritableError
 */
export function holdDataFolder(data_dir: string): () => void {
  const lock = DataFolderLock.acquire(data_dir);
  try {
    // A restore that was decided and then cut short: without its end the next step would make an empty database.
    finishRestore(data_dir);
  } catch (error) {
    lock.release();
    throw error;
  }
  return () => lock.release();
}
