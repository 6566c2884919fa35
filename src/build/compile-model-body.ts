import type { Entity } from '../project/entity-types.ts';
import type { Model } from '../project/model-types.ts';
import type { CardFacts } from '../scoring/card-facts.ts';
import { compileAudience } from '../scoring/compile-audience.ts';
import { compileCombine } from '../scoring/compile-combine.ts';
import { compileScorecard } from '../scoring/compile-scorecard.ts';
import type { ScoringContext } from '../scoring/types.ts';
import type { WeightCheck } from '../scoring/weight-check.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { Fragment, ResolvedParam } from '../sql/types.ts';
import { modelVersionOf } from './model-version.ts';
import type { CompiledModel } from './types.ts';

/** A model's SELECT by itself, before inline models are put in front of it. */
export interface ModelBody {
  readonly body: Fragment;
  readonly refs: ReadonlySet<string>;
  /** Parameters that a SQL model reads. */
  readonly params: ReadonlySet<string>;
  /** Changes when anything changes that the rows depend on, beside data and `as_of`. */
  readonly modelVersion: string;
  readonly origin: CompiledModel['origin'];
  /** Of a scorecard's roll-ups and bridges. */
  readonly weights?: readonly WeightCheck[];
  /** Of a scorecard. */
  readonly facts?: CardFacts;
}

export interface BodyContext extends ScoringContext {
  /** All that the model sees. */
  readonly paramValues: ReadonlyMap<string, ResolvedParam>;
}

export function compileModelBody(model: Model, context: BodyContext): ModelBody {
  const version = (texts: readonly string[], params: ReadonlySet<string>, refs: ReadonlySet<string>) =>
    modelVersionOf({ texts, params, refs }, context.paramValues, context.modelVersions);
  const none: ReadonlySet<string> = new Set();
  switch (model.kind) {
    case 'sql': {
      const { path, text } = model.sql;
      const { fragment, refs, params } = renderSql(
        { text, file: path, at: { line: 1, column: 1 }, kind: 'select' },
        context,
      );
      const origin = { file: path, line: 1, text };
      return { body: fragment, refs, params, modelVersion: version([text], params, refs), origin };
    }
    case 'scorecard':
    case 'combine': {
      const compiled = model.kind === 'combine' ? compileCombine(model, context) : compileScorecard(model, context);
      const { select, refs, modelVersion, weights, facts } = compiled;
      const origin = { file: model.file.path, line: 1, text: model.file.text };
      return { body: select, refs, params: none, modelVersion, origin, weights, facts };
    }
    case 'audience': {
      const { select, refs } = compileAudience(model, context);
      const { path, text } = model.members.kind === 'sql' ? model.members.sql : model.file;
      // Its parameters are not known here: all of those that it sees may count.
      const params = new Set(context.paramValues.keys());
      const modelVersion = version([model.file.text, text], params, refs);
      return { body: select, refs, params: none, modelVersion, origin: { file: path, line: 1, text } };
    }
    default:
      return model satisfies never;
  }
}

/** The columns that identify a row; empty where a SQL model declares none. */
export function keyOf(model: Model, entities: ReadonlyMap<string, Entity>): readonly string[] {
  if (model.kind === 'sql') return model.key;
  const key = entities.get(model.entity)?.key;
  return key === undefined ? [] : [key];
}
