/** How a receiver checks that a request comes from here: the same words as in `docs/user/webhooks.md`. */

interface Snippet {
  label: string;
  language: string;
  code: string;
}

export const VERIFY_SNIPPETS = {
  node: {
    label: 'Node.js',
    language: 'javascript',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto';

function isFromArchon(secret, header, rawBody) {
  const { t, v1 } = Object.fromEntries(header.split(',').map((part) => part.split('=')));
  if (Math.abs(Date.now() / 1000 - Number(t)) > 300) return false;
  const expected = createHmac('sha256', secret).update(\`\${t}.\${rawBody}\`).digest();
  const given = Buffer.from(v1, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}`,
  },
  python: {
    label: 'Python',
    language: 'python',
    code: `import hashlib, hmac, time

def is_from_archon(secret: str, header: str, raw_body: bytes) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(","))
    if abs(time.time() - int(parts["t"])) > 300:
        return False
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"])`,
  },
} as const satisfies Record<string, Snippet>;

export type VerifySnippet = keyof typeof VERIFY_SNIPPETS;
