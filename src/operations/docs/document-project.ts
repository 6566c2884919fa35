import type { AudienceModel, Model, ScoredModel } from '../../project/model-types.ts';
import { resolveParams } from '../../project/resolve-params.ts';
import { isScored } from '../../project/scored-model.ts';
import type { PropertyType } from '../../project/sync-types.ts';
import { compileTarget } from '../compile-target.ts';
import type { Workspace } from '../workspace.ts';
import { type DocumentedModel, documentModel } from './document-model.ts';
import { SettingWords } from './setting-words.ts';

/** A project as those see it who read its scores in HubSpot. */
export interface DocumentedProject {
  readonly project: string;
  readonly target: string;
  /** Scored models, in the order of their names; with what HubSpot gets of each. */
  readonly models: readonly (DocumentedModel & {
    readonly properties: readonly DocumentedProperty[];
    readonly lists: readonly DocumentedList[];
  })[];
}

export interface DocumentedProperty {
  readonly object: string;
  /** In HubSpot, with the target's prefix. */
  readonly property: string;
  readonly label: string;
  readonly type: PropertyType;
  readonly column: string;
  readonly sync: string;
}

export interface DocumentedList {
  readonly object: string;
  /** In HubSpot. */
  readonly list: string;
  /** What its audience says of itself, and who belongs to it in SQL; null where it says nothing. */
  readonly description: string | null;
  readonly where: string | null;
}

/**
 * The command `docs`: what every scored model looks at and what HubSpot gets of it, with the parameters of the target.
 * Asks nobody.
 * @throws MODEL_* with all problems of a project that does not compile, USAGE_INVALID for `--param`
 */
export function documentProject(workspace: Workspace): DocumentedProject {
  // What compiles has a value for each parameter that it takes.
  compileTarget(workspace);
  const { project, target } = workspace;
  const scored = [...project.models.values()].filter(isScored).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    project: project.name,
    target: target.name,
    models: scored.map((model) => ({
      ...documentModel(model, paramsOf(model, workspace), project.models),
      properties: propertiesOf(model, workspace),
      lists: listsOf(model, workspace),
    })),
  };
}

function paramsOf(model: Model, { project, target, asOf, params }: Workspace) {
  return resolveParams({ project, target, model, asOf: asOf.instant, overrides: params }).values;
}

function propertiesOf(model: ScoredModel, { project }: Workspace): readonly DocumentedProperty[] {
  const syncs = [...project.syncs.values()].filter(({ models }) => models.includes(model.name));
  return syncs.flatMap(({ name: sync, object, properties }) =>
    properties.map(({ name, label, type, column }) => ({ object, property: name, label, type, column, sync })),
  );
}

/** Of the syncs of the model, whatever their audiences are made from. */
function listsOf(model: ScoredModel, workspace: Workspace): readonly DocumentedList[] {
  const { project } = workspace;
  const syncs = [...project.syncs.values()].filter(({ models }) => models.includes(model.name));
  return syncs.flatMap(({ object, lists }) =>
    lists.flatMap(({ name, audience }) => {
      const members = project.models.get(audience);
      if (members?.kind !== 'audience') return [];
      const description = members.description ?? null;
      return [{ object, list: name, description, where: whereOf(members, workspace) }];
    }),
  );
}

function whereOf(audience: AudienceModel, workspace: Workspace): string | null {
  const { members } = audience;
  if (members.kind === 'sql' || members.where === undefined) return null;
  return new SettingWords(paramsOf(audience, workspace)).sql(members.where);
}
