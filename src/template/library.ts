import { KplayError } from '../model/errors.ts';
import type { Statement } from './ast.ts';
import { compileTemplate } from './compile.ts';
import { CONDITION } from './condition.ts';
import type { Template } from './execute.ts';
import { Lexer } from './lexer.ts';
import type { Known } from './parse-expression.ts';
import { parse } from './parser.ts';
import type { Services } from './run.ts';
import type { Syntax } from './syntax.ts';

/** Templates of one syntax, by their text; a text from a file apart for each file, as its errors name it. */
interface Shelf {
  readonly lexer: Lexer;
  readonly texts: Map<string, Template>;
  readonly files: Map<string, Map<string, Template>>;
}

type Plugins = Pick<Services, 'filter' | 'test' | 'semantics'>;

/** Compiled templates, each made once. */
export class Library {
  readonly #shelves = new Map<string, Shelf>();
  /** Most evaluations use a syntax object seen before. */
  readonly #bySyntax = new WeakMap<Syntax, Shelf>();
  readonly #conditions = new Map<string, Template>();
  readonly #plugins: Plugins;
  readonly #known: Known;
  /** Of playbook strings. */
  readonly #syntax: Syntax;
  constructor(plugins: Plugins, syntax: Syntax, known: Known) {
    this.#plugins = plugins;
    this.#syntax = syntax;
    this.#known = known;
  }

  template(source: string, syntax: Syntax, file?: string): Template {
    const shelf = this.#shelf(syntax);
    const templates = file === undefined ? shelf.texts : this.#ofFile(shelf, file);
    const ready = templates.get(source);
    if (ready) return ready;
    const template = compileTemplate(this.parse(source, syntax, file), this.#plugins, file);
    templates.set(source, template);
    return template;
  }
  /** A template that does nothing but set CONDITION to the expression's value. */
  condition(expression: string): Template {
    const ready = this.#conditions.get(expression);
    if (ready) return ready;
    const template = compileTemplate(this.parseCondition(expression), this.#plugins, undefined, {
      embedded: this.#plugins.semantics.native,
    });
    this.#conditions.set(expression, template);
    return template;
  }

  /** E_SYNTAX with the place. */
  parse(source: string, syntax: Syntax, file?: string): readonly Statement[] {
    const tokens = this.#shelf(syntax).lexer.tokens(source, file);
    const { newline } = syntax;
    const data =
      newline === '\n'
        ? tokens
        : tokens.map(token => (token.type === 'data' ? { ...token, text: token.text.replaceAll('\n', newline) } : token));
    return parse(data, this.#known, file);
  }
  parseCondition(expression: string): readonly Statement[] {
    return this.parse(`{% set ${CONDITION} = ${expression} %}`, this.#syntax);
  }

  /** Ansible's stricter test of a text: it holds a tag that begins and ends. */
  holdsTag(text: string): boolean {
    try {
      return this.#shelf(this.#syntax)
        .lexer.tokens(text)
        .some(({ type }) => type === 'variable-end' || type === 'block-end');
    } catch (error) {
      if (error instanceof KplayError) return false;
      throw error;
    }
  }

  #shelf(syntax: Syntax): Shelf {
    const seen = this.#bySyntax.get(syntax);
    if (seen) return seen;
    const key = JSON.stringify(syntax);
    const shelf = this.#shelves.get(key) ?? { lexer: new Lexer(syntax), texts: new Map(), files: new Map() };
    this.#shelves.set(key, shelf);
    this.#bySyntax.set(syntax, shelf);
    return shelf;
  }
  #ofFile({ files }: Shelf, file: string): Map<string, Template> {
    const templates = files.get(file) ?? new Map<string, Template>();
    files.set(file, templates);
    return templates;
  }
}
