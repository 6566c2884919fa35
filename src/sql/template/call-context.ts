import type { Duration } from '../../project/setting-types.ts';
import type { Fragment, RenderContext } from '../types.ts';
import type { TemplateCall } from './template-calls.ts';

/** What one call of a template stands for in the rendered SQL. */
export interface TemplatePiece {
  readonly call: TemplateCall;
  readonly content: PieceContent;
}

export type PieceContent =
  | { readonly kind: 'relation' | 'value' | 'expression' | 'list'; readonly fragment: Fragment }
  /** A length of time has no SQL of its own: macros take it as an argument. */
  | { readonly kind: 'duration'; readonly duration: Duration }
  /** The call was wrong, and reported. */
  | { readonly kind: 'broken' };

/** What the calls of one rendering leave behind. */
export interface CallResults {
  /** By the number in the marker. */
  readonly pieces: TemplatePiece[];
  readonly refs: Set<string>;
  readonly sources: Set<string>;
  readonly params: Set<string>;
}

/** What the functions of a template need to answer a call. */
export interface CallContext extends Pick<RenderContext, 'dialect' | 'scope'> {
  readonly calls: readonly TemplateCall[];
  readonly results: CallResults;
  report(call: TemplateCall, message: string, hint?: string): void;
}
