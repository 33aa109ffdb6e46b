import { Dialog } from '../../ui/Dialog.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { SHORTCUTS, useShortcutSheet } from './shortcuts.ts';

export function ShortcutSheet() {
  const { isOpen, set } = useShortcutSheet();
  return (
    <Dialog open={isOpen} onOpenChange={set} title="Keyboard shortcuts" width="max-w-2xl">
      <div className="grid grid-cols-2 gap-x-10 gap-y-4">
        {Object.entries(SHORTCUTS).map(([group, shortcuts]) => (
          <section key={group}>
            <h3 className="mb-1 font-semibold text-muted text-xs">{group}</h3>
            <dl>
              {shortcuts.map(({ keys, does }) => (
                <div key={does} className="flex items-center justify-between gap-4 border-line border-b py-1.5">
                  <dt>{does}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
