import type { Duration } from '../../project/setting-types.ts';
import { parseDuration } from '../../project/settings.ts';
import { argumentKinds, type Macro, type MacroArguments, type Parameter } from '../macros.ts';
import { markerIndex, reservedCharacters } from '../markers.ts';
import { checkSql } from '../syntax/check-sql.ts';
import type { Fragment } from '../types.ts';
import type { CallContext, PieceContent, TemplatePiece } from './call-context.ts';
import { checkPieces } from './check-pieces.ts';
import { joinPieces } from './join-pieces.ts';
import { runInstant } from './run-instant.ts';
import type { TemplateCall } from './template-calls.ts';

/** Reads a macro's arguments and writes it in the dialect; null where an argument was wrong, which it reported. */
export function expandMacro(
  macro: Macro,
  context: CallContext,
  call: TemplateCall,
  args: readonly unknown[],
): PieceContent | null {
  const { parameters } = macro;
  const required = parameters.filter((parameter) => parameter.optional !== true).length;
  if (args.length < required || args.length > parameters.length) {
    const found = args.length === 1 ? '1 argument' : `${args.length} arguments`;
    context.report(call, `${found}: expected ${signature(call.name, parameters)}`);
    return null;
  }
  const read: ReadArguments = { sql: new Map(), text: new Map(), duration: new Map(), count: new Map() };
  const sound = args.map((argument, index) => readArgument(parameters[index], argument, { read, context, call }));
  const asOf = macro.readsAsOf === true ? runInstant(context, call) : null;
  if (sound.includes(false) || (macro.readsAsOf === true && asOf === null)) return null;
  return { kind: 'expression', fragment: macro.expand(context.dialect, macroArguments(read, asOf)) };
}

interface ReadArguments {
  readonly sql: Map<string, Fragment>;
  readonly text: Map<string, string>;
  readonly duration: Map<string, Duration>;
  readonly count: Map<string, number>;
}

interface Reading {
  readonly read: ReadArguments;
  readonly context: CallContext;
  readonly call: TemplateCall;
}

/** @returns whether the argument is what the parameter asks for */
function readArgument(parameter: Parameter | undefined, argument: unknown, reading: Reading): boolean {
  if (parameter === undefined) return false;
  const { name, kind } = parameter;
  const { read, context, call } = reading;
  const refuse = (found: string) => {
    context.report(call, `\`${name}\` of ${call.name} is ${found}: expected ${argumentKinds[kind]}`);
    return false;
  };
  switch (kind) {
    case 'sql': {
      if (typeof argument !== 'string') return refuse(nameOf(argument));
      const fragment = readSql(name, argument, reading);
      if (fragment !== null) read.sql.set(name, fragment);
      return fragment !== null;
    }
    case 'text':
      if (typeof argument !== 'string') return refuse(nameOf(argument));
      if (reservedCharacters.test(argument)) return refuse('the result of another call');
      read.text.set(name, argument);
      return true;
    case 'duration': {
      if (typeof argument !== 'string') return refuse(nameOf(argument));
      const content = pieceOf(argument, context)?.content;
      const duration = content?.kind === 'duration' ? content.duration : parseDuration(argument);
      if (content?.kind === 'broken') return false;
      if (duration === null) return refuse(content === undefined ? `'${argument}'` : 'the result of another call');
      read.duration.set(name, duration);
      return true;
    }
    case 'count':
      if (!isCount(argument)) return refuse(typeof argument === 'number' ? String(argument) : nameOf(argument));
      read.count.set(name, argument);
      return true;
    default:
      throw new TypeError(`No such kind of argument: ${kind satisfies never}`);
  }
}

/** SQL of an argument may itself be, or contain, what other calls stand for. */
function readSql(name: string, text: string, { context, call }: Reading): Fragment | null {
  const { pieces } = context.results;
  const { tokens, problems } = checkSql(text, 'expression', context.dialect.lexis);
  const all = [...problems, ...checkPieces(tokens, pieces, 'expression')];
  for (const { message, hint } of all) context.report(call, `\`${name}\` of ${call.name}: ${message}`, hint);
  return all.length > 0 ? null : joinPieces(text, tokens, pieces);
}

function pieceOf(argument: string, { results }: CallContext): TemplatePiece | undefined {
  const index = markerIndex(argument);
  return index === null ? undefined : results.pieces[index];
}

const maxCount = 1_000_000;

function isCount(argument: unknown): argument is number {
  return typeof argument === 'number' && Number.isInteger(argument) && argument >= 1 && argument <= maxCount;
}

function nameOf(argument: unknown): string {
  if (argument === undefined || argument === null) return 'not defined (is it a column without quotes?)';
  if (argument instanceof Map) return 'a named argument or a map';
  return typeof argument === 'object' ? 'a list' : `a ${typeof argument}`;
}

function signature(name: string, parameters: readonly Parameter[]): string {
  const list = parameters.map((parameter) => (parameter.optional === true ? `[${parameter.name}]` : parameter.name));
  return `${name}(${list.join(', ')})`;
}

function macroArguments(read: ReadArguments, asOf: Fragment | null): MacroArguments {
  return {
    sql: (name) => required(read.sql.get(name), name),
    optionalSql: (name) => read.sql.get(name) ?? null,
    text: (name) => required(read.text.get(name), name),
    duration: (name) => required(read.duration.get(name), name),
    count: (name) => required(read.count.get(name), name),
    asOf: () => required(asOf, 'as_of'),
  };
}

function required<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined)
    throw new TypeError(`The macro declares no parameter ${name} of this kind`);
  return value;
}
