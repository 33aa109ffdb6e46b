/**
 * Tests of the items of Electron's security checklist. docs/operations/security.md lists them; scripts/docs/security-page.ts
 * reads them from the source, so item and title stand there as literals.
 */
import { it } from 'vitest';
import { CHECKLIST, type ChecklistItem } from '../../src-main/desktop/security/checklist.ts';

/** The built app does it: seen by running it. */
export function seen(item: ChecklistItem, title: string, test: () => Promise<void> | void): void {
  it(`${item}. ${CHECKLIST[item]} — ${title}`, test);
}

/** The app asks it of Electron, which does it: checked is what is asked. */
export function asked(item: ChecklistItem, title: string, test: () => Promise<void> | void): void {
  it(`${item}. ${CHECKLIST[item]} — ${title} (as asked of Electron)`, test);
}
