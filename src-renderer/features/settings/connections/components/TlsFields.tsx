/** How a connection is encrypted, and who is trusted. */
import { SSL_MODES, type SslMode } from '../../../../../src-contract/profiles.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import type { TlsForm } from '../model/connection-form.ts';
import { PemInput } from './PemInput.tsx';
import { SecretInput } from './SecretInput.tsx';

const MODES: Readonly<Record<SslMode, { label: string; help: string }>> = {
  disable: { label: 'Off', help: 'Nothing is encrypted: for this computer and networks you trust.' },
  require: { label: 'Encrypt', help: 'Encrypted, but anybody may pretend to be the server.' },
  'verify-ca': { label: 'Check who signed', help: 'The certificate must be signed by an authority that is trusted.' },
  'verify-full': { label: 'Check all', help: 'Its authority must be trusted, and it must name this host.' },
};

export interface TlsFieldsProps {
  /** Of what, such as "the database": each group has a name of its own. */
  of: string;
  value: TlsForm;
  hasKey: boolean;
  /** The fault of one of its fields. */
  fault(field: 'ca_pem' | 'cert_pem' | 'key'): string | undefined;
  onChange(value: TlsForm): void;
}

export function TlsFields({ of, value, hasKey, fault, onChange }: TlsFieldsProps) {
  const set = (patch: Partial<TlsForm>) => onChange({ ...value, ...patch });
  return (
    <div className="space-y-3">
      <div className="space-y-1">
        <p className="font-medium text-muted text-xs">TLS</p>
        <Segmented<SslMode>
          label={`TLS of ${of}`}
          value={value.mode}
          onChange={(mode) => set({ mode })}
          options={SSL_MODES.map((mode) => ({ value: mode, label: MODES[mode].label }))}
        />
        <p className="text-faint text-xs">{MODES[value.mode].help}</p>
      </div>
      {value.mode !== 'disable' && (
        <details
          open={value.ca_pem !== '' || value.cert_pem !== '' || hasKey || fault('key') !== undefined}
          className="rounded-md border border-line"
        >
          <summary className="cursor-pointer px-3 py-1.5 text-muted">Certificates</summary>
          <div className="space-y-3 px-3 pt-1 pb-3">
            <PemInput
              label="Authority to trust (CA)"
              value={value.ca_pem}
              fault={fault('ca_pem')}
              help="Left empty, those that the system trusts."
              onChange={(ca_pem) => set({ ca_pem })}
            />
            <PemInput
              label="Client certificate"
              value={value.cert_pem}
              fault={fault('cert_pem')}
              help="Only where the server asks for one."
              onChange={(cert_pem) => set({ cert_pem })}
            />
            <SecretInput
              label="Key of the client certificate"
              value={value.key}
              isThere={hasKey}
              isPem
              fault={fault('key')}
              onChange={(key) => set({ key })}
            />
          </div>
        </details>
      )}
    </div>
  );
}
