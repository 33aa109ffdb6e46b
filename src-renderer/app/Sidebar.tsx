import { Link } from '@tanstack/react-router';
import { Command, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { toast } from 'sonner';
import { HealthDot } from '../features/observability/health/HealthDot.tsx';
import { OpsDot } from '../features/ops-agent/watch/OpsDot.tsx';
import { logOut } from '../rpc/login.ts';
import { desktop, transport } from '../rpc/transport.ts';
import { cx } from '../ui/classes.ts';
import { Menu, MenuHeading, MenuItem, MenuLine, MenuRadio } from '../ui/Menu.tsx';
import { Tip } from '../ui/Tip.tsx';
import { PAGES } from './pages.ts';
import { usePalette } from './palette/palette-store.ts';
import { useTheme } from './theme.ts';
import { THEMES } from './theme-rule.ts';

const SHAPE =
  'flex h-9 items-center gap-2.5 rounded-md px-2.5 max-xl:w-9 max-xl:justify-center max-xl:px-0 [&_svg]:size-[18px] [&_svg]:shrink-0';
const IDLE = 'text-muted hover:bg-hover hover:text-text';
const ITEM = cx(SHAPE, IDLE);
const LABEL = 'one-line max-xl:sr-only';

export function Sidebar() {
  const openPalette = usePalette((store) => store.open);
  return (
    <nav
      aria-label="Main"
      className="row-span-1 flex w-48 flex-col gap-1 border-line border-r bg-surface p-2 max-xl:w-[53px]"
    >
      <div className="mb-2 flex h-9 items-center gap-2 px-1.5 max-xl:justify-center max-xl:px-0">
        <img src="/archon.svg" alt="" className="size-6" />
        <span className={cx(LABEL, 'font-semibold text-[15px] tracking-tight')}>Archon</span>
      </div>
      {PAGES.map(({ to, label, Icon }) => (
        <Tip key={to} text={label}>
          <Link
            to={to}
            className={cx(SHAPE, 'relative')}
            inactiveProps={{ className: IDLE }}
            activeProps={{ className: 'bg-accent-soft font-medium text-accent-text', 'aria-current': 'page' }}
          >
            <Icon aria-hidden="true" />
            <span className={LABEL}>{label}</span>
            {to === '/observability' && <HealthDot />}
            {to === '/ops-agent' && <OpsDot />}
          </Link>
        </Tip>
      ))}
      <div className="flex-1" />
      <Tip text="Search and commands" keys="Mod K">
        <button type="button" className={ITEM} onClick={openPalette}>
          <Command aria-hidden="true" />
          <span className={LABEL}>Commands</span>
        </button>
      </Tip>
      <AppMenu />
    </nav>
  );
}

const THEME_NAMES = { dark: 'Dark', light: 'Light', system: 'As the system' } as const;
const THEME_ICONS = { dark: Moon, light: Sun, system: Monitor } as const;

function AppMenu() {
  const { chosen, choose } = useTheme();
  const theme = chosen ?? 'system';
  const Icon = THEME_ICONS[theme];
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={ITEM} aria-label="Appearance and account">
          <Icon aria-hidden="true" />
          <span className={LABEL}>Appearance</span>
        </button>
      }
    >
      <MenuHeading>Theme</MenuHeading>
      <MenuRadio
        value={theme}
        onChange={choose}
        options={THEMES.map((value) => ({ value, label: THEME_NAMES[value] }))}
      />
      {desktop === undefined && (
        <>
          <MenuLine />
          <MenuItem icon={<LogOut />} onSelect={signOut}>
            Log out
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

async function signOut(): Promise<void> {
  try {
    await logOut();
    transport.connect();
  } catch (error) {
    toast.error(error instanceof Error ? error.message : String(error));
  }
}
