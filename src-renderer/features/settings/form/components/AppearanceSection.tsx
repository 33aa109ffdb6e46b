import { useTheme } from '../../../../app/theme.ts';
import { THEMES, type Theme } from '../../../../app/theme-rule.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';

const LABELS: Readonly<Record<Theme, string>> = { dark: 'Dark', light: 'Light', system: 'As the system' };

export function AppearanceSection() {
  const { chosen, shown, choose } = useTheme();
  return (
    <div className="flex items-start justify-between gap-6 px-4 py-3">
      <div className="min-w-0 space-y-0.5">
        <p className="font-medium">Theme</p>
        <p className="text-muted text-xs">
          Kept on this computer, and in force at once.
          {chosen === undefined && ` Nothing is chosen yet: ${shown}.`}
        </p>
      </div>
      <Segmented<Theme>
        label="Theme"
        value={chosen ?? shown}
        options={THEMES.map((value) => ({ value, label: LABELS[value] }))}
        onChange={choose}
      />
    </div>
  );
}
