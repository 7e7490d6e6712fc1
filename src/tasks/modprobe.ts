import * as z from 'zod';
import type { Change, Step } from '../model/module.ts';
import { folderFiles, type Kept } from '../probes/folder.ts';
import { loaded, LOADED } from '../probes/kernel.ts';
import { raw, sh } from '../shell/sh.ts';
import { choice, str } from './args.ts';
import { defineModule } from './define.ts';
import { wordsOf } from './words.ts';
import { writeText } from './write.ts';

const args = z.strictObject({
  name: str.describe('The kernel module.'),
  state: choice('present', 'absent').default('present').describe('Whether it is to be loaded.'),
  params: str.default('').describe('Parameters to load it with, and with `persistent` to keep: `name=value …`.'),
  persistent: choice('disabled', 'absent', 'present')
    .default('disabled')
    .describe(
      'Whether systemd loads it when the host boots: /etc/modules-load.d and /etc/modprobe.d are changed. `disabled` leaves both alone.',
    ),
});
type Args = z.output<typeof args>;
type Seen = [loaded: boolean, modules: readonly Kept[] | undefined, options: readonly Kept[] | undefined];

const FOLDERS = { modules: '/etc/modules-load.d', options: '/etc/modprobe.d' } as const;
const escaped = (name: string): string => name.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&');

/** A file that is to hold another text. */
interface Rewrite {
  readonly path: string;
  readonly old?: Kept | undefined;
  readonly after: string;
}

const commented = (files: readonly Kept[], line: RegExp): readonly Rewrite[] =>
  files.map(old => ({ path: old.path, old, after: old.text.replace(line, '#$&') })).filter(({ old, after }) => old.text !== after);
/** With one file written anew, whatever becomes of it otherwise. */
const withFile = (rewrites: readonly Rewrite[], files: readonly Kept[], path: string, after: string): readonly Rewrite[] => [
  ...rewrites.filter(rewrite => rewrite.path !== path),
  { path, old: files.find(file => file.path === path), after },
];

/** What the files that systemd and modprobe read are to hold: community.general's modprobe.py. */
const rewrites = ({ name, params, persistent }: Args, [, modules = [], options = []]: Seen): readonly Rewrite[] => {
  if (persistent === 'disabled') return [];
  const loads = new RegExp(`^ *${escaped(name)} *(?:[#;].*)?$`, 'gm');
  const sets = new RegExp(`^options ${escaped(name)} (\\w+=\\S+) *(?:[#;].*)?$`, 'gm');
  const silenced = commented(options, sets);
  if (persistent === 'absent') return [...commented(modules, loads), ...silenced];
  const kept = new Set(options.flatMap(({ text }) => [...text.matchAll(sets)].map(([, param = '']) => param)));
  const wanted = params.split(/\s+/).filter(Boolean);
  const same = kept.size === new Set(wanted).size && wanted.every(param => kept.has(param));
  const lines = wanted.map(param => `options ${name} ${param}`).join('\n');
  return [
    ...(modules.some(({ text }) => text.search(loads) >= 0) ? [] : withFile([], modules, `${FOLDERS.modules}/${name}.conf`, `${name}\n`)),
    ...(same ? [] : withFile(silenced, options, `${FOLDERS.options}/${name}.conf`, `${lines}\n`)),
  ];
};

/** What modprobe was told may be an alias: only a module that is there afterwards has been loaded. */
const load = ({ name, params }: Args): Step => ({
  script: sh`${raw(LOADED)}
modprobe -- ${name} ${wordsOf(params)} || exit
loaded ${name}`,
});

/** community.general.modprobe: kernel modules, now and when the host boots. */
export const modprobe = defineModule<Seen>()({
  name: 'modprobe',
  collections: ['community.general'],
  summary: 'Load and unload kernel modules.',
  reach: 'host',
  args,
  observe: ({ name, persistent }) => [
    { kind: loaded, subject: name },
    persistent === 'disabled' ? undefined : { kind: folderFiles, subject: FOLDERS.modules },
    persistent === 'disabled' ? undefined : { kind: folderFiles, subject: FOLDERS.options },
  ],

  analyze(wanted, seen) {
    const before = seen[0] ? 'present' : 'absent';
    const state: Change[] = before === wanted.state ? [] : [{ key: 'state', before, after: wanted.state }];
    return [
      ...state,
      ...rewrites(wanted, seen).map(({ path, old, after }) => ({ path, key: 'content', before: old?.text ?? null, after })),
    ];
  },

  act(wanted, seen, changes) {
    const isMoved = changes.some(({ key }) => key === 'state');
    const move = wanted.state === 'present' ? load(wanted) : { script: sh`modprobe -r -- ${wanted.name}` };
    return [...(isMoved ? [move] : []), ...rewrites(wanted, seen).map(({ path, old, after }) => writeText(path, after, old?.node))];
  },

  result({ name, params, state }, _seen, changes, outputs) {
    const failed = state === 'present' && changes[0]?.key === 'state' && outputs?.[0]?.stdout.toString().trim() === '0';
    return { name, params, state, changed: changes.length > (failed ? 1 : 0) };
  },
});
