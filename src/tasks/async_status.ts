import * as z from 'zod';
import { KplayError } from '../model/errors.ts';
import type { Fields } from '../model/module.ts';
import { choice, str } from './args.ts';
import { defineAction } from './define.ts';

const args = z.strictObject({
  jid: str.describe('What the task that began the job registered as `ansible_job_id`, in this run.'),
  mode: choice('status', 'cleanup').default('status').describe('`cleanup` removes what the host has of the job.'),
});

/** https://docs.ansible.com/ansible/latest/collections/ansible/builtin/async_status_module.html */
export const asyncStatus = defineAction({
  name: 'async_status',
  summary: 'See how a job is that `async` with `poll: 0` left to go on by itself.',
  args,
  async run({ jid, mode }, context) {
    const about = { ansible_job_id: jid, started: 1, results_file: `~/.ansible_async/${jid}` };
    const told = (result: Fields): Fields => ({ stdout: '', stderr: '', stdout_lines: [], stderr_lines: [], ...result });
    try {
      const state = await context.job(jid, mode);
      if (state.is === 'unknown') return { ...told({ failed: true, msg: 'could not find job' }), ...about, finished: 1 };
      if (mode === 'cleanup') return { ...told({}), ansible_job_id: jid, erased: about.results_file, started: 0, finished: 0 };
      if (state.is !== 'done') return { ...told({}), ...about, finished: 0 };
      return { ...told({ changed: state.changes.length > 0, ...state.result }), ...about, finished: 1 };
    } catch (error) {
      if (!(error instanceof KplayError) || error.code === 'E_INTERRUPTED' || error.code === 'E_LINK_LOST') throw error;
      return { ...told({ failed: true, msg: error.message }), ...about, finished: 1 };
    }
  },
});
