import { Lexer, Parser } from 'yaml';
import type { CST } from 'yaml';

type Step = () => Generator<string, unknown>;
/** The lexer's working parts that have to be reached; the tests notice if a release renames them. */
interface Inner {
  indentNext: number;
  parseQuotedScalar: Step;
  parseFlowCollection: Step;
}

/** YAML 1.2 wants every line of a quoted text or flow collection indented; libyaml, and so Ansible, lets them start anywhere. */
const libyamlLexer = (): Lexer => {
  const lexer = new Lexer();
  const inner = lexer as unknown as Inner;
  for (const name of ['parseQuotedScalar', 'parseFlowCollection'] as const) {
    const original = inner[name].bind(lexer);
    inner[name] = function* () {
      const indent = inner.indentNext;
      inner.indentNext = 0;
      const next = yield* original();
      inner.indentNext = indent;
      return next;
    };
  }
  return lexer;
};

/** A text's concrete syntax; `onNewLine` is told the offset of every line. */
export function* tokens(text: string, onNewLine: (offset: number) => void): Generator<CST.Token> {
  const parser = new Parser();
  onNewLine(0);
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) onNewLine(end + 1);
  for (const lexeme of libyamlLexer().lex(text)) yield* parser.next(lexeme);
  yield* parser.end();
}
