import type { Problem } from '../errors/scoreline-error.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Column } from '../warehouse/port.ts';
import { columnKindsOfProperty } from './format-value.ts';
import { findColumn, type SyncModel } from './sync-model.ts';

/** What a sync asks of its model's columns and they do not have: every problem, none if all is well. */
export function checkColumns(sync: Sync, model: Pick<SyncModel, 'columns'>): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (path: readonly string[], value: string, message: string, hint: string) => {
    const { line, column } = sync.file.locate(path);
    problems.push({ code: 'SYNC_INVALID', file: sync.file.path, line, column, value, message, hint });
  };
  const of = sync.models.length === 1 ? `the model ${sync.models[0]} has` : `the models ${sync.models.join(', ')} have`;
  const columnNames = `Its columns: ${model.columns.map((column) => column.name).join(', ')}.`;
  const matched = findColumn(model, sync.match.column);
  const matchPath = ['match', sync.match.property];
  if (matched === undefined) {
    report(matchPath, sync.match.column, `${of} no column "${sync.match.column}"`, columnNames);
  } else if (matched.type.kind === 'double') {
    const message = `records cannot be found by the column "${matched.name}", which is ${kindInWords(matched)}: 501 would be 501.0`;
    report(matchPath, sync.match.column, message, 'Cast the column to integer or text in the model.');
  }
  for (const property of sync.properties) {
    const column = findColumn(model, property.column);
    if (column === undefined) {
      const path = ['properties', property.name, 'column'];
      report(path, property.column, `${of} no column "${property.column}"`, columnNames);
    } else if (!columnKindsOfProperty[property.type].includes(column.type.kind)) {
      report(
        ['properties', property.name, 'type'],
        property.type,
        `a property of type ${property.type} cannot hold the column "${column.name}", which is ${kindInWords(column)}`,
        `Cast the column to ${columnKindsOfProperty[property.type].join(' or ')} in the model, or choose another type.`,
      );
    }
  }
  return problems;
}

function kindInWords({ type, nativeType }: Column): string {
  return type.kind === 'other' ? nativeType : `${type.kind} (${nativeType})`;
}
