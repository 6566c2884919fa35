import { didYouMean } from '../../errors/did-you-mean.ts';
import { type ProblemText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { LoadedSync } from '../read/read-sync.ts';
import { unknownName } from '../read/unknown-name.ts';
import { parseRelation } from '../relation-name.ts';
import { rulePointsColumn } from '../scorecard-columns.ts';
import type { AudienceModel, Model, ScorecardModel, SqlModel } from '../types.ts';
import { isKnownEntity, type LoadedFiles, unknownModel } from './loaded-files.ts';

type Refuse = (path: YamlPath, problem: Omit<ProblemText, 'code'> | null) => void;

/** Checks what syncs name outside of their own file, and what they name twice between them. */
export function checkSyncs(files: LoadedFiles, report: ProblemSink): void {
  for (const loaded of files.syncs.values()) {
    const refuse: Refuse = (path, problem) => {
      if (problem !== null) report(problemAt(loaded.yaml, path, { code: 'SYNC_INVALID', ...problem }));
    };
    checkModel(loaded, files, refuse);
    checkLists(loaded, files, refuse);
  }
  checkPropertyOwners(files, report);
  checkListNames(files, report);
}

function checkModel({ sync }: LoadedSync, files: LoadedFiles, refuse: Refuse): void {
  refuse(['model'], unknownModel(files, sync.model));
  const model = files.models.get(sync.model)?.model;
  switch (model?.kind) {
    case undefined:
      return;
    case 'audience': {
      const message = `\`model\` names \`${sync.model}\`, an audience: expected a scored model or a SQL model with a key`;
      refuse(['model'], { message, hint: 'Name audiences in `lists`.' });
      return;
    }
    case 'sql':
      if (model.key.length === 0) {
        const message = `model \`${sync.model}\` has no \`key\`, so its rows cannot be followed from run to run`;
        refuse(['model'], { message, hint: `Add \`key: [..]\` to ${model.file.path}.` });
      }
      break;
    case 'scorecard':
      checkRulePoints(sync.properties, model, refuse);
      break;
    default:
      model satisfies never;
  }
  checkOptions(sync.properties, model, refuse);
}

type Properties = LoadedSync['sync']['properties'];

/** Columns of the entity's relation are known to the warehouse alone, those of rules already here. */
function checkRulePoints(properties: Properties, { name, rules }: ScorecardModel, refuse: Refuse): void {
  const known = rules.map(({ id }) => rulePointsColumn(id));
  for (const { name: property, column } of properties) {
    if (!column.startsWith(rulePointsColumn('')) || known.includes(column)) continue;
    const message = `model \`${name}\` has no column \`${column}\``;
    refuse(['properties', property, 'column'], { message, hint: didYouMean(column, known) });
  }
}

function checkOptions(properties: Properties, model: ScorecardModel | SqlModel, refuse: Refuse): void {
  const hasTiers = model.kind === 'scorecard' && model.tiers.length > 0;
  for (const { name, column, type, options } of properties) {
    if (model.kind === 'scorecard' && column === 'tier' && !hasTiers) {
      const message = `model \`${model.name}\` has no tiers, so \`${name}\` would always be empty`;
      refuse(['properties', name, 'column'], { message });
    } else if (type === 'enumeration' && options === undefined && !(hasTiers && column === 'tier')) {
      const message = `\`${name}\` is an enumeration without \`options\`, and \`${column}\` is not the tier of a scorecard`;
      refuse(['properties', name], { message, hint: 'Add `options: [..]`.' });
    }
  }
}

function checkLists({ sync }: LoadedSync, files: LoadedFiles, refuse: Refuse): void {
  const audiences = [...files.models.values()].flatMap(({ model }) => (model.kind === 'audience' ? [model.name] : []));
  const model = files.models.get(sync.model)?.model;
  for (const { id, audience: name } of sync.lists) {
    const path = ['lists', id, 'audience'];
    const audience = files.models.get(name)?.model;
    if (audience === undefined) {
      refuse(path, files.modelNames.includes(name) ? null : unknownName('audience', name, audiences));
    } else if (audience.kind !== 'audience') {
      refuse(path, { message: `\`${name}\` is a model of kind ${audience.kind}: expected an audience` });
    } else if (model !== undefined && !sharesKeys(model, audience, files)) {
      const message = `audience \`${name}\` is a set of entity \`${audience.entity}\`, and model \`${sync.model}\` has no rows of it`;
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
