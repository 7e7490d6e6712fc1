import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Fields } from '../model/module.ts';
import { ALGORITHMS, digests } from '../probes/digest.ts';
import { flags, mime } from '../probes/extras.ts';
import { type Node, type Stat, stat as statKind } from '../probes/stat.ts';
import { bool, choice, path } from './args.ts';
import { defineModule } from './define.ts';
import { statInfo } from './statinfo.ts';

const args = z.strictObject({
  path: path.describe('What to look at.'),
  follow: bool.default(false).describe('Look at what a symlink leads to.'),
  get_checksum: bool.default(true).describe('Read the file for its digest.'),
  get_mime: bool.default(true).describe('Ask file(1) what the file holds.'),
  get_attributes: bool.default(true).describe('Ask lsattr(1) for the flags.'),
  checksum_algorithm: choice(...ALGORITHMS)
    .default('sha1')
    .describe('Algorithm of the digest.'),
});

type Seen = [at: Stat, digest: string | undefined, mime: string | undefined, flags: string | undefined];

/** lsattr's letters and what Ansible calls them. */
const FLAGS: Readonly<Record<string, string>> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};

const facts = (path: string, node: Node): Fields => ({
  exists: true,
  path,
  ...statInfo(node),
  blocks: node.blocks,
  block_size: node.blockSize,
  device_type: node.deviceType,
  ...(node.owner !== String(node.uid) && { pw_name: node.owner }),
  ...(node.group !== String(node.gid) && { gr_name: node.group }),
});

const mimeFields = (answer: string): Fields => {
  const [, mimetype = 'unknown', charset = 'unknown'] = /^(.*?);\s*charset=(.*)$/.exec(answer) ?? [];
  return { mimetype, charset };
};
const flagFields = (answer: string): Fields => {
  const [version = '', letters = ''] = answer.trim().split(/\s+/);
  if (letters === '') return { version: null, attributes: [], attr_flags: '' };
  const attr_flags = letters.replaceAll('-', '');
  return { version, attr_flags, attributes: [...attr_flags].flatMap(letter => FLAGS[letter] ?? []) };
};

/** ansible.builtin.stat. Never changes anything. */
export const stat = defineModule<Seen>()({
  name: 'stat',
  summary: 'Tell everything about a path.',
  reach: 'host',
  args,
  aliases: {
    dest: 'path',
    name: 'path',
    mime: 'get_mime',
    mime_type: 'get_mime',
    'mime-type': 'get_mime',
    attr: 'get_attributes',
    attributes: 'get_attributes',
    checksum: 'checksum_algorithm',
    checksum_algo: 'checksum_algorithm',
  },

  observe: ({ path: subject, get_checksum, get_mime, get_attributes, checksum_algorithm }) => [
    { kind: statKind, subject },
    get_checksum ? { kind: digests[checksum_algorithm], subject } : undefined,
    get_mime ? { kind: mime, subject } : undefined,
    get_attributes ? { kind: flags, subject } : undefined,
  ],
  analyze: (_given, [at]) => {
    if (at.node === undefined && at.parent?.execute === false) throw new KplayError('E_STATE', `Permission denied: ${at.path}`);
    return [];
  },
  act: () => [],
  result: ({ follow, get_mime, get_attributes, get_checksum }, [at, digest, mimeAnswer = '', flagAnswer = '']) => {
    const node = follow ? at.target : at.node;
    if (node === undefined) return { changed: false, stat: { exists: false } };
    if (get_checksum && node.type === 'file' && at.access.read && digest === undefined)
      throw new KplayError('E_PROBE', `${at.path} changed while it was looked at`);
    return {
      changed: false,
      stat: {
        ...facts(at.path, node),
        readable: at.access.read,
        writeable: at.access.write,
        executable: at.access.execute,
        ...(node.type === 'link' && { lnk_source: at.realPath ?? '', lnk_target: at.linkTo ?? '' }),
        ...(digest !== undefined && node.type === 'file' && { checksum: digest }),
        ...(get_mime && mimeFields(mimeAnswer)),
        ...(get_attributes && flagFields(flagAnswer)),
      },
    };
  },
});
