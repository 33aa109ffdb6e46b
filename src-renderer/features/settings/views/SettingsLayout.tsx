/** Settings: what holds, what Archon is connected to, and how this installation is. */
import { PageOfParts } from '../../../app/PageOfParts.tsx';
import { SETTINGS_PARTS } from '../../../app/pages.ts';

export const SettingsLayout = () => <PageOfParts title="Settings" parts={SETTINGS_PARTS} />;
