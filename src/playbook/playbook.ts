import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Diagnostic } from '../model/errors.ts';
import type { Source } from '../model/source.ts';
import type { YamlNode } from '../yaml/node.ts';
import { Build, evaluateText } from './build.ts';
import type { Site } from './build.ts';
import { checkPlays } from './check/index.ts';
import { Fields, asText } from './fields.ts';
import type { CompileOptions } from './options.ts';
import { compilePlay } from './play.ts';
import type { Import } from './play.ts';
import { NOTHING_SHARED, checkKeywords, inherit, varsOf } from './inherit.ts';
import { splitArguments } from './split.ts';
import type { Play, Playbook } from './types.ts';

export interface Compiled {
  readonly playbook: Playbook;
  /** Errors first; with an error among them nothing should be run. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A playbook file with all it imports. Never throws for what a user wrote: everything is in the diagnostics. */
export const compilePlaybook = (file: string, options: CompileOptions): Compiled => {
  const build = new Build(options);
  const path = resolve(file);
  const plays = playsOf(path, { file: path, line: 1, col: 1 }, { when: [], tags: [], vars: new Map() }, [], build);
  checkPlays(plays, build);
  const playbook = { file: path, plays };
  return { playbook, diagnostics: build.findings.all().toSorted((left, right) => rank(left) - rank(right)) };
};
const rank = ({ severity }: Diagnostic): number => (severity === 'error' ? 0 : 1);

const playsOf = (path: string, at: Source, imported: Import, chain: readonly string[], build: Build): readonly Play[] => {
  const { findings } = build;
  if (chain.includes(path)) {
    findings.error('E_SYNTAX', at, `${path} imports itself`);
    return [];
  }
  const root = build.load(path, at);
  if (!root) return [];
  build.addPlugins(dirname(path));
  if (root.value === null) findings.error('E_SYNTAX', root.at, `Empty playbook, nothing to do: ${path}`);
  else if (root.kind !== 'sequence')
    findings.error('E_SYNTAX', root.at, `A playbook must be a list of plays: ${path}`, 'start each play with "- "');
  else if (root.items().length === 0) findings.error('E_SYNTAX', root.at, `A playbook must contain at least one play: ${path}`);
  return root.items().flatMap(entry => playOrImport(entry, path, imported, [...chain, path], build));
};

const IMPORTS = ['import_playbook', 'ansible.builtin.import_playbook', 'ansible.legacy.import_playbook'];

const playOrImport = (node: YamlNode, path: string, imported: Import, chain: readonly string[], build: Build): readonly Play[] => {
  if (node.kind !== 'mapping') {
    build.findings.error('E_SYNTAX', node.at, "playbook entries must be either valid plays or 'import_playbook' statements");
    return [];
  }
  const fields = new Fields(node);
  const keyword = IMPORTS.find(name => fields.has(name));
  if (keyword === undefined) return [compilePlay(fields, dirname(path), imported, build)];
  return importPlaybook(fields, keyword, path, imported, chain, build);
};

const importPlaybook = (
  fields: Fields,
  keyword: string,
  path: string,
  outer: Import,
  chain: readonly string[],
  build: Build,
): readonly Play[] => {
  const { findings } = build;
  checkKeywords(fields, 'PlaybookInclude', findings, name => name === keyword);
  const vars = varsOf(fields, 'PlaybookInclude', findings);
  const { when, tags } = inherit(NOTHING_SHARED, fields, findings);
  const imported = { when: [...outer.when, ...when], tags: [...outer.tags, ...tags], vars: new Map([...vars, ...outer.vars]) };
  const file = importedFile(fields, keyword, dirname(path), imported, build);
  return file === undefined ? [] : playsOf(file.path, file.at, imported, chain, build);
};

const importedFile = (fields: Fields, keyword: string, folder: string, { vars }: Import, build: Build) => {
  const { findings, options } = build;
  const node = fields.get(keyword);
  const text = asText(node?.value);
  if (!node || text === undefined) {
    const message =
      node?.value === null ? 'playbook import parameter is missing' : 'playbook import parameter must be a string indicating a file path';
    return void findings.error('E_SYNTAX', fields.keyAt(keyword), message);
  }
  const [first] = splitArguments(text) ?? [];
  if (first === undefined)
    return void findings.error('E_SYNTAX', node.at, 'import_playbook statements must specify the file name to import');
  const name = evaluateText(first.trim(), node.at, bareSite(folder, build), vars);
  if (name === undefined) return undefined;
  const path = isAbsolute(name) ? name : join(folder, name);
  if (options.files.exists(path)) return { path, at: node.at };
  return void findings.error(
    'E_FILE',
    node.at,
    `Could not find or access '${basename(name)}' on the Ansible Controller.`,
    `searched: ${path}`,
  );
};

/** Outside of any play: nothing is inherited, nothing defined. */
const bareSite = (folder: string, build: Build): Site => ({
  build,
  play: { folder, vars: new Map(), roles: [], handlers: [] },
  shared: NOTHING_SHARED,
  notify: [],
  outerVars: [],
  includeParams: [],
  includedFrom: [],
  handlers: false,
  chain: [],
  dependents: [],
});
