import type { Problem } from '../errors/scoreline-error.ts';

/** Takes every problem; whoever reports goes on, so that all of them are found at once. */
export type ProblemSink = (problem: Problem) => void;
