import { kplayHere } from '../../cli/_in-process.ts';
import { askAnsible } from './commands.ts';
import type { Project } from './projects.ts';
import type { Tally } from './tally.ts';

const SHOWN = [['--list'], ['--graph', '--vars'], ['--list', '--yaml', '--export']];

/** Every inventory, alone: what `kplay inventory` and ansible-inventory print and end with. */
export const compareInventories = async (bin: string, { folder, inventories }: Project, tally: Tally): Promise<void> => {
  const lines = inventories.flatMap(source => SHOWN.map(shown => ['-i', source, ...shown]));
  const answers = askAnsible(
    bin,
    folder,
    lines.map(line => ['ansible-inventory', ...line]),
  );
  for (const [index, line] of lines.entries()) {
    const ansible = answers[index]!;
    const kplay = await kplayHere(folder, ['inventory', ...line], process.env);
    const name = line.join(' ');
    if (ansible.code === kplay.code && ansible.stdout === kplay.stdout) tally.agree(ansible.code === 0);
    else tally.differ(name, `ends with ${ansible.code}: ${ansible.stdout}`, `ends with ${kplay.code}: ${kplay.stdout}${kplay.stderr}`);
  }
};
