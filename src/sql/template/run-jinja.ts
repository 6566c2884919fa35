import { Environment } from 'minijinja-js';

/** What a template's call gives: the number of the call (see `numberCalls`) and its arguments as Jinja hands them over. */
export type JinjaFunction = (call: number, args: readonly unknown[]) => string;

export interface JinjaError {
  /** Of the template, from 1; absent where the engine names none. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

export type JinjaResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: JinjaError };

/** Steps after which a template is stopped: what a loop over a thousand columns takes, many times over. */
const maxSteps = 1_000_000;

/**
 * Renders a Jinja template. The engine is WebAssembly: an exception thrown through it destroys it and is lost, so what a
 * function throws is kept until the engine has returned.
 */
export function runJinja(
  template: string,
  functions: ReadonlyMap<string, JinjaFunction>,
  globals: Readonly<Record<string, unknown>>,
): JinjaResult {
  const environment = newEnvironment();
  const thrown: unknown[] = [];
  for (const [name, value] of Object.entries(globals)) environment.addGlobal(name, value);
  for (const [name, call] of functions) {
    environment.addGlobal(name, (number: unknown, ...args: unknown[]) => {
      try {
        return call(Number(number), args);
      } catch (error) {
        thrown.push(error);
        return '';
      }
    });
  }
  const result = attempt(environment, () => environment.renderNamedStr(templateName, template, {}));
  if (thrown.length > 0) throw thrown[0];
  return result;
}

/** The template's first syntax error; null where it parses. */
export function jinjaSyntaxError(template: string): JinjaError | null {
  const environment = newEnvironment();
  const result = attempt(environment, () => {
    environment.addTemplate(templateName, template);
    return '';
  });
  return result.ok ? null : result.error;
}

/** Its ending decides that nothing is escaped as HTML. */
const templateName = 'template.sql';

function newEnvironment(): Environment {
  const environment = new Environment();
  environment.undefinedBehavior = 'strict';
  environment.keepTrailingNewline = true;
  environment.fuel = maxSteps;
  // It prints the engine's insides, which is of no use in SQL.
  environment.removeGlobal('debug');
  return environment;
}

/** Does one thing with an environment, which is of no use afterwards. */
function attempt(environment: Environment, render: () => string): JinjaResult {
  try {
    const text = render();
    environment.free();
    return { ok: true, text };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // A panic of the engine, as of `'x' * 3000000000`: it still holds the environment, which cannot be freed then.
    if (error.name === 'RuntimeError')
      return { ok: false, error: { message: 'the template engine breaks down at it' } };
    environment.free();
    return { ok: false, error: describe(error) };
  }
}

/** The engine says `unknown function: g is unknown (in template.sql:3)`, then shows the line with a caret under it. */
function describe(error: Error): JinjaError {
  const [first = '', ...drawing] = error.message.split('\n');
  const [, message = first, line] = /^(.*) \(in template\.sql:(\d+)\)$/.exec(first) ?? [];
  if (line === undefined) return { message };
  const caret = drawing.find((row) => /^\s+i\s+\^/.test(row))?.indexOf('^');
  const gutter = drawing.find((row) => /^\s*\d+ >/.test(row))?.indexOf('>');
  const column = caret === undefined || gutter === undefined ? undefined : caret - gutter - 1;
  return { line: Number(line), message, ...(column === undefined ? {} : { column }) };
}
