/** First calls of an agent, in the languages agents are written in. */

interface Snippet {
  label: string;
  language: string;
  code(url: string, token: string): string;
}

export const SNIPPETS = {
  curl: {
    label: 'curl',
    language: 'bash',
    code: (url, token) => `# Remember something
curl -s ${url}/api/memory/working \\
  -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' \\
  -d '{"user_id":"me","memory_type":"decision","content":{"text":"We deploy on Tuesdays."}}'

# What should the agent know before it answers?
curl -s ${url}/api/memory/context \\
  -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' \\
  -d '{"user_id":"me","query":"When do we deploy?","max_tokens":4000}'`,
  },
  python: {
    label: 'Python',
    language: 'python',
    code: (url, token) => `import json, urllib.request

def archon(path, body):
    request = urllib.request.Request(
        "${url}" + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer ${token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)

context = archon("/api/memory/context", {"user_id": "me", "query": question, "max_tokens": 4000})
messages = [{"role": "system", "content": context["memory_block"]}] + [
    {"role": m["role"], "content": m["content"]} for m in context["messages"]
]`,
  },
  typescript: {
    label: 'TypeScript',
    language: 'typescript',
    code: (url, token) => `async function archon(path: string, body: object) {
  const response = await fetch(\`${url}\${path}\`, {
    method: 'POST',
    headers: { authorization: 'Bearer ${token}', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json()).message);
  return await response.json();
}

const context = await archon('/api/memory/context', { user_id: 'me', query: question, max_tokens: 4000 });
const messages = [{ role: 'system', content: context.memory_block }, ...context.messages];`,
  },
} as const satisfies Record<string, Snippet>;

export type SnippetName = keyof typeof SNIPPETS;
