import { didYouMean } from '../../errors/did-you-mean.ts';
import { parseDuration } from '../../project/settings.ts';
import { macros } from '../macros.ts';
import { marker } from '../markers.ts';
import type { ColumnType, Dialect, ResolvedParam } from '../types.ts';
import type { CallContext, PieceContent } from './call-context.ts';
import type { TemplateFunctions } from './check-flow.ts';
import { expandMacro } from './expand-macro.ts';
import type { JinjaFunction } from './run-jinja.ts';
import type { TemplateCall } from './template-calls.ts';

/** What templates may call, by what it returns. */
export const functionNames: TemplateFunctions = {
  values: new Set(['param', ...Object.keys(macros)]),
  relations: new Set(['ref', 'source']),
};

/** The functions that a template may call, each as the engine calls it. They report and never throw. */
export function templateFunctions(context: CallContext): ReadonlyMap<string, JinjaFunction> {
  const { calls, results } = context;
  const named = (name: string, expand: (call: TemplateCall, args: readonly unknown[]) => PieceContent | null) => {
    const answer: JinjaFunction = (number, args) => {
      const call = calls[number];
      if (call === undefined) throw new RangeError(`The template has no call ${number}`);
      results.pieces.push({ call, content: expand(call, args) ?? { kind: 'broken' } });
      return marker(results.pieces.length - 1);
    };
    return [name, answer] as const;
  };
  return new Map([
    named('ref', (call, args) => model(context, call, args)),
    named('source', (call, args) => sourceTable(context, call, args)),
    named('param', (call, args) => parameter(context, call, args)),
    ...Object.entries(macros).map(([name, macro]) =>
      named(name, (call, args) => expandMacro(macro, context, call, args)),
    ),
  ]);
}

function model(context: CallContext, call: TemplateCall, args: readonly unknown[]): PieceContent | null {
  const { scope, results, report } = context;
  const [name] = args;
  if (args.length !== 1 || typeof name !== 'string') {
    report(call, "expected ref('model')");
    return null;
  }
  const fragment = scope.ref(name);
  if (fragment === null) {
    report(call, `there is no model \`${name}\``, didYouMean(name, scope.known.models));
    return null;
  }
  results.refs.add(name);
  return { kind: 'relation', fragment };
}

function sourceTable(context: CallContext, call: TemplateCall, args: readonly unknown[]): PieceContent | null {
  const { scope, results, report } = context;
  const [source, table] = args;
  if (args.length !== 2 || typeof source !== 'string' || typeof table !== 'string') {
    report(call, "expected source('source', 'table')");
    return null;
  }
  const name = `${source}.${table}`;
  const fragment = scope.source(source, table);
  if (fragment === null) {
    report(call, `there is no source table \`${name}\``, didYouMean(name, scope.known.sources));
    return null;
  }
  results.sources.add(name);
  return { kind: 'relation', fragment };
}

function parameter(context: CallContext, call: TemplateCall, args: readonly unknown[]): PieceContent | null {
  const { dialect, scope, results, report } = context;
  const [name] = args;
  if (args.length !== 1 || typeof name !== 'string') {
    report(call, "expected param('name')");
    return null;
  }
  const resolved = scope.param(name);
  if (resolved === null) {
    report(call, `there is no parameter \`${name}\``, didYouMean(name, scope.known.params));
    return null;
  }
  results.params.add(name);
  return contentOf(resolved, dialect);
}

function contentOf({ type, value }: ResolvedParam, dialect: Dialect): PieceContent {
  if (type === 'string_list' && Array.isArray(value)) return { kind: 'list', fragment: dialect.inList(value) };
  if (type === 'duration' && typeof value === 'string') {
    const duration = parseDuration(value);
    if (duration !== null) return { kind: 'duration', duration };
  }
  if (type !== 'string_list' && type !== 'duration' && typeof value !== 'object') {
    return { kind: 'value', fragment: dialect.bind({ kind: columnKinds[type] }, value) };
  }
  // Values are checked where they are read, so a wrong one is a bug.
  throw new TypeError(`A parameter of type ${type} holds ${JSON.stringify(value)}`);
}

const columnKinds = {
  string: 'text',
  integer: 'integer',
  number: 'double',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
} as const satisfies Partial<Record<ResolvedParam['type'], ColumnType['kind']>>;
