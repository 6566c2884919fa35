import type { Entity } from '../project/entity-types.ts';
import type { AudienceModel, ScoredModel } from '../project/model-types.ts';
import type { ScoringContext } from './types.ts';

/** The entity of a model; a project without it is refused when it is read. */
export function entityOf(model: ScoredModel | AudienceModel, { project }: Pick<ScoringContext, 'project'>): Entity {
  const entity = project.entities.get(model.entity);
  if (entity === undefined) throw new TypeError(`The model ${model.name} is of the unknown entity ${model.entity}`);
  return entity;
}
