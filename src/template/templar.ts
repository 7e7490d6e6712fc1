import { isAbsolute, join } from 'node:path';
import { KplayError } from '../model/errors.ts';
import type { TemplateOptions } from '../model/module.ts';
import { didYouMean } from '../model/nearest.ts';
import type { SemanticsVersion } from '../model/semantics.ts';
import { type Named, NO_NAMES } from '../value/call.ts';
import { isNumber, isText, textOf } from '../value/kinds.ts';
import { str } from '../value/repr.ts';
import { evaluationError } from '../value/errors.ts';
import { overheard, type Scope } from '../value/scope.ts';
import type { Value } from '../value/value.ts';
import { CONDITION } from './condition.ts';
import { differenceOf, type OnDifference, verdictsOf } from './difference.ts';
import type { Template } from './execute.ts';
import { FilterPlugins } from './filter-plugins.ts';
import { filterNames, findFilter } from './filters/index.ts';
import { makeGlobal } from './globals.ts';
import type { TemplateHost } from './host.ts';
import { type Inspection, inspectStatements } from './inspect.ts';
import { Library } from './library.ts';
import { lookupList } from './lookups/index.ts';
import { renderInto } from './render.ts';
import { withNewlinesOf } from './result.ts';
import { Instance, Run, type Services } from './run.ts';
import { type Purpose, type Semantics, semanticsOf } from './semantics.ts';
import { FILE_SYNTAX, isTemplate, readHeader, withOptions } from './syntax.ts';
import { findTest, testNames } from './tests.ts';

export interface TemplarOptions {
  /** Folders for `{% include %}` and relative lookups in playbook strings; Ansible's is the playbook's. */
  readonly searchPath?: readonly string[];
  /** Filters of the user's own; the others come first. */
  readonly plugins?: FilterPlugins;
  /** Whose semantics; 2.18's unless something else is said. */
  readonly semantics?: SemanticsVersion;
}
export interface ResolveOptions {
  /** Looking ahead: impure lookups and filters throw `Speculation`. */
  readonly speculative?: boolean;
  /**
   * Who takes the result; `value` if nobody is named. Variables may hold what values cannot: in 2.18 text that to_json and its like made,
   * which stays text when another template prints it (MarkedText), from 2.19 on tuples and ranges.
   */
  readonly as?: Purpose;
  /** Told of every result that would be another one in the other semantics. */
  readonly onDifference?: OnDifference | undefined;
  readonly searchPath?: readonly string[];
}

/** What a template was made of. */
interface Rendered {
  readonly source: string;
  readonly newline: string;
  readonly file?: string;
}

const SOLE_NAME = /^\{\{\s*(\w*)\s*\}\}\n?$/;

/** Templates as Ansible evaluates them. Compiled templates are kept for the Templar's life. */
export class Templar {
  readonly version: SemanticsVersion;
  readonly #host: TemplateHost;
  readonly #searchPath: readonly string[];
  readonly #library: Library;
  readonly #services: Services;
  readonly #semantics: Semantics;

  constructor(host: TemplateHost, { searchPath = [], plugins = new FilterPlugins(), semantics = '2.18' }: TemplarOptions = {}) {
    this.#host = host;
    this.#searchPath = searchPath;
    this.version = semantics;
    this.#semantics = semanticsOf[semantics];
    this.#services = {
      semantics: this.#semantics,
      host,
      filter: name => findFilter(name) ?? plugins.find(name),
      test: findTest,
      global: makeGlobal,
      load: (name, run) => this.#load(name, run),
      renderFile: (path, run, names) => this.#renderPage(this.#read(path), path, withNames(run, names)),
      render: (value, run) => this.#resolve(value, this.#run(run.scope, run)),
    };
    const { filter, test } = this.#services;
    this.#library = new Library(this.#services, this.#semantics.syntax, {
      filter: name => filter(name) !== undefined,
      test: name => test(name) !== undefined,
      hint: (kind, name) =>
        kind === 'test' ? didYouMean(name, testNames()) : (didYouMean(name, [...filterNames(), ...plugins.names]) ?? plugins.missing),
    });
  }

  /**
   * A variable's value: text templated with Ansible's conversions, containers deeply (dicts' keys are left alone, tuples become lists).
   * Text without a template comes back as it is. E_UNDEFINED, E_TEMPLATE, E_SYNTAX.
   */
  resolve(value: Value, scope: Scope, options: ResolveOptions = {}): Value {
    if (typeof value === 'string' && !isTemplate(value)) return value;
    return this.#taken(this.#resolve(value, this.#run(scope, options)), options);
  }

  /**
   * A `when`, `until`, `changed_when` or `failed_when` entry: a bool is itself; anything else is an expression. None and '' hold in 2.18; from
   * 2.19 on they are errors, as is any value but a bool.
   */
  condition(expression: Value, scope: Scope, options: ResolveOptions = {}): boolean {
    if (typeof expression === 'boolean') return expression;
    if (!this.#semantics.native && (expression === null || expression === '')) return true;
    const run = this.#run(scope, options);
    const { value: given, hearsay } = overheard(scope, () => (this.#isTagged(expression) ? this.#resolve(expression, run) : expression));
    if (typeof given === 'boolean') return given;
    if (isText(given) && hearsay)
      throw new KplayError('E_TEMPLATE', 'Conditional is marked as unsafe, and cannot be evaluated.', {
        hint: 'what a host said would be run as an expression: write the variable without braces and quotes around it',
      });
    const text = this.#semantics.native ? expressionIn(given) : str(given);
    if (text === '') return false;
    const verdict = this.#conditionValue(text, run);
    const message = run.onDifference && verdictsOf(verdict);
    if (message !== undefined) run.onDifference?.({ message, text });
    return this.#semantics.holds(verdict);
  }

  /** A template file's text: `#jinja2:` header, trim_blocks, include, import and extends relative to `searchPath`. E_FILE, E_SYNTAX … */
  renderFile(
    path: string,
    scope: Scope,
    searchPath: readonly string[],
    { speculative = false, onDifference, ...options }: TemplateOptions & Pick<ResolveOptions, 'speculative' | 'onDifference'> = {},
  ): string {
    const syntax = withOptions(FILE_SYNTAX, options);
    const run = new Run(this.#services, scope, { concat: this.#semantics.ofFile, syntax, searchPath, speculative, onDifference });
    return this.#semantics.written(this.#renderPage(this.#read(path), path, run));
  }

  /** What `with_<name>` loops over: a lookup's answers as a list. The terms are evaluated already. */
  lookup(name: string, terms: readonly Value[], scope: Scope, options: ResolveOptions = {}): readonly Value[] {
    const run = this.#run(scope, options);
    const found = this.#located(run, `lookup ${name}`, () => lookupList(name, terms, NO_NAMES, run));
    return found.map(value => this.#taken(value, options));
  }

  /** Checks a text without evaluating it: E_SYNTAX with the place for what does not parse or names an unknown filter or test. */
  inspect(text: string, kind: 'text' | 'condition' | 'file'): Inspection {
    if (kind === 'condition' && !this.#isTagged(text)) return inspectStatements(this.#library.parseCondition(text), this.#semantics);
    const { body, syntax } = readHeader(text, kind === 'file' ? FILE_SYNTAX : this.#semantics.syntax);
    return inspectStatements(this.#library.parse(body, syntax), this.#semantics);
  }

  #run(scope: Scope, { speculative = false, searchPath = this.#searchPath, onDifference }: ResolveOptions): Run {
    const { ofText: concat, syntax } = this.#semantics;
    return new Run(this.#services, scope, { concat, syntax, searchPath, speculative, onDifference });
  }
  #taken(result: Value, { as = 'value' }: ResolveOptions): Value {
    return this.#semantics.taken[as](result);
  }
  #isTagged(value: Value): boolean {
    if (typeof value !== 'string' || !isTemplate(value)) return false;
    return this.#semantics.native ? /^\s*\{[{%#].*[}%#]\}\s*$/s.test(value) : this.#library.holdsTag(value);
  }

  #resolve(value: Value, run: Run): Value {
    if (typeof value === 'string') return isTemplate(value) ? this.#resolveText(value, run) : value;
    if (Array.isArray(value)) return Array.from(value, item => this.#resolve(item, run));
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, this.#resolve(item, run)]));
    return value;
  }
  #resolveText(text: string, run: Run): Value {
    const name = SOLE_NAME.exec(text)?.[1];
    if (name !== undefined && !run.scope.derived?.(name)) {
      const value = run.scope.lookup(name);
      if (value === null || isNumber(value)) return value;
    }
    const { body, syntax } = readHeader(text, run.syntax);
    const template = this.#library.template(body, syntax);
    return this.#rendered(template, run, { source: text, newline: syntax.newline });
  }
  #renderPage(source: string, file: string, run: Run): Value {
    const { body, syntax } = readHeader(source, run.syntax);
    const inner = syntax === run.syntax ? run : new Run(this.#services, run.scope, { ...run, syntax });
    const template = this.#library.template(body, syntax, file);
    return this.#rendered(template, inner, { source, newline: syntax.newline, file });
  }
  #rendered(template: Template, run: Run, { source, newline, file }: Rendered): Value {
    return this.#located(run, file === undefined ? source : undefined, () => {
      const pieces: Value[] = [];
      renderInto(new Instance(run, template), pieces);
      const ended = (result: Value): Value => withNewlinesOf(source, result, newline);
      const message = run.onDifference && differenceOf(pieces, file !== undefined, ended);
      if (message !== undefined)
        run.onDifference?.({ message, ...(file === undefined ? { text: source } : { at: { file, line: 1, col: 1 } }) });
      return ended(run.concat(pieces));
    });
  }
  #conditionValue(text: string, run: Run): Value {
    const template = this.#library.condition(text);
    return this.#located(run, text, () => renderInto(new Instance(run, template), []).lookup(CONDITION));
  }

  /** Errors of an evaluation say where in the template they arose, unless something nearer has said so. */
  #located<T>(run: Run, text: string | undefined, evaluate: () => T): T {
    try {
      return evaluate();
    } catch (error) {
      if (error instanceof RangeError)
        throw new KplayError('E_TEMPLATE', `recursive loop detected in template: ${error.message}`, { cause: error });
      if (!(error instanceof KplayError) || error.at || error.detail !== undefined) throw error;
      const { file, line } = run.place;
      const facts = error.hint === undefined ? { cause: error } : { cause: error, hint: error.hint };
      if (file !== undefined) throw new KplayError(error.code, error.message, { ...facts, at: { file, line, col: 1 } });
      throw new KplayError(error.code, error.message, { ...facts, detail: `line ${line} of the template: ${text ?? ''}` });
    }
  }

  #read(path: string): string {
    return this.#host.readFile(path).toString('utf8');
  }
  #load(name: string, run: Run): Template | undefined {
    const candidates = isAbsolute(name) ? [name] : run.searchPath.map(folder => join(folder, name));
    const path = candidates.find(candidate => this.#host.kind(candidate, true) === 'file');
    if (path === undefined) return undefined;
    return this.#library.template(this.#read(path), run.syntax.rawStrings ? FILE_SYNTAX : run.syntax, path);
  }
}

/** From 2.19 on nothing but an expression is one. */
const expressionIn = (given: Value): string => {
  const text = isText(given) ? textOf(given).trim() : given;
  if (text === null || text === '') throw evaluationError('Empty conditional expressions are not allowed.');
  if (typeof text !== 'string') throw evaluationError('Conditional expressions must be strings.');
  return text;
};

/** The same evaluation with more names, as of a file. */
const withNames = (run: Run, names: Named): Run => {
  const scope: Scope = {
    lookup: name => {
      const value = names.get(name);
      return value === undefined ? run.scope.lookup(name) : value;
    },
    names: () => new Set([...names.keys(), ...run.scope.names()]),
    ...(run.scope.hearsay && { hearsay: run.scope.hearsay }),
  };
  return new Run(run.services, scope, { ...run, syntax: FILE_SYNTAX, concat: run.services.semantics.ofFile });
};
