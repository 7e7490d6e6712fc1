import type { Change, Changes, Plain } from '../../model/module.ts';
import { type Container, dig, type Inspected } from '../../probes/docker.ts';
import type { RunLine } from './line.ts';
import type { Base } from './option.ts';
import { isKept, OPTIONS } from './options.ts';

/** How an option is compared: docker_container's `comparisons`. */
export type Comparison = 'strict' | 'ignore' | 'allow_more_present';

const strings = (plain: Plain): readonly string[] => (Array.isArray(plain) ? plain.map(String) : []);

/** Entrypoint and command as docker run and the image make them: an entrypoint of the line drops the image's command. */
const programs = (
  { options, command }: RunLine,
  image: Inspected,
): { readonly entrypoint: readonly string[]; readonly command: readonly string[] } => {
  const own = options.get('--entrypoint')?.at(-1);
  const entrypoint = own === undefined ? strings(image['Entrypoint'] ?? null) : own === '' ? [] : [own];
  return { entrypoint, command: command.length === 0 && own === undefined ? strings(image['Cmd'] ?? null) : command };
};

/**
 * What of a container is not as its line says, under the option's name. Everything the line does not say must be as docker and the
 * image leave it, so an option that was taken away shows too; `how` may loosen that.
 */
export const differences = (
  line: RunLine,
  name: string,
  { container = {}, image, engine }: Container,
  how: (option: string, stated: boolean) => Comparison = () => 'strict',
): Changes => {
  const config = (dig(image, 'Config') ?? {}) as Inspected;
  const base: Base = { container, image: config, engine, name, options: line.options };
  const changes: Change[] = [];
  const compare = (key: string, before: Plain, after: Plain, stated: boolean): void => {
    const comparison = how(key, stated);
    if (comparison === 'ignore') return;
    const equal = comparison === 'allow_more_present' ? holds(before, after) : JSON.stringify(before) === JSON.stringify(after);
    if (!equal) changes.push({ key, before, after });
  };
  for (const option of OPTIONS) {
    const values = line.options.get(option.name) ?? [];
    const after = option.wanted?.(values, base);
    const before = option.observed?.(base, values);
    if (before !== undefined && after !== undefined && isKept(option.name, engine, before))
      compare(option.name, before, after, values.length > 0);
  }
  const { entrypoint, command } = programs(line, config);
  compare('--entrypoint', strings(dig(container, 'Config', 'Entrypoint')), entrypoint, line.options.has('--entrypoint'));
  compare('command', strings(dig(container, 'Config', 'Cmd')), command, line.command.length > 0);
  return changes;
};

/** Is all of `wanted` in `found`? Lists as sets, maps by key. */
const holds = (found: Plain, wanted: Plain): boolean => {
  const equal = (a: Plain | undefined, b: Plain): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (Array.isArray(found) && Array.isArray(wanted)) return wanted.every(item => found.some(other => equal(other as Plain, item as Plain)));
  if (found === null || wanted === null || typeof found !== 'object' || typeof wanted !== 'object') return equal(found, wanted);
  return Object.entries(wanted).every(([key, item]) => equal((found as Inspected)[key], item as Plain));
};

/** Refuses values that docker would refuse, before anything is looked at. */
export const checkValues = (line: RunLine, name: string): void => {
  const base: Base = { container: {}, image: {}, engine: {}, name, options: line.options };
  for (const option of OPTIONS) option.wanted?.(line.options.get(option.name) ?? [], base);
};
