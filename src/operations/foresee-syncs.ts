import { sql } from 'kysely';
import { relationFragment } from '../build/template-scope.ts';
import type { CompiledProject } from '../build/types.ts';
import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Project } from '../project/types.ts';
import type { Fragment } from '../sql/types.ts';
import { countOf, textOf } from '../state/row-values.ts';
import type { State } from '../state/state.ts';
import { checkColumns } from '../sync/check-columns.ts';
import { type ForeseenChanges, foreseeChanges } from '../sync/foresee-changes.ts';
import type { Column } from '../warehouse/port.ts';
import { readSyncModel } from './read-sync-model.ts';
import type { Workspace } from './workspace.ts';

/** What a sync would send, with the edited models and with the live ones. */
export interface ForeseenSync {
  readonly sync: string;
  readonly model: string;
  readonly object: string;
  /** Null where its model is not among the edited ones, or does not have what the sync names; see `problems`. */
  readonly edited: ForeseenChanges | null;
  /** What it would send anyway; null where its model is not edited or not built, or lacks what the sync names. */
  readonly live: ForeseenChanges | null;
  readonly problems: readonly Problem[];
  readonly lists: readonly {
    readonly list: string;
    readonly audience: string;
    readonly added: number;
    readonly removed: number;
  }[];
}

export interface ForeseeSyncsRequest {
  readonly workspace: Workspace;
  readonly state: State;
  /** The live models, and the edited ones in their scratch tables. */
  readonly compiled: CompiledProject;
  readonly scratch: CompiledProject;
  /** Models that are built in scratch tables. */
  readonly names: ReadonlySet<string>;
  /** What is live in the target's schema. */
  readonly there: ReadonlyMap<string, readonly Column[]>;
}

/** Audiences of lists that are taken from any of these models: they change with them. */
export function listedAudiences(project: Project, models: ReadonlySet<string>): readonly string[] {
  const listed = [...project.syncs.values()].flatMap(({ lists }) => lists.map(({ audience }) => audience));
  return listed.filter((name) => {
    const model = project.models.get(name);
    return model?.kind === 'audience' && model.members.kind === 'from' && models.has(model.members.from);
  });
}

/** Foresees every sync whose model or audience is among the edited ones; HubSpot is not asked, and nothing is written. */
export async function foreseeSyncs(request: ForeseeSyncsRequest): Promise<readonly ForeseenSync[]> {
  const { workspace, names, there } = request;
  const concerned = [...workspace.project.syncs.values()].filter(
    ({ models, lists }) =>
      models.some((model) => names.has(model)) || lists.some(({ audience }) => names.has(audience)),
  );
  const foreseen: ForeseenSync[] = [];
  for (const sync of concerned) {
    // A sync may be concerned by the audience of a list alone.
    const isEdited = sync.models.some((model) => names.has(model));
    const isLive = sync.models.every((model) => there.has(model));
    const edited = isEdited ? await foreseeOne(request, sync, request.scratch) : notAsked;
    const live = isEdited && isLive ? await foreseeOne(request, sync, request.compiled) : notAsked;
    foreseen.push({
      sync: sync.name,
      model: sync.models.join(', '),
      object: sync.object,
      edited: edited.changes,
      live: live.changes,
      problems: edited.problems,
      lists: await foreseeLists(request, sync),
    });
  }
  return foreseen;
}

interface ForeseenSide {
  readonly changes: ForeseenChanges | null;
  readonly problems: readonly Problem[];
}

const notAsked: ForeseenSide = { changes: null, problems: [] };

async function foreseeOne(
  { workspace, state }: ForeseeSyncsRequest,
  sync: Sync,
  compiled: CompiledProject,
): Promise<ForeseenSide> {
  const { signal } = workspace;
  try {
    const model = await readSyncModel({ warehouse: state.warehouse, compiled, sync, signal });
    const problems = checkColumns(sync, model);
    if (problems.length > 0) return { changes: null, problems };
    return { changes: await foreseeChanges({ state, sync, model, signal }), problems: [] };
  } catch (error) {
    if (!(error instanceof ScorelineError) || error.code !== 'SYNC_INVALID') throw error;
    return { changes: null, problems: error.problems };
  }
}

/** Keys that join and leave the audiences of a sync's lists: one statement, none where no audience was built anew. */
async function foreseeLists(
  { workspace, state, compiled, scratch, names, there }: ForeseeSyncsRequest,
  sync: Sync,
): Promise<ForeseenSync['lists']> {
  const { dialect } = state.warehouse;
  const parts = sync.lists.flatMap(({ id, audience }): readonly Fragment[] => {
    const [live, edited] = [compiled.models.get(audience), scratch.models.get(audience)];
    if (live === undefined || edited === undefined || !names.has(audience) || !there.has(audience)) return [];
    const key = sql.id(live.key[0] ?? '');
    const [before, after] = [live, edited].map(
      ({ relation }) => sql`select ${key} as member from ${relationFragment(dialect, relation)}`,
    );
    const only = (one: Fragment | undefined, other: Fragment | undefined) =>
      sql`(select count(distinct one.member) from (${one}) as one where not exists (select 1 from (${other}) as other where other.member = one.member))`;
    return [sql`select ${sql.lit(id)} as list, ${only(after, before)} as added, ${only(before, after)} as removed`];
  });
  if (parts.length === 0) return [];
  const rows = await state.warehouse.query(dialect.compile(sql.join(parts, sql` union all `)), {
    signal: workspace.signal,
    purpose: `foresee the lists of ${sync.name}`,
  });
  return sync.lists.flatMap(({ id, name, audience }) => {
    const row = rows.find((each) => textOf(each, 'list') === id);
    return row === undefined
      ? []
      : [{ list: name, audience, added: countOf(row, 'added'), removed: countOf(row, 'removed') }];
  });
}
