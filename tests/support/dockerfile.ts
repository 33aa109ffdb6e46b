/** A Dockerfile as its instructions: comments are left out, and lines that go on are put together. */
export interface Instruction {
  name: string;
  text: string;
}

export interface Stage {
  image: string;
  /** Undefined for one without a name. */
  name: string | undefined;
  instructions: Instruction[];
}

export function readDockerfile(source: string): Stage[] {
  const lines = source.split('\n').filter((line) => !/^\s*#/.test(line));
  const stages: Stage[] = [];
  for (const line of lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')) {
    const [, name, text] = /^\s*([A-Z]+)\s+(.+)$/s.exec(line) ?? [];
    if (name === undefined || text === undefined) {
      if (line.trim() !== '') throw new Error(`no instruction: ${line}`);
      continue;
    }
    if (name === 'FROM') {
      const [image = '', , as] = text.split(/\s+/);
      stages.push({ image, name: as, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`${name} comes before FROM`);
    stage.instructions.push({ name, text });
  }
  return stages;
}

export const textsOf = ({ instructions }: Stage, name: string): string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ text }) => text);
