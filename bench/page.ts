import { type Case, table } from './table.ts';

const BEGIN = '<!-- bench -->';
const END = '<!-- /bench -->';

export const plotFile = ({ name }: Pick<Case, 'name'>): string => `performance/${name}.svg`;

/** A case's plot and table, as Markdown beside the folder of plots. */
export const section = (of: Case): string => {
  const { title, commandsSeconds } = of;
  const commands = commandsSeconds === 0 ? [] : ['', `The commands themselves take ${commandsSeconds.toFixed(3)} s on the slowest host.`];
  return [`### ${title}`, '', `![${title}](${plotFile(of)})`, ...commands, '', table(of)].join('\n');
};

/** The page with what stands between its markers replaced. */
export const withGenerated = (page: string, generated: string): string => {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the page lacks ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${generated}\n\n${page.slice(end)}`;
};
