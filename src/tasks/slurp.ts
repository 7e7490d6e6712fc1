import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { content } from '../probes/content.ts';
import { type Stat, stat } from '../probes/stat.ts';
import { path } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({ src: path.describe('File of the host.') });

/** ansible.builtin.slurp. */
export const slurp = defineModule<[at: Stat, bytes: Buffer | undefined]>()({
  name: 'slurp',
  summary: 'Return the content of a file, in base64.',
  reach: 'host',
  args,
  aliases: { path: 'src' },
  observe: ({ src }) => [
    { kind: stat, subject: src },
    { kind: content, subject: src },
  ],
  analyze: (_given, [at, bytes]) => {
    if (at.target?.type === 'directory') throw new KplayError('E_STATE', `source is a directory and must be a file: ${at.path}`);
    if (bytes === undefined) throw new KplayError('E_STATE', `file not found: ${at.path}`);
    return [];
  },
  act: () => [],
  result: (_given, [at, bytes = Buffer.alloc(0)]) => ({
    changed: false,
    content: bytes.toString('base64'),
    source: at.path,
    encoding: 'base64',
  }),
});
