import { type Problem, ScorelineError } from '../../src/errors/scoreline-error.ts';
import { type LoadOptions, loadProject } from '../../src/project/load-project.ts';
import { type ProjectFiles, smallProject, writeProject } from './project-files.ts';

type Options = Partial<Omit<LoadOptions, 'projectDir'>>;

/** The error that loading a project ends with; fails the test if it loads. */
export function loadError(projectDir: string, options: Options = {}): ScorelineError {
  try {
    loadProject({ projectDir, env: {}, ...options });
  } catch (cause) {
    if (cause instanceof ScorelineError) return cause;
    throw cause;
  }
  throw new Error('the project has no problem');
}

/** The problems of the small project with some files replaced or added; empty if it loads. */
export function problemsWith(files: ProjectFiles, options: Options = {}): readonly Problem[] {
  try {
    loadProject({ projectDir: writeProject({ ...smallProject, ...files }), env: {}, ...options });
    return [];
  } catch (cause) {
    if (cause instanceof ScorelineError) return cause.problems;
    throw cause;
  }
}

/** `file:line:column message | hint`, as the eye reads it. */
export function problemLine({ file, line, column, message, hint }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return hint === undefined ? `${place} ${message}` : `${place} ${message} | ${hint}`;
}
