/** The first setup: where memory lives, whether everything works, and where to begin. Every step can be skipped. */
import { useNavigate } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useOpenProfile } from '../../app/read-only.ts';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/classes.ts';
import { Choices } from '../memory/components/FirstRun.tsx';
import { ChecksStep } from './components/ChecksStep.tsx';
import { WhereStep } from './components/WhereStep.tsx';
import { SETUP_STEPS, type SetupStep, useSetup } from './setup-store.ts';

const TITLES: Readonly<Record<SetupStep, string>> = {
  where: 'Where does the memory live?',
  checks: 'Does everything work?',
  begin: 'Where to begin?',
};
const NAMES: Readonly<Record<SetupStep, string>> = { where: 'Place', checks: 'Checks', begin: 'Begin' };

export function SetupPage() {
  const { step, place, go, finish } = useSetup();
  const open = useOpenProfile();
  const navigate = useNavigate();
  const headingRef = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins at its heading, also for the keyboard.
  useEffect(() => headingRef.current?.focus({ preventScroll: true }), [step]);
  const index = SETUP_STEPS.indexOf(step);
  const before = SETUP_STEPS[index - 1];
  const next = SETUP_STEPS[index + 1];
  const leave = () => {
    finish();
    // The way back does not lead into a setup that is over.
    void navigate({ to: '/memory', replace: true });
  };
  const isConnected = open === null || open?.kind === 'remote';
  const waitsFor =
    step === 'where' && place === 'server' && !isConnected
      ? 'Connect the server first, or choose this computer.'
      : undefined;
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-4 border-line border-b px-3">
        <h1 className="font-semibold text-[15px]">Set up Archon</h1>
        <ol aria-label="Steps" className="flex flex-1 gap-4 text-muted text-xs">
          {SETUP_STEPS.map((name, at) => (
            <li
              key={name}
              aria-current={name === step ? 'step' : undefined}
              className={cx('flex items-center gap-1.5', name === step && 'font-semibold text-text')}
            >
              <span
                aria-hidden="true"
                className={cx(
                  'flex size-5 items-center justify-center rounded-full border text-[11px]',
                  name === step ? 'border-accent bg-accent text-on-accent' : 'border-line-strong',
                )}
              >
                {at < index ? <Check className="size-3" /> : at + 1}
              </span>
              {NAMES[name]}
            </li>
          ))}
        </ol>
        <Button look="ghost" onClick={leave}>
          Skip the setup
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-3xl space-y-5 px-6 py-8">
          <h2 ref={headingRef} tabIndex={-1} className="font-semibold text-2xl tracking-tight outline-none">
            {TITLES[step]}
          </h2>
          {body()}
        </div>
      </div>
      <footer className="flex items-center gap-2 border-line border-t px-4 py-3">
        {before && <Button onClick={() => go(before)}>Back</Button>}
        <span className="flex-1" />
        <Button look="primary" blocked={waitsFor} onClick={() => (next ? go(next) : leave())}>
          {next ? 'Continue' : 'Finish'}
        </Button>
      </footer>
    </div>
  );

  function body(): ReactNode {
    switch (step) {
      case 'where':
        return <WhereStep />;
      case 'checks':
        return <ChecksStep />;
      case 'begin':
        return <Choices onLoaded={leave} />;
    }
  }
}
