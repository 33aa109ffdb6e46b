/** One rule of the list: when it fires, what is then done, and whether it fires. */
import { Link } from '@tanstack/react-router';
import { Copy, MoreHorizontal, Pencil, RotateCcw, Trash2, Wrench } from 'lucide-react';
import type { OpsRule } from '../../../../../src-contract/index.ts';
import { IconButton } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Switch } from '../../../../ui/fields.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../../../../ui/Menu.tsx';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { conditionsWords, kindOf, remediationWords } from '../model/condition-words.ts';
import { RuleBadge } from './RuleBadge.tsx';

export interface RuleRowProps {
  rule: OpsRule;
  isOpen: boolean;
  isBusy: boolean;
  blocked: string | undefined;
  onOpen(): void;
  onSwitch(enabled: boolean): void;
  onCopy(): void;
  /** Removes it, or takes back what was changed. */
  onRemove(): void;
}

export function RuleRow({ rule, isOpen, isBusy, blocked, onOpen, onSwitch, onCopy, onRemove }: RuleRowProps) {
  const name = visibleText(rule.name);
  const remediation = remediationWords(rule);
  const kind = kindOf(rule);
  return (
    <li
      aria-label={name}
      className={cx(
        'flex items-center gap-4 rounded-lg border bg-surface px-4 py-2.5',
        isOpen ? 'border-accent' : 'border-line',
      )}
    >
      <Switch
        label={`${name}: enabled`}
        checked={rule.enabled}
        disabled={isBusy}
        blocked={blocked}
        onChange={onSwitch}
      />
      <div className={cx('min-w-0 flex-1 space-y-0.5', !rule.enabled && 'opacity-70')}>
        <p className="flex items-center gap-2">
          <button
            type="button"
            dir="auto"
            onClick={onOpen}
            className="one-line min-w-0 text-left font-semibold text-[14px] underline-offset-2 hover:underline"
          >
            {name}
          </button>
          <SeverityBadge severity={rule.severity} />
          <RuleBadge rule={rule} />
        </p>
        <p dir="auto" className="one-line text-muted text-xs" title={conditionsWords(rule, rule.limits)}>
          {conditionsWords(rule, rule.limits)}
        </p>
        <p className="flex flex-wrap items-center gap-x-3 text-faint text-xs">
          {remediation !== undefined && (
            <span className="flex items-center gap-1">
              <Wrench aria-hidden="true" className="size-3" /> {remediation}
            </span>
          )}
          {!rule.notify && <span>told to nobody</span>}
          {rule.escalation.length > 0 && <span>escalated in {plural(rule.escalation.length, 'step')}</span>}
        </p>
      </div>
      {rule.firing > 0 && (
        <Link
          to="/ops-agent/alerts"
          search={{ rule: rule.id }}
          className="shrink-0 rounded-full bg-bad-soft px-2 py-0.5 font-medium text-bad text-xs tabular-nums hover:underline"
        >
          {number(rule.firing)} firing
        </Link>
      )}
      <Menu trigger={<IconButton label={`More about ${name}`} icon={<MoreHorizontal className="size-4" />} />}>
        <MenuItem icon={<Pencil />} onSelect={onOpen}>
          {blocked === undefined ? 'Edit' : 'Look at it'}
        </MenuItem>
        <MenuItem icon={<Copy />} blocked={blocked} onSelect={onCopy}>
          Duplicate
        </MenuItem>
        {kind !== 'default' && (
          <>
            <MenuLine />
            <MenuItem
              icon={kind === 'custom' ? <Trash2 /> : <RotateCcw />}
              danger={kind === 'custom'}
              blocked={blocked}
              onSelect={onRemove}
            >
              {kind === 'custom' ? 'Delete …' : 'Back to what it was …'}
            </MenuItem>
          </>
        )}
      </Menu>
    </li>
  );
}
