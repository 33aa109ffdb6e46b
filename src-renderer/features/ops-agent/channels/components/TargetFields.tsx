/** Where a channel leads, by its kind. */
import { Link } from '@tanstack/react-router';
import type { OpsChannel } from '../../../../../src-contract/index.ts';
import { OPS_WEBHOOK_PRESETS } from '../../../../../src-contract/ops-channels.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Field } from '../../../../ui/fields.tsx';
import { TagsInput } from '../../../../ui/TagsInput.tsx';
import { type Faults, faultAt } from '../../fields/faults.ts';
import { Select } from '../../fields/Select.tsx';
import type { ChannelForm, WebhookPreset } from '../model/channel-form.ts';
import { PRESETS } from '../model/channel-words.ts';
import { SecretField } from './SecretField.tsx';
import { TemplateField } from './TemplateField.tsx';

const LINK = 'text-accent-text underline underline-offset-2';

export interface ChannelPartProps {
  form: ChannelForm;
  change(patch: Partial<ChannelForm>): void;
  faults: Faults;
  /** The one that is there; undefined for a new one. */
  channel: OpsChannel | undefined;
}

export function TargetFields(props: ChannelPartProps) {
  switch (props.form.kind) {
    case 'desktop':
      return <p className="text-muted">Notifications of the system, by the desktop app, wherever it is open.</p>;
    case 'email':
      return <EmailFields {...props} />;
    case 'slack':
      return <SlackFields {...props} />;
    case 'webhook':
      return <WebhookFields {...props} />;
  }
}

function EmailFields({ form, change, faults, channel }: ChannelPartProps) {
  const server = channel?.target.kind === 'email' ? channel.target.server : undefined;
  return (
    <div className="space-y-2">
      <Field
        label="Recipients"
        error={faultAt(faults, 'target.to')}
        help="One address or several, with Enter. Without any, it goes to those of the settings."
      >
        {(props) => (
          <TagsInput
            {...props}
            type="email"
            maxLength={2000}
            placeholder="ops@example.org"
            parse={(text) => text.split(/[\s,;]+/).filter((address) => address !== '')}
            value={form.to}
            onChange={(to) => change({ to })}
          />
        )}
      </Field>
      <p className="text-muted text-xs">
        {server === null || server === undefined
          ? 'By the mail server of the settings. '
          : `By ${visibleText(server)}, the mail server of the settings. `}
        <Link to="/settings" search={{ section: 'alerts' }} className={LINK}>
          Mail server and sender
        </Link>
      </p>
    </div>
  );
}

function SlackFields({ form, change, faults, channel }: ChannelPartProps) {
  return (
    <SecretField
      label="Incoming webhook"
      value={form.url}
      onChange={(url) => change({ url })}
      kept={channel?.target.kind === 'slack' ? channel.target.url : undefined}
      placeholder="https://hooks.slack.com/services/…"
      help="Its URL is the secret: it is kept encrypted, and never shown again."
      error={faultAt(faults, 'target.url')}
    />
  );
}

function WebhookFields({ form, change, faults, channel }: ChannelPartProps) {
  const kept = channel?.target.kind === 'webhook' ? channel.target : undefined;
  const isPagerDuty = form.preset === 'pagerduty';
  return (
    <div className="space-y-4">
      <Field label="Body" error={faultAt(faults, 'target.preset')} help={PRESETS[form.preset].help}>
        {(props) => (
          <Select<WebhookPreset> {...props} value={form.preset} onChange={(preset) => change({ preset })}>
            {OPS_WEBHOOK_PRESETS.map((preset) => (
              <option key={preset} value={preset}>
                {PRESETS[preset].label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <SecretField
        label="URL"
        value={form.url}
        onChange={(url) => change({ url })}
        kept={kept?.url}
        placeholder={isPagerDuty ? 'that of PagerDuty' : 'https://example.org/alerts'}
        help="Kept encrypted, and never shown again."
        error={faultAt(faults, 'target.url')}
      />
      <SecretField
        label={isPagerDuty ? 'Integration key' : 'Secret that signs the body'}
        value={form.secret}
        onChange={(secret) => change({ secret })}
        kept={kept?.secret}
        help={isPagerDuty ? 'Of a service of PagerDuty.' : 'It may be left out. Kept encrypted, and never shown again.'}
        error={faultAt(faults, 'target.secret')}
      />
      {form.preset === 'template' && (
        <TemplateField
          value={form.template}
          onChange={(template) => change({ template })}
          error={faultAt(faults, 'target.template')}
        />
      )}
    </div>
  );
}
