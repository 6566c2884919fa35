import { didYouMean } from '../../errors/did-you-mean.ts';
import { type ProblemText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { AudienceModel, Model, ScoredModel } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { LoadedSync } from '../read/read-sync.ts';
import { unknownName } from '../read/unknown-name.ts';
import { parseRelation } from '../relation-name.ts';
import { gradeColumn, pointsColumns, rulePointsColumn } from '../scorecard-columns.ts';
import { allTiers, isScored } from '../scored-model.ts';
import { sourceOfColumn } from '../sync-columns.ts';
import type { Sync, SyncProperty } from '../sync-types.ts';
import { isKnownEntity, type LoadedFiles, unknownModel } from './loaded-files.ts';

type Refuse = (path: YamlPath, problem: Omit<ProblemText, 'code'> | null) => void;

/** Checks what syncs name outside of their own file, and what they name twice between them. */
export function checkSyncs(files: LoadedFiles, report: ProblemSink): void {
  for (const loaded of files.syncs.values()) {
    const refuse: Refuse = (path, problem) => {
      if (problem !== null) report(problemAt(loaded.yaml, path, { code: 'SYNC_INVALID', ...problem }));
    };
    if (loaded.sync.models.length > 1) checkModels(loaded, files, refuse);
    else checkModel(loaded, files, refuse);
    checkLists(loaded, files, refuse);
  }
  checkPropertyOwners(files, report);
  checkListNames(files, report);
}

function checkModel({ sync }: LoadedSync, files: LoadedFiles, refuse: Refuse): void {
  const [name = ''] = sync.models;
  refuse(['model'], unknownModel(files, name));
  const model = files.models.get(name)?.model;
  switch (model?.kind) {
    case undefined:
      return;
    case 'audience': {
      const message = `\`model\` names \`${name}\`, an audience: expected a scored model or a SQL model with a key`;
      refuse(['model'], { message, hint: 'Name audiences in `lists`.' });
      return;
    }
    case 'sql':
      if (model.key.length === 0) {
        const message = `model \`${name}\` has no \`key\`, so its rows cannot be followed from run to run`;
        refuse(['model'], { message, hint: `Add \`key: [..]\` to ${model.file.path}.` });
      }
      break;
    case 'scorecard':
    case 'combine':
      break;
    default:
      model satisfies never;
  }
  checkProperties(sync, files, refuse);
}

/** Of a list: scored models of one entity, whose rows stand side by side. */
function checkModels({ sync }: LoadedSync, files: LoadedFiles, refuse: Refuse): void {
  let first: ScoredModel | undefined;
  for (const [index, name] of sync.models.entries()) {
    const path = ['model', index];
    refuse(path, unknownModel(files, name));
    const model = files.models.get(name)?.model;
    if (model === undefined) continue;
    if (!isScored(model)) {
      const message = `\`${name}\` is a model of kind ${model.kind}: expected scored models in a list`;
      refuse(path, { message, hint: 'Give it a sync of its own.' });
      continue;
    }
    first ??= model;
    if (model.entity === first.entity) continue;
    const message = `\`${name}\` scores the entity \`${model.entity}\`, and \`${first.name}\` scores \`${first.entity}\`: expected models of one entity`;
    refuse(path, { message, hint: 'Give it a sync of its own.' });
  }
  const { property, column } = sync.match;
  checkPrefix(['match', property], column, sync, refuse);
  for (const { name, column } of sync.properties) checkPrefix(['properties', name, 'column'], column, sync, refuse);
  checkProperties(sync, files, refuse);
}

function checkPrefix(path: YamlPath, column: string, sync: Sync, refuse: Refuse): void {
  if (!column.includes('.') || sourceOfColumn(sync, column).model !== null) return;
  const prefix = column.slice(0, column.indexOf('.'));
  const message = `\`${column}\`: \`${prefix}\` is none of the models of the sync`;
  refuse(path, { message, hint: didYouMean(prefix, sync.models) });
}

function checkProperties(sync: Sync, files: LoadedFiles, refuse: Refuse): void {
  for (const property of sync.properties) {
    const source = sourceOfColumn(sync, property.column);
    const model = source.model === null ? undefined : files.models.get(source.model)?.model;
    if (source.model !== null && model === undefined) continue;
    if (model !== undefined && isScored(model)) checkPoints(property, source.column, model, refuse);
    checkOptions(property, source.column, model, refuse);
  }
}

/** Their options are the model's tiers, where the file names none. */
const tierColumns: readonly string[] = ['tier', 'previous_tier'];

/** Columns of the entity's relation are known to the warehouse alone, those of rules and inputs already here. */
function checkPoints({ name: property }: SyncProperty, column: string, model: ScoredModel, refuse: Refuse): void {
  const known = pointsColumns(model);
  if (!column.startsWith(rulePointsColumn('')) || known.includes(column)) return;
  const message = `model \`${model.name}\` has no column \`${column}\``;
  refuse(['properties', property, 'column'], { message, hint: didYouMean(column, known) });
}

/** @param model undefined for a column of the entity's relation */
function checkOptions(
  { name, type, options }: SyncProperty,
  column: string,
  model: Model | undefined,
  refuse: Refuse,
): void {
  const scored = model !== undefined && isScored(model) ? model : undefined;
  const hasTiers = scored !== undefined && allTiers(scored).length > 0;
  const hasOptions = (hasTiers && tierColumns.includes(column)) || (scored !== undefined && isGrade(scored, column));
  if (scored !== undefined && column === 'tier' && !hasTiers) {
    const message = `model \`${scored.name}\` has no tiers, so \`${name}\` would always be empty`;
    refuse(['properties', name, 'column'], { message });
  } else if (type === 'enumeration' && options === undefined && !hasOptions) {
    const message = `\`${name}\` is an enumeration without \`options\`, and \`${column}\` is not the tier of a scored model`;
    refuse(['properties', name], { message, hint: 'Add `options: [..]`.' });
  }
}

/** Its values are known from its thresholds. */
function isGrade(model: ScoredModel, column: string): boolean {
  return model.kind === 'combine' && model.grade !== undefined && column === gradeColumn;
}

function checkLists({ sync }: LoadedSync, files: LoadedFiles, refuse: Refuse): void {
  const audiences = [...files.models.values()].flatMap(({ model }) => (model.kind === 'audience' ? [model.name] : []));
  const [modelName = ''] = sync.models;
  const model = files.models.get(modelName)?.model;
  for (const { id, audience: name } of sync.lists) {
    const path = ['lists', id, 'audience'];
    const audience = files.models.get(name)?.model;
    if (audience === undefined) {
      refuse(path, files.modelNames.includes(name) ? null : unknownName('audience', name, audiences));
    } else if (audience.kind !== 'audience') {
      refuse(path, { message: `\`${name}\` is a model of kind ${audience.kind}: expected an audience` });
    } else if (model !== undefined && !sharesKeys(model, audience, files)) {
      const message = `audience \`${name}\` is a set of entity \`${audience.entity}\`, and model \`${modelName}\` has no rows of it`;
      refuse(path, { message, hint: 'Members are found by the keys of the model: both must be of one entity.' });
    }
  }
}

/** Whether the model's keys are keys of the audience's entity. What cannot be told here, the warehouse tells later. */
function sharesKeys(model: Model, audience: AudienceModel, files: LoadedFiles): boolean {
  if (!isKnownEntity(files, audience.entity)) return true;
  if (model.kind !== 'sql') return model.entity === audience.entity || !isKnownEntity(files, model.entity);
  const entity = files.config?.entities.get(audience.entity);
  if (entity === undefined) return true;
  const home = parseRelation(entity.relation);
  return (home.kind === 'ref' && home.model === model.name) || model.key.join() === entity.key;
}

function checkPropertyOwners({ syncs }: LoadedFiles, report: ProblemSink): void {
  const owners = new Map<string, LoadedSync>();
  for (const loaded of syncs.values()) {
    const { object, properties } = loaded.sync;
    for (const { name } of properties) {
      const owner = owners.get(`${object}.${name}`);
      if (owner === undefined) {
        owners.set(`${object}.${name}`, loaded);
        continue;
      }
      const message = `property \`${name}\` of ${object} is written by ${owner.yaml.path} too: expected one sync for each property`;
      report(problemAtKey(loaded.yaml, ['properties'], name, { code: 'SYNC_INVALID', message }));
    }
  }
}

/** HubSpot refuses a second list of one name, and takes the case of letters for no difference. */
function checkListNames({ syncs }: LoadedFiles, report: ProblemSink): void {
  const owners = new Map<string, string>();
  for (const { sync, yaml } of syncs.values()) {
    for (const { id, name } of sync.lists) {
      const owner = owners.get(name.toLowerCase());
      owners.set(name.toLowerCase(), owner ?? `${yaml.path} (\`${id}\`)`);
      if (owner === undefined) continue;
      const message = `list "${name}" stands in ${owner} too: expected another name`;
      report(problemAt(yaml, ['lists', id, 'name'], { code: 'SYNC_INVALID', message }));
    }
  }
}
