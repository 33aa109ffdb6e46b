/** The keyring of the system, as far as keys need one. The desktop app has it from Electron; a server has none. */
export interface Keyring {
  /**
   * `basic` where the system has none (Linux without Secret Service or KWallet): what is locked then can be unlocked by
   * everybody who can read it, so nothing is.
   */
  strength(): 'keyring' | 'basic';
  lock(text: string): Buffer;
  /** @throws when it was locked by another keyring */
  unlock(locked: Buffer): string;
}
