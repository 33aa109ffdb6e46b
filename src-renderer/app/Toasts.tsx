/** Short messages over the page. They go by themselves, by their button, and by Esc while one of them has the focus. */
import { useEffect } from 'react';
import { Toaster } from 'sonner';
import { returnFocus } from '../ui/return-focus.ts';
import { useTheme } from './theme.ts';

export function Toasts() {
  const theme = useTheme((store) => store.shown);
  useEffect(() => {
    document.addEventListener('keydown', closeByKey);
    return () => document.removeEventListener('keydown', closeByKey);
  }, []);
  return (
    <Toaster
      theme={theme}
      // Not at the right: there stand the buttons of the drawer, and what failed is often tried again.
      position="bottom-center"
      offset={40}
      closeButton
      // Its style sheet brings a font of its own.
      style={{ fontFamily: 'inherit' }}
      toastOptions={{
        classNames: { toast: '!bg-raised !border-line-strong !text-text', description: '!text-muted' },
      }}
    />
  );
}

/** The one that has the focus, or the newest when the list of them has it, as after Alt T. */
function closeByKey(event: KeyboardEvent): void {
  const { target } = event;
  if (event.key !== 'Escape' || !(target instanceof Element)) return;
  const message =
    target.closest('[data-sonner-toast]') ??
    target.closest('[data-sonner-toaster]')?.querySelector('[data-sonner-toast][data-front="true"]');
  const button = message?.querySelector('[data-close-button]');
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  button.click();
  // It is on its way out: what had the focus before gets it back.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  returnFocus();
}
