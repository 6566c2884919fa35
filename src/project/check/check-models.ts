import type { Entity } from '../entity-types.ts';
import { problemAt, valueAt } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { LoadedModel } from '../read/read-model.ts';
import type { Unknown } from '../read/unknown-name.ts';
import { parseRelation } from '../relation-name.ts';
import { isScored } from '../scored-model.ts';
import { checkRollups } from './check-rollups.ts';
import { checkScored } from './check-scored.ts';
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
    if (isScored(loaded.model)) checkScored(loaded.model, files, refuse);
    if (loaded.model.kind === 'scorecard') checkRollups(loaded.model, files, refuse);
    switch (loaded.shape.kind) {
      case 'scorecard':
        checkEvents(loaded.shape, files, refuse);
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
  for (const entity of files.config?.entities.values() ?? []) {
    const { name, relation, key } = entity;
    for (const [path, template] of relationsOf(entity)) {
      const unknown = unknownRelation(files, template);
      const place = ['entities', name, ...path];
      if (unknown !== null) report(problemAt(files.configFile, place, { code: 'CONFIG_INVALID', ...unknown }));
    }
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

function relationsOf({ relation, aliases, belongsTo }: Entity): readonly (readonly [YamlPath, string])[] {
  const bridges = Object.entries(belongsTo).flatMap(([parent, belonging]) =>
    belonging.kind === 'bridge' ? [[['belongs_to', parent, 'via'], belonging.via] as const] : [],
  );
  const ofAliases = aliases === undefined ? [] : [[['aliases', 'relation'], aliases.relation] as const];
  return [[['relation'], relation], ...bridges, ...ofAliases];
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

function checkEvents(shape: ShapeOf<'scorecard'>, files: LoadedFiles, refuse: Refuse): void {
  const { aliases } = shape;
  if (aliases !== undefined) refuse(['aliases', 'relation'], unknownRelation(files, aliases.relation));
  shape.rules.forEach((rule, index) => {
    for (const key of ['events', 'no_events'] as const) {
      for (const relation of [rule[key] ?? []].flat()) refuse(['rules', index, key], unknownRelation(files, relation));
    }
    if (rule.recover !== undefined) {
      refuse(['rules', index, 'recover', 'on'], unknownRelation(files, rule.recover.on));
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
  if (!isScored(scored)) {
    const message = `\`from\` names \`${from}\`, a model of kind ${scored.kind}: expected a scored model (kind scorecard or combine)`;
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
