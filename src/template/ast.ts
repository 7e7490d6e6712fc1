import type { Operator } from '../value/arithmetic.ts';
import type { Order } from '../value/compare.ts';
import type { Value } from '../value/value.ts';

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [name: string, value: Expression])[];
  /** `*list` */
  readonly spread?: Expression;
  /** `**dict` */
  readonly spreadNamed?: Expression;
}
export type Comparison = Order | '==' | '!=' | 'in' | 'not in';

export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no?: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not' | 'negative' | 'positive'; readonly operand: Expression }
  | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly (readonly [Comparison, Expression])[] }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly object: Expression; readonly key: Expression }
  | { readonly kind: 'slice'; readonly object: Expression; readonly bounds: readonly (Expression | undefined)[] }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: Arguments }
  | FilterExpression
  | { readonly kind: 'test'; readonly name: string; readonly input: Expression; readonly args: Arguments };

export interface FilterExpression {
  readonly kind: 'filter';
  readonly name: string;
  /** Absent for the first filter of `{% filter %}` and `{% set x | … %}`: its input is the block's text. */
  readonly input?: Expression;
  readonly args: Arguments;
}

/** What a value is assigned to. */
export type Target =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'tuple'; readonly items: readonly Target[] }
  | { readonly kind: 'namespace'; readonly name: string; readonly attribute: string };

export interface Signature {
  readonly parameters: readonly string[];
  /** Of the last parameters. */
  readonly defaults: readonly Expression[];
}
type Body = readonly Statement[];

export type Statement = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly (readonly [Expression, Body])[]; readonly otherwise?: Body }
  | {
      readonly kind: 'for';
      readonly target: Target;
      readonly source: Expression;
      readonly test?: Expression;
      readonly recursive: boolean;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly kind: 'with'; readonly values: readonly (readonly [Target, Expression])[]; readonly body: Body }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
  | { readonly kind: 'set-block'; readonly target: Target; readonly filter?: FilterExpression; readonly body: Body }
  | { readonly kind: 'filter-block'; readonly filter: FilterExpression; readonly body: Body }
  | { readonly kind: 'macro'; readonly name: string; readonly signature: Signature; readonly body: Body }
  | { readonly kind: 'call-block'; readonly signature: Signature; readonly call: Expression & { kind: 'call' }; readonly body: Body }
  | { readonly kind: 'block'; readonly name: string; readonly scoped: boolean; readonly body: Body }
  | { readonly kind: 'extends'; readonly template: Expression }
  | { readonly kind: 'include'; readonly template: Expression; readonly ignoreMissing: boolean; readonly withContext: boolean }
  | { readonly kind: 'import'; readonly template: Expression; readonly name: string; readonly withContext: boolean }
  | {
      readonly kind: 'from';
      readonly template: Expression;
      readonly names: readonly (readonly [name: string, alias: string])[];
      readonly withContext: boolean;
    }
);
export type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;
