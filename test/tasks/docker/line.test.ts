import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLine, parseWords, printLine, type RunLine } from '../../../src/tasks/docker/line.ts';
import { OPTIONS } from '../../../src/tasks/docker/options.ts';

const read = (text: string): unknown => {
  const { options, image, command } = parseLine(text);
  return { options: Object.fromEntries(options), image, command };
};

test.for([
  ['docker run i', {}, 'i', []],
  ['docker container run --name=x i', { '--name': ['x'] }, 'i', []],
  [
    'docker run -dit -p80:80 -e A=B -e=C=D i sh -c "a b" --name y',
    { '--detach': ['true'], '--interactive': ['true'], '--tty': ['true'], '--publish': ['80:80'], '--env': ['A=B', 'C=D'] },
    'i',
    ['sh', '-c', 'a b', '--name', 'y'],
  ],
  ['docker run --net host --privileged=false -- i -x', { '--network': ['host'], '--privileged': ['false'] }, 'i', ['-x']],
  ['docker run --restart always --restart=no i', { '--restart': ['no'] }, 'i', []],
  ['\n docker run \\\n  -v /a:/b \\\r\n  i \\\n  cmd\n', { '--volume': ['/a:/b'] }, 'i', ['cmd']],
  ['docker run -tu root i', { '--tty': ['true'], '--user': ['root'] }, 'i', []],
] as const)('%j', ([text, options, image, command]) => {
  expect(read(text)).toEqual({ options, image, command });
});

test.for([
  ['docker ps', /must begin with "docker run"/],
  ['docker run', /names no image/],
  ['docker run -d', /names no image/],
  ['docker run --volum /a:/b i', /no option --volum/],
  ['docker run -z i', /no option -z/],
  ['docker run i --name', undefined],
  ['docker run --name', /needs a value/],
  ['docker run --rm=perhaps i', /true or false/],
  ['docker run -a stdout i', /cannot be used here/],
  ['docker run "i', /No closing quotation/],
] as const)('%j: %s', ([text, message]) => {
  if (message === undefined) expect(() => parseLine(text)).not.toThrow();
  else expect(() => parseLine(text)).toThrow(expect.objectContaining({ code: 'E_ARGS', message: expect.stringMatching(message) }));
});

test('an unknown option names the nearest', () => {
  expect(() => parseLine('docker run --restrat=always i')).toThrow(expect.objectContaining({ hint: 'did you mean "--restart"?' }));
});

const usable = OPTIONS.filter(({ refused }) => refused === undefined);
const line: fc.Arbitrary<RunLine> = fc.record({
  options: fc
    .uniqueArray(fc.constantFrom(...usable), { selector: ({ name }) => name })
    .chain(chosen =>
      fc.tuple(
        ...chosen.map(({ name, takes }) => {
          if (takes === 'nothing') return fc.constantFrom('true', 'false').map(value => [name, [value]] as const);
          return fc.array(fc.string(), { minLength: 1, maxLength: takes === 'one' ? 1 : 3 }).map(values => [name, values] as const);
        }),
      ),
    )
    .map(entries => new Map<string, readonly string[]>(entries)),
  image: fc.stringMatching(/^[a-z0-9][a-z0-9./:@-]*$/),
  command: fc.array(fc.string()),
});
test('a line that is printed and read again is the same line', () => {
  fc.assert(
    fc.property(line, wanted => {
      expect(parseWords(printLine(wanted))).toEqual(wanted);
    }),
  );
});
