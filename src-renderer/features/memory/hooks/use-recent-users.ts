/** The users that were looked at last on this computer, of each profile its own. */
import { create } from 'zustand';
import { keyOfProfile, useProfileEpoch } from '../../../app/profile/open-profile.ts';

const KEY = 'archon.recent-users';
const LIMIT = 8;

interface RecentUsers {
  users: readonly string[];
  add(user_id: string): void;
}

export const useRecentUsers = create<RecentUsers>((set, get) => ({
  users: read(),
  add: (user_id) => {
    const users = [user_id, ...get().users.filter((one) => one !== user_id)].slice(0, LIMIT);
    set({ users });
    try {
      localStorage.setItem(keyOfProfile(KEY), JSON.stringify(users));
    } catch {
      // Storage that is shut or full keeps nothing: they are known until the page is closed.
    }
  },
}));
useProfileEpoch.subscribe(() => useRecentUsers.setState({ users: read() }));

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOfProfile(KEY)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string').slice(0, LIMIT) : [];
  } catch {
    return [];
  }
}
