import type { Problem } from '../../errors/scoreline-error.ts';
import { pathText, problemAt } from './problem-at.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  readonly data: unknown;
  /** Texts that stayed as they were, because a variable is missing or its name is none. */
  readonly unresolved: readonly { readonly path: YamlPath; readonly problem: Problem }[];
}

const variable = /\$\{([^}]*)\}?/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Replaces every `${NAME}` in the texts of a file (not in its keys) by the environment's value. */
export function substituteEnvironment(yaml: YamlFile, env: Environment): Substituted {
  const unresolved: { path: YamlPath; problem: Problem }[] = [];
  return { data: replaced(yaml.data, []), unresolved };

  function replaced(value: unknown, path: YamlPath): unknown {
    if (typeof value === 'string') return value.replaceAll(variable, (written, name) => lookUp(written, name, path));
    if (Array.isArray(value)) return value.map((item, index) => replaced(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, [...path, key])]));
  }

  function lookUp(written: string, name: string, path: YamlPath): string {
    if (!variableName.test(name) || !written.endsWith('}')) {
      const message = `\`${pathText(path)}\`: expected \${NAME} with the name of an environment variable, and nothing else in the braces`;
      // What stands there may be a secret with a default: it is not shown.
      unresolved.push({
        path,
        problem: { ...problemAt(yaml, path, { code: 'CONFIG_INVALID', message }), value: undefined },
      });
      return written;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined) {
      const message = `\`${pathText(path)}\` reads the environment variable ${name}, which is not set`;
      unresolved.push({
        path,
        problem: { ...problemAt(yaml, path, { code: 'CONFIG_ENV_MISSING', message }), value: written },
      });
    }
    return found ?? written;
  }
}
