import { KplayError } from '../model/errors.ts';
import type { Fields } from '../model/module.ts';
import type { ProbeKind } from '../model/probe.ts';
import { kept } from '../shell/kept.ts';
import { type Collector, type Gathered, section, sectionsOf } from './facts/collector.ts';
import { distribution } from './facts/distribution.ts';
import { hardware } from './facts/hardware.ts';
import { initiators } from './facts/initiators.ts';
import * as managers from './facts/managers.ts';
import { network } from './facts/network.ts';
import * as platform from './facts/platform.ts';
import { python } from './facts/python.ts';
import * as security from './facts/security.ts';
import * as system from './facts/system.ts';
import { virtual } from './facts/virtual.ts';

/** Ansible's collectors that kplay has, in the order in which their facts are laid over each other. */
export const COLLECTORS: readonly Collector[] = [
  security.apparmor,
  security.caps,
  system.cmdline,
  system.dateTime,
  distribution,
  system.dns,
  system.env,
  security.fips,
  system.lsb,
  managers.packageManager,
  platform.platform,
  python,
  security.selinux,
  managers.serviceManager,
  security.sshPubKeys,
  system.user,
  managers.systemd,
  security.chroot,
  system.loadavg,
  ...initiators,
  hardware,
  network,
  virtual,
];
const byName: ReadonlyMap<string, Collector> = new Map(COLLECTORS.map(collector => [collector.name, collector]));

/**
 * Subjects are names of collectors. One program brings what all of them need: every small file in one grep, every symlink in one ls, and
 * the commands, each as a section. No Python, nothing left behind.
 */
export const facts: ProbeKind<Fields> = {
  name: 'facts',
  sight: 'local',
  script(subjects) {
    const wanted = subjects.flatMap(name => byName.get(name) ?? []);
    const all = (list: (collector: Collector) => readonly string[] | undefined): string =>
      [...new Set(wanted.flatMap(collector => list(collector) ?? []))].join(' ');
    const { env, ...run } = Object.assign({}, ...wanted.map(collector => collector.run ?? {})) as Record<string, string>;
    const sections = [
      ...(env === undefined ? [] : [section('env', env)]),
      'LC_ALL=C; export LC_ALL',
      section('files', `grep -sH '' ${all(({ files }) => files)} /dev/null`),
      section('exists', `for p in ${all(({ exists }) => exists)}; do [ -e "$p" ] && printf '%s\\n' "$p"; done`),
      section('links', `ls -ldn ${all(({ links }) => links)} /dev/null`),
      ...Object.entries(run).map(([name, script]) => section(name, script)),
    ];
    return kept(`(\n${sections.join('\n')}\n) 2>/dev/null </dev/null\n:`);
  },
  parse(stdout, subjects) {
    const host = gathered(stdout.toString());
    return subjects.map(name => {
      const collector = byName.get(name);
      return collector === undefined ? new KplayError('E_PROBE', `there is no collector of facts called ${name}`) : collector.read(host);
    });
  },
};

const gathered = (text: string): Gathered => {
  const sections = sectionsOf(text);
  const files = filesOf(sections.get('files') ?? '');
  const paths = new Set((sections.get('exists') ?? '').split('\n'));
  const links = linksOf(sections.get('links') ?? '');
  const matches = (keys: Iterable<string>, pattern: RegExp): readonly RegExpExecArray[] =>
    [...keys].map(path => pattern.exec(path)).filter(match => match !== null);
  return {
    file: path => files.get(path),
    files: pattern => matches(files.keys(), pattern),
    exists: path => paths.has(path),
    link: path => links.get(path),
    links: pattern => matches(links.keys(), pattern),
    output: name => (sections.get(name) ?? '').trimEnd(),
  };
};
/** Lines `path:text`; an empty file is as good as none. */
const filesOf = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const path = line.slice(0, at);
    const lines = found.get(path) ?? [];
    lines.push(line.slice(at + 1));
    found.set(path, lines);
  }
  const texts = [...found].map(([path, lines]) => [path, lines.join('\n').trim()] as const);
  return new Map(texts.filter(([, content]) => content !== ''));
};
const linksOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap(line => {
      const match = /^l.*? (\/.*?) -> (.*)$/.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
