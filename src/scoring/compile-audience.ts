import { sql } from 'kysely';
import type { AudienceModel } from '../project/model-types.ts';
import { disqualifiedTier, isScored, mayDisqualify } from '../project/scored-model.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { Fragment, TemplateText } from '../sql/types.ts';
import { entityOf } from './entity-of.ts';
import { textLiteral } from './literals.ts';
import { scoredRelation } from './scored-relation.ts';
import { SettingReader } from './setting-reader.ts';
import type { CompiledAudience, ScoringContext } from './types.ts';

/**
 * An audience as one SELECT of the entity's keys, each once, without null. Problems go to `context.report`, and the result
 * is usable only if there were none.
 */
export function compileAudience(model: AudienceModel, context: ScoringContext): CompiledAudience {
  const { key } = entityOf(model, context);
  const { from, where, refs } = membersOf(model, context);
  const grain = `-- One row per ${key.replace(/\s+/g, ' ')}: members of the audience ${model.name}.`;
  const conditions = sql.join([sql`${sql.id(key)} is not null`, ...where], sql.raw('\n  and '));
  const select = sql`${sql.raw(grain)}\nselect distinct ${sql.id(key)}\nfrom ${from} as members\nwhere ${conditions}`;
  return { select, refs };
}

/** A gate keeps people out of lists, whatever the list is for. */
function isNotDisqualified({ dialect }: ScoringContext): Fragment {
  return sql`coalesce(tier, '') <> ${textLiteral(disqualifiedTier, dialect)}`;
}

interface Members {
  readonly from: Fragment;
  readonly where: readonly Fragment[];
  readonly refs: ReadonlySet<string>;
}

function membersOf({ name, file, members }: AudienceModel, context: ScoringContext): Members {
  switch (members.kind) {
    case 'from': {
      const scored = context.project.models.get(members.from);
      if (scored === undefined || !isScored(scored))
        throw new TypeError(`The audience ${name} is not of a scored model`);
      const reader = new SettingReader(file, context);
      const { relation, refs } = scoredRelation(scored, context);
      const chosen = members.where === undefined ? [] : [reader.expression(['where'], members.where).fragment];
      const where = mayDisqualify(scored) ? [...chosen, isNotDisqualified(context)] : chosen;
      return { from: relation, where, refs: new Set([...refs, ...reader.refs]) };
    }
    case 'sql': {
      const { text, path } = members.sql;
      const template: TemplateText = { text, file: path, at: { line: 1, column: 1 }, kind: 'select' };
      const { fragment, refs } = renderSql(template, context);
      return { from: sql`(\n${fragment}\n)`, where: [], refs };
    }
    default:
      return members satisfies never;
  }
}
