import { diffArrays } from 'diff';
import type { Fields, Plain } from '../../src/model/module.ts';
import type { Returned, Told } from './_told.ts';

/** Fields of no interest: they vary from run to run, or tell how Ansible went about it. */
const VARYING: ReadonlySet<string> = new Set([
  'invocation', 'delta', 'start', 'end', 'elapsed', 'atime', 'mtime', 'ctime', 'inode', 'dev', 'warnings', 'deprecations', 'diff', 'src',
  'exception', 'timedout', 'ansible_job_id', 'results_file', 'erased', 'message', 'module_stdout', 'module_stderr', 'failed', 'stopped_by', 'blocks', 'version', 'attributes', 'attr_flags',
]); // prettier-ignore
/** A failure's words are each tool's own, except where the playbook's author wrote them. */
const OWN_WORDS: ReadonlySet<string> = new Set(['fail', 'assert', 'debug', 'command', 'shell', 'raw', 'script', 'validate_argument_spec']);
const BAD: readonly string[] = ['failed', 'ignored', 'unreachable'];
const isOwn = (msg: Plain): boolean =>
  !/The error was|The conditional check|undefined|list, got this|expected time frame|Unsupported parameters|could not find|unhandled exception|has no attribute|needs itself|^MODULE FAILURE/i.test(
    String(msg),
  );
const BACKUP = /\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g;

/** Facts have tests of their own; what systemd and docker say of a thing is full of times, and so are a web server's headers. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  setup: ['ansible_facts'],
  systemd: ['status'],
  systemd_service: ['status'],
  service: ['status'],
  uri: ['date', 'last_modified'],
  docker_image: ['image'],
  docker_container: ['container', 'actions'],
  include_vars: ['ansible_included_var_files', 'ansible_facts'],
};

const byPath = (a: Fields, b: Fields): number => (String(a['path']) < String(b['path']) ? -1 : 1);

/** A result without what may differ. */
const essence = ({ action, status, fields }: Returned): Fields => {
  const clean = (value: Plain, bad: boolean): Plain => {
    if (Array.isArray(value)) return value.map(item => clean(item, bad));
    if (typeof value === 'string') return value.replaceAll(BACKUP, '.BACKUP');
    if (value === null || typeof value !== 'object') return value;
    const failed = bad || (value as Fields)['failed'] === true || (value as Fields)['unreachable'] === true;
    const unreachable = (value as Fields)['unreachable'] === true || status === 'unreachable';
    // Where a module of Ansible's breaks, its own exit code is told.
    const broke = String((value as Fields)['msg']).startsWith('MODULE FAILURE');
    const hidden = [
      ...(failed && (unreachable || !OWN_WORDS.has(action)) ? ['msg'] : []),
      ...(failed && (unreachable || broke) ? ['rc'] : []),
      ...(HIDDEN[action] ?? []),
    ];
    const kept = Object.entries(failed ? { changed: false, ...value } : value).filter(
      ([key, item]) =>
        !VARYING.has(key) && !key.startsWith('_ansible_') && !hidden.includes(key) && !(failed && key === 'msg' && !isOwn(item)),
    );
    return Object.fromEntries(
      kept.map(([key, item]) => [key, key.endsWith('_when_result') && !isOwn(item) ? '{error}' : clean(item, bad)]),
    );
  };
  // The status says it; Ansible's callbacks do not see it.
  const { skipped: _skipped, ...rest } = fields as Record<string, Plain>;
  // Directories are searched in the order in which they keep their names.
  const files = action === 'find' && Array.isArray(rest['files']) ? { files: (rest['files'] as Fields[]).toSorted(byPath) } : {};
  return clean({ ...rest, ...files }, BAD.includes(status)) as Fields;
};

/** What kplay tells in check mode and Ansible does not. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  copy: ['dest', 'md5sum', 'checksum', 'uid', 'gid', 'owner', 'group', 'mode', 'state', 'size'],
  template: ['dest', 'md5sum', 'checksum', 'uid', 'gid', 'owner', 'group', 'mode', 'state', 'size'],
};
/** Of a failure kplay may tell more: it keeps the full text beside the short one. */
const comparable = (us: Returned, them: Returned): Fields => {
  const fields = essence(us);
  const more = BAD.includes(us.status) ? ['stderr', 'msg'] : (MORE[us.action] ?? []);
  const known = essence(them);
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !more.includes(key) || key in known));
};

const text = (value: unknown): string => JSON.stringify(value, sorted) ?? 'nothing';
const sorted = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Every key in which two mappings differ. */
export const unlike = (
  what: string,
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
): readonly string[] =>
  [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
    .filter(key => text(ours[key]) !== text(theirs[key]))
    .map(key => `${what}: ${key}: ansible ${text(theirs[key])}, kplay ${text(ours[key])}`);

/** What the two tell differently, one line each; none is as it should be. */
export const disagreements = (ours: Told, theirs: Told): readonly string[] => {
  let heading = '';
  const statuses = diffArrays([...theirs.lines], [...ours.lines]).flatMap(({ added, removed, value }) =>
    value.flatMap(line => {
      if (!line.startsWith(' ')) heading = line;
      const here = line === heading ? line : `${heading} ${line.trim()}`;
      return added ? [`only kplay: ${here}`] : removed ? [`only ansible: ${here}`] : [];
    }),
  );
  const key = ({ task, host, status }: Returned): string => `${task} on ${host} (${status})`;
  const fields = theirs.results.flatMap((them, i) => {
    const us = ours.results[i];
    return us && key(us) === key(them) ? unlike(key(us), comparable(us, them), essence(them)) : [];
  });
  const exit = ours.exitCode === theirs.exitCode ? [] : [`exit code: ansible ${theirs.exitCode}, kplay ${ours.exitCode}`];
  return [...statuses, ...exit, ...unlike('recap', ours.recap, theirs.recap), ...fields];
};
