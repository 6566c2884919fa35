import { problemAt, valueAt } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { LoadedModel } from '../read/read-model.ts';
import type { Unknown } from '../read/unknown-name.ts';
import { parseRelation } from '../relation-name.ts';
import { isScorecardColumn } from '../scorecard-columns.ts';
import { isKnownEntity, type LoadedFiles, unknownEntity, unknownModel, unknownRelation } from './loaded-files.ts';

type Refuse = (path: YamlPath, problem: Unknown | null) => void;

/** Checks what models name outside of their own file: entities, models, sources. */
export function checkModels(files: LoadedFiles, report: ProblemSink): void {
  checkEntityRelations(files, report);
  for (const loaded of files.models.values()) {
    const refuse: Refuse = (path, problem) => {
      if (problem !== null) report(problemAt(loaded.yaml, path, { code: 'MODEL_INVALID', ...problem }));
    };
    checkTests(loaded, files, refuse);
    switch (loaded.shape.kind) {
      case 'scorecard':
        checkScorecard(loaded.shape, files, refuse);
        break;
      case 'audience':
        checkAudience(loaded.shape, loaded, files, refuse);
        break;
      default:
    }
  }
}

/** A relation has one row per key: where it is a model, that model's key says so and its tests prove it. */
function checkEntityRelations(files: LoadedFiles, report: ProblemSink): void {
  for (const { name, relation, key } of files.config?.entities.values() ?? []) {
    const path = ['entities', name, 'relation'];
    const unknown = unknownRelation(files, relation);
    if (unknown !== null) report(problemAt(files.configFile, path, { code: 'CONFIG_INVALID', ...unknown }));
    const reads = parseRelation(relation);
    const loaded = reads.kind === 'ref' ? files.models.get(reads.model) : undefined;
    if (loaded?.model.kind !== 'sql' || loaded.model.key.join() === key) continue;
    const { model, yaml } = loaded;
    const hasBrokenKey = model.key.length === 0 && valueAt(yaml.data, ['key']) != null;
    if (hasBrokenKey) continue;
    const has = model.key.length === 0 ? 'it has no `key`' : `its \`key\` is [${model.key.join(', ')}]`;
    const message = `model \`${model.name}\` is where entity \`${name}\` lives, and ${has}: expected \`key: [${key}]\``;
    report(problemAt(yaml, ['key'], { code: 'MODEL_INVALID', message }));
  }
}

function checkTests({ shape }: LoadedModel, files: LoadedFiles, refuse: Refuse): void {
  (shape.columns ?? []).forEach(({ tests }, column) => {
    (tests ?? []).forEach((test, index) => {
      if (typeof test === 'string' || test.relationship === undefined) return;
      const path = ['columns', column, 'tests', index, 'relationship', 'to'];
      refuse(path, unknownModel(files, test.relationship.to));
    });
  });
}

type ShapeOf<K> = Extract<LoadedModel['shape'], { readonly kind: K }>;

function checkScorecard(shape: ShapeOf<'scorecard'>, files: LoadedFiles, refuse: Refuse): void {
  refuse(['entity'], unknownEntity(files, shape.entity));
  const key = files.config?.entities.get(shape.entity)?.key;
  if (key !== undefined && isScorecardColumn(key)) {
    const message = `the key of entity \`${shape.entity}\` is called \`${key}\`, and so is a column that every scorecard has`;
    refuse(['entity'], { message, hint: 'Give the key another name in the SQL of its relation.' });
  }
  shape.rules.forEach((rule, index) => {
    for (const key of ['events', 'no_events'] as const) {
      for (const relation of [rule[key] ?? []].flat()) refuse(['rules', index, key], unknownRelation(files, relation));
    }
  });
}

function checkAudience(shape: ShapeOf<'audience'>, { model }: LoadedModel, files: LoadedFiles, refuse: Refuse): void {
  refuse(['entity'], unknownEntity(files, shape.entity));
  if (model.kind !== 'audience' || model.members.kind !== 'from') return;
  const { from } = model.members;
  refuse(['from'], unknownModel(files, from));
  const scored = files.models.get(from)?.model;
  if (scored === undefined) return;
  if (scored.kind !== 'scorecard') {
    const message = `\`from\` names \`${from}\`, a model of kind ${scored.kind}: expected a scored model (kind scorecard)`;
    refuse(['from'], {
      message,
      hint: "For anything else, write a SELECT of the entity's key and name its file in `sql`.",
    });
  } else if (
    isKnownEntity(files, shape.entity) &&
    isKnownEntity(files, scored.entity) &&
    scored.entity !== shape.entity
  ) {
    const message = `\`from\` names \`${from}\`, which scores entity \`${scored.entity}\`: expected a model of \`${shape.entity}\``;
    refuse(['from'], { message });
  }
}
