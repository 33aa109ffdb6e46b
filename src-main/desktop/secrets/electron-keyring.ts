/** The keyring of the system as Electron reaches it: Keychain, DPAPI, Secret Service, KWallet. */
import type { SafeStorage } from 'electron';
import type { Keyring } from '../../secrets/keyring.ts';

type Storage = Pick<
  SafeStorage,
  'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
>;

/**
 * `basic_text` is what Chromium falls back to on Linux without a keyring: it encrypts with a key that everybody knows.
 * https://www.electronjs.org/docs/latest/api/safe-storage#safestoragegetselectedstoragebackend-linux
 *
 * To be used once the app is ready: before, Electron knows of no keyring.
 */
export function electronKeyring(storage: Storage, platform: NodeJS.Platform): Keyring {
  return {
    strength: () => {
      if (!storage.isEncryptionAvailable()) return 'basic';
      if (platform !== 'linux') return 'keyring';
      const backend = storage.getSelectedStorageBackend();
      return backend === 'basic_text' || backend === 'unknown' ? 'basic' : 'keyring';
    },
    lock: (text) => storage.encryptString(text),
    unlock: (locked) => storage.decryptString(locked),
  };
}
