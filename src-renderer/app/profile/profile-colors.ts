/** How the colour of a profile looks on the page: as a dot, a line, a swatch. */
import type { ProfileColor } from '../../../src-contract/index.ts';

export const PROFILE_FILLS: Readonly<Record<ProfileColor, string>> = {
  violet: 'bg-profile-violet',
  blue: 'bg-profile-blue',
  green: 'bg-profile-green',
  amber: 'bg-profile-amber',
  red: 'bg-profile-red',
  grey: 'bg-profile-grey',
};
