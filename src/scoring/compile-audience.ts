import { sql } from 'kysely';
import { didYouMean } from '../errors/did-you-mean.ts';
import type { AudienceModel, Entity } from '../project/types.ts';
import { renderSql } from '../sql/render-sql.ts';
import { scoredRelation } from './scored-relation.ts';
import { SettingReader } from './setting-reader.ts';
import type { CompiledAudience, ScoringContext } from './types.ts';

/**
 * An audience as one SELECT of the entity's keys, each once, without null. Problems go to `context.report`, and the result
 * is usable only if there were none.
 */
export function compileAudience(model: AudienceModel, context: ScoringContext): CompiledAudience {
  const reader = new SettingReader(model.file, context);
  const entity = context.project.entities.get(model.entity);
  if (entity === undefined) {
    const hint = didYouMean(model.entity, [...context.project.entities.keys()]);
    reader.report(['entity'], model.entity, `no entity is called \`${model.entity}\``, hint);
    return { select: sql`select null`, refs: reader.refs };
  }
  const { members } = model;
  switch (members.kind) {
    case 'from':
      return fromScores(model, members, entity, { reader, context });
    case 'sql': {
      const template = {
        text: members.sql.text,
        file: members.sql.path,
        at: { line: 1, column: 1 },
        kind: 'select',
      } as const;
      const { fragment, refs } = renderSql(template, context);
      const key = sql.id(entity.key);
      const select = sql`${grain(model, entity)}\nselect distinct ${key}\nfrom (\n${fragment}\n) as members\nwhere ${key} is not null`;
      return { select, refs };
    }
    default:
      return members satisfies never;
  }
}

function fromScores(
  model: AudienceModel,
  { from, where }: Extract<AudienceModel['members'], { kind: 'from' }>,
  entity: Entity,
  { reader, context }: { readonly reader: SettingReader; readonly context: ScoringContext },
): CompiledAudience {
  const scored = context.project.models.get(from);
  const names = [...context.project.models.values()].flatMap((known) =>
    known.kind === 'scorecard' ? [known.name] : [],
  );
  if (scored?.kind !== 'scorecard') {
    const message = scored === undefined ? `no model is called \`${from}\`` : `\`${from}\` is not a scored model`;
    reader.report(['from'], from, message, didYouMean(from, names));
    return { select: sql`select null`, refs: reader.refs };
  }
  if (scored.entity !== model.entity) {
    const message = `\`${from}\` scores the entity \`${scored.entity}\`, and the audience is of \`${model.entity}\``;
    reader.report(['from'], from, message, 'An audience takes its members from a model of its own entity.');
  }
  const { relation, refs } = scoredRelation(scored, context);
  const key = sql.id(entity.key);
  const condition = where === undefined ? sql`` : sql`\n  and ${reader.expression(['where'], where).fragment}`;
  const select = sql`${grain(model, entity)}\nselect distinct ${key}\nfrom ${relation} as members\nwhere ${key} is not null${condition}`;
  return { select, refs: new Set([...refs, ...reader.refs]) };
}

function grain(model: AudienceModel, entity: Entity) {
  return sql.raw(`-- One row per ${entity.key.replace(/\s+/g, ' ')}: members of the audience ${model.name}.`);
}
