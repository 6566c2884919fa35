import { entityPath } from '../entity-path.ts';
import type { Entity } from '../entity-types.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { CombineModel, ScoredModel } from '../model-types.ts';
import type { Unknown } from '../read/unknown-name.ts';
import { isScorecardColumn } from '../scorecard-columns.ts';
import { isScored } from '../scored-model.ts';
import { isKnownEntity, type LoadedFiles, unknownEntity, unknownModel } from './loaded-files.ts';

type Refuse = (path: YamlPath, problem: Unknown | null) => void;

/** Checks what every scored model names outside of its file, and what a `combine` does. */
export function checkScored(model: ScoredModel, files: LoadedFiles, refuse: Refuse): void {
  refuse(['entity'], unknownEntity(files, model.entity));
  const entity = files.config?.entities.get(model.entity);
  if (entity !== undefined && isScorecardColumn(entity.key)) {
    const message = `the key of entity \`${entity.name}\` is called \`${entity.key}\`, and so is a column that every scorecard has`;
    refuse(['entity'], { message, hint: 'Give the key another name in the SQL of its relation.' });
  }
  if (model.overrides !== undefined) checkOverrides(model.overrides, entity, files, refuse);
  if (model.kind === 'combine') checkInputs(model, files, refuse);
}

/** One row per key, so that nobody has to guess which of two counts; the model's tests of its key prove it. */
function checkOverrides(name: string, entity: Entity | undefined, files: LoadedFiles, refuse: Refuse): void {
  refuse(['overrides'], unknownModel(files, name));
  const model = files.models.get(name)?.model;
  if (model === undefined || entity === undefined) return;
  if (model.kind !== 'sql') {
    const message = `\`overrides\` names \`${name}\`, a model of kind ${model.kind}: expected a SQL model`;
    refuse(['overrides'], {
      message,
      hint: `It selects ${entity.key}, score or tier, and if wanted reason and until.`,
    });
  } else if (model.key.join() !== entity.key) {
    const has = model.key.length === 0 ? 'has no `key`' : `has the \`key\` [${model.key.join(', ')}]`;
    refuse(['overrides'], {
      message: `\`overrides\` names \`${name}\`, which ${has}: expected one row per ${entity.name}`,
      hint: `Write \`key: [${entity.key}]\` into ${model.file.path}, and keep one row for each in its SQL.`,
    });
  }
}

function checkInputs(model: CombineModel, files: LoadedFiles, refuse: Refuse): void {
  for (const { name, model: named } of model.inputs) {
    const path = ['inputs', name];
    refuse(path, unknownModel(files, named));
    const input = files.models.get(named)?.model;
    if (input === undefined) continue;
    if (!isScored(input)) {
      refuse(path, {
        message: `input \`${name}\` names \`${named}\`, a model of kind ${input.kind}: expected a scored model (kind scorecard or combine)`,
        hint: 'A scorecard with one rule `value: your_column` makes a score of a number.',
      });
    } else if (isKnownEntity(files, model.entity) && isKnownEntity(files, input.entity)) {
      refuse(path, entityProblem(model.entity, input, files));
    }
  }
}

function entityProblem(entity: string, input: ScoredModel, files: LoadedFiles): Unknown | null {
  const entities = files.config?.entities;
  const path = entities === undefined ? [] : entityPath(entities, entity, input.entity);
  const names = `\`${input.name}\` scores entity \`${input.entity}\``;
  if (path === null) {
    return {
      message: `${names}, to which \`${entity}\` does not belong: expected a model of \`${entity}\` or of one that it belongs to`,
      hint: `To score \`${entity}\` by its ${input.entity} rows, use a rule with \`rollup\`.`,
    };
  }
  const [step] = path;
  if (path.length > 1) {
    const between = path.slice(0, -1).map(({ parent }) => parent);
    return {
      message: `${names}, which \`${entity}\` belongs to through \`${between.join('`, `')}\`: expected a model of \`${entity}\` or of one that it belongs to directly`,
      hint: `Give entity \`${entity}\` a column with the key of \`${input.entity}\`, and name it in its \`belongs_to\`.`,
    };
  }
  if (step?.belonging.kind === 'bridge') {
    return {
      message: `${names}, of which one \`${entity}\` may have several: it belongs to them by the bridge ${step.belonging.via}`,
      hint: `Choose one of them in a column of \`${entity}\`'s relation, and name that column in \`belongs_to\`.`,
    };
  }
  return null;
}
