import { entityPath } from '../entity-path.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { ScorecardModel, ScoredModel } from '../model-types.ts';
import type { Unknown } from '../read/unknown-name.ts';
import type { RollupRule } from '../rule-types.ts';
import { isScored } from '../scored-model.ts';
import { isKnownEntity, type LoadedFiles, unknownModel } from './loaded-files.ts';

type Refuse = (path: YamlPath, problem: Unknown | null) => void;

/** A roll-up is of a scored model whose entity belongs to the card's. */
export function checkRollups(model: ScorecardModel, files: LoadedFiles, refuse: Refuse): void {
  const written = files.models.get(model.name)?.shape;
  if (written?.kind !== 'scorecard') return;
  for (const rule of model.rules) {
    if (rule.kind !== 'rollup') continue;
    const index = written.rules.findIndex(({ id }) => id === rule.id);
    refuse(['rules', index, 'rollup'], unknownModel(files, rule.rollup) ?? wrongModel(rule, model, files));
  }
}

function wrongModel({ id, rollup }: RollupRule, card: ScorecardModel, files: LoadedFiles): Unknown | null {
  const named = files.models.get(rollup)?.model;
  if (named === undefined) return null;
  if (!isScored(named)) {
    return {
      message: `rule \`${id}\` rolls up \`${rollup}\`, a model of kind ${named.kind}: expected a scored model (kind scorecard or combine)`,
      hint: 'For rows of a SQL model, count them as `events`, or make the sum a column of the entity and use `value`.',
    };
  }
  const isKnown = isKnownEntity(files, card.entity) && isKnownEntity(files, named.entity);
  return isKnown ? wrongEntity(id, named, card.entity, files) : null;
}

function wrongEntity(id: string, { name, entity }: ScoredModel, scored: string, files: LoadedFiles): Unknown | null {
  const entities = files.config?.entities;
  const path = entities === undefined ? undefined : entityPath(entities, entity, scored);
  if (entities === undefined || path === undefined || (path !== null && path.length > 0)) return null;
  const names = `rule \`${id}\` rolls up \`${name}\`, which scores entity \`${entity}\``;
  if (entity === scored) {
    const hint = 'To use the score of another model of the same entity, make a model of kind combine.';
    return { message: `${names}, as this card does: expected a model of an entity that belongs to it`, hint };
  }
  const isAbove = entityPath(entities, scored, entity) !== null;
  return {
    message: `${names}, which does not belong to \`${scored}\`: expected a model of an entity that does`,
    hint: isAbove
      ? `It is the other way round: \`${scored}\` belongs to \`${entity}\`. To use its score here, make a model of kind combine.`
      : `Say how in config/scoreline.yml: entities: ${entity}: belongs_to: { ${scored}: <column with the key of ${scored}> }`,
  };
}
