/** SGR codes, as Ansible's default colours (docs.ansible.com, DEFAULT_COLOR_*). */
const CODES = {
  ok: '0;32',
  changed: '0;33',
  skipped: '0;36',
  failed: '0;31',
  unreachable: '1;31',
  warning: '1;35',
  faint: '0;90',
  strong: '1',
} as const;
export type Tone = keyof typeof CODES;

/** Colours each line apart, so that no colour leaks over a line end. */
export type Paint = (tone: Tone, text: string) => string;

export const painter = (color: boolean): Paint =>
  color ? (tone, text) => text.replaceAll(/[^\n]+/g, line => `\u001b[${CODES[tone]}m${line}\u001b[0m`) : (_tone, text) => text;
