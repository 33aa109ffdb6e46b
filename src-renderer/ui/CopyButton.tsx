import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { desktop } from '../rpc/transport.ts';
import { Button, IconButton } from './Button.tsx';

const SHOWN_MS = 1500;

/** Copies text. @returns false when the system does not let us */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (desktop) await desktop.copyText(text);
    else await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast.error('The clipboard cannot be written. Select the text and copy it yourself.');
    return false;
  }
}

/** A button that copies; with `label` it has words, else it is an icon that says `what` it copies. */
export function CopyButton({
  text,
  label,
  what = 'Copy',
}: {
  text: string | (() => string);
  label?: string;
  what?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await copyText(typeof text === 'string' ? text : text()));
  const icon = copied ? <Check className="size-3.5 text-ok" /> : <Copy className="size-3.5" />;
  if (label === undefined) return <IconButton label={copied ? 'Copied' : what} icon={icon} onClick={copy} />;
  return (
    <Button size="small" icon={icon} onClick={copy}>
      {copied ? 'Copied' : label}
    </Button>
  );
}
