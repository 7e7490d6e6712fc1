import type { ProbeKind } from '../model/probe.ts';
import { pathWord } from './path.ts';

/** Whether a directory holds nothing; false for all that is no directory. No process is started. */
export const empty: ProbeKind<boolean> = {
  name: 'empty directory',
  sight: 'local',
  script: subjects => `look() {
[ -d "$1" ] || { echo 0; return; }
for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do if [ -e "$f" ] || [ -L "$f" ]; then echo 0; return; fi; done
echo 1
}
${subjects.map(subject => `look ${pathWord(subject).text}`).join('\n')}`,
  parse: (stdout, subjects) => {
    const lines = stdout.toString().split('\n');
    return subjects.map((_, i) => lines[i] === '1');
  },
};
