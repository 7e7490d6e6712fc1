import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDER = join(import.meta.dirname, 'playbooks');

/** A fixture: one playbook, and how it is run. */
export interface Theme {
  readonly name: string;
  /** On this machine under three names, or on fresh hosts of the lab, without Docker or with it. */
  readonly on: 'local' | 'lab' | 'docker';
  /** Arguments of each run; the runs share a scratch folder. */
  readonly runs: readonly (readonly string[])[];
  /** Shell text that makes a host of the lab fresh, beside the removal of its scratch folder. */
  readonly before: string;
  /** Disagreements that are meant (docs/ansible-differences.md). */
  readonly differs: readonly RegExp[];
}

const KINDS = ['lab', 'docker'] as const;

/**
 * Reads the comments at a fixture's top: `# on: lab` or `docker`, `# before: userdel alice`, and one `# run: --check` for every run (one without
 * arguments if there is none; quotes group words as in a shell), and `# differs: ^exit code` for what is meant to differ.
 */
const themeOf = (name: string): Theme => {
  const head = /^(?:#.*\n)*/.exec(readFileSync(join(FOLDER, `${name}.yml`), 'utf8'))?.[0] ?? '';
  const all = (key: string): readonly string[] =>
    [...head.matchAll(new RegExp(`^# ${key}:(.*)$`, 'gm'))].map(match => (match[1] ?? '').trim());
  const runs = all('run').map(line => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ''));
  return {
    name,
    on: KINDS.find(kind => kind === all('on')[0]) ?? 'local',
    runs: runs.length > 0 ? runs : [[]],
    before: all('before').join('\n'),
    differs: all('differs').map(source => new RegExp(source)),
  };
};

export const themes = (on: Theme['on']): readonly Theme[] =>
  readdirSync(FOLDER)
    .filter(name => name.endsWith('.yml'))
    .map(name => themeOf(name.slice(0, -'.yml'.length)))
    .filter(theme => theme.on === on);
