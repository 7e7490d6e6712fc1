import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import { shellAnswers } from '../probes/shell.ts';
import { str } from './args.ts';
import { defineModule } from './define.ts';

const args = z.strictObject({ data: str.default('pong').describe('What to answer; `crash` fails, as in Ansible.') });

export const ping = defineModule<[answer: string]>()({
  name: 'ping',
  summary: 'See that a shell answers on the host.',
  args,
  reach: 'host',
  observe: ({ data }) => [{ kind: shellAnswers, subject: data }],
  analyze({ data }, [answer]) {
    if (data === 'crash') throw new KplayError('E_STATE', 'boom');
    if (answer !== data) throw new KplayError('E_PROBE', 'the host does not answer as it was asked to', { detail: answer });
    return [];
  },
  act: () => [],
  result: (_, [answer]) => ({ ping: answer }),
});
