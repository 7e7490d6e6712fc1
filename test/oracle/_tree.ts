import { execFile } from 'node:child_process';

/** Prints one line a file below $1: name, kind, mode, owner, link target, content. */
const TREE = String.raw`
cd "$1" 2>/dev/null || exit 0
find . -mindepth 1 | LC_ALL=C sort | while IFS= read -r name; do
  printf '%s %s' "$name" "$(find "$name" -maxdepth 0 -printf '%y %m %u:%g %l')"
  if [ -f "$name" ] && [ ! -L "$name" ]; then printf ' %s' "$(base64 -w 0 "$name")"; fi
  echo
done
`;
const BACKUP = /\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/g;

/** Runs `sh` with this script and these arguments, on this machine or through the words of an ssh command. */
export const shell = (login: readonly string[], script: string, ...args: readonly string[]): Promise<string> =>
  new Promise((done, fail) => {
    const [file = 'sh', ...rest] = [...login, 'sh', '-s', '--', ...args];
    const child = execFile(file, rest, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      error ? fail(new Error(stderr, { cause: error })) : done(stdout),
    );
    child.stdin?.end(script);
  });

/** Everything below a folder, by name: kind, mode, owner, link target and content. */
export const treeOf = async (login: readonly string[], folder: string): Promise<Readonly<Record<string, string>>> => {
  const lines = (await shell(login, TREE, folder)).split('\n').filter(line => line !== '');
  return Object.fromEntries(
    lines.map(line => {
      const [name = '', kind = '', mode = '', owner = '', link = '', content] = line.split(' ');
      const text = content === undefined ? '' : Buffer.from(content, 'base64').toString('latin1');
      return [name.replace(BACKUP, '.BACKUP'), [kind, mode, owner, link, text].filter(Boolean).join(' ').replaceAll(folder, '{scratch}')];
    }),
  );
};
