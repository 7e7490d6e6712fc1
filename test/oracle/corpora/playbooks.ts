import { kplayHere } from '../../cli/_in-process.ts';
import { askAnsible } from './commands.ts';
import type { Project } from './projects.ts';
import type { Tally } from './tally.ts';

/** Every playbook, with all inventories of its project: does it compile? Modules that kplay has not got are told, and are no error. */
export const comparePlaybooks = async (
  bin: string,
  { folder, playbooks, inventories, extraVars }: Project,
  tally: Tally,
): Promise<void> => {
  const sources = (inventories.length === 0 ? ['localhost,'] : inventories).flatMap(source => ['-i', source]);
  const options = [...sources, ...extraVars.flatMap(file => ['-e', `@${file}`])];
  const answers = askAnsible(
    bin,
    folder,
    playbooks.map(playbook => ['ansible-playbook', '--syntax-check', ...options, playbook]),
  );
  for (const [index, playbook] of playbooks.entries()) {
    const ansible = answers[index]!;
    const kplay = await kplayHere(folder, ['run', '--syntax-check', '--allow-missing-modules', ...options, playbook], process.env);
    if ((ansible.code === 0) === (kplay.code === 0)) tally.agree(ansible.code === 0);
    else tally.differ(playbook, verdict(ansible.code, ansible.stderr), verdict(kplay.code, kplay.stderr));
    for (const [, name = '', count] of kplay.stderr.matchAll(/kplay has no module '(.*?)': (\d+) tasks?/g)) tally.miss(name, Number(count));
  }
};

const verdict = (code: number, stderr: string): string =>
  code === 0 ? 'accepts' : `refuses: ${stderr.match(/^.*\bERROR.*(?:\n.*)?/m)?.[0] ?? stderr}`;
