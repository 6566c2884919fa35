import type { Session } from '../project/rule-types.ts';
import type { CardSession } from './card.ts';
import { numberKinds, type SettingReader, type YamlPath } from './setting-reader.ts';

/** @returns undefined where there is none, or its gap was reported; a number of sessions is part of the rule's points */
export function readCardSession(
  session: Session | undefined,
  path: YamlPath,
  reader: SettingReader,
): CardSession | undefined {
  if (session === undefined) return undefined;
  const by = readBy(session.by, path, reader);
  const { least } = session;
  if (by === undefined) return undefined;
  if (least === undefined || least.measure === 'count') return { by };
  const kind = least.measure === 'pages' ? numberKinds.count : numberKinds.limit;
  const atLeast = reader.number([...path, 'at_least'], least.atLeast, kind);
  return atLeast === undefined ? { by } : { by, least: { measure: least.measure, atLeast } };
}

function readBy(by: Session['by'], path: YamlPath, reader: SettingReader): CardSession['by'] | undefined {
  if (by.kind === 'column') return { kind: 'value', value: reader.expression([...path, 'by'], by.column) };
  const gap = reader.span([...path, 'gap'], by.gap);
  return gap === undefined ? undefined : { kind: 'gap', gap };
}
