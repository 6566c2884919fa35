import type { Points } from '../project/rule-types.ts';
import type { EntityPoints } from './card.ts';
import { numberKinds, type SettingReader, type YamlPath } from './setting-reader.ts';

export function readPoints(points: Points, path: YamlPath, reader: SettingReader): EntityPoints {
  if (typeof points === 'object' && 'sql' in points) return reader.expression(path, points.sql);
  return reader.number(path, points, numberKinds.points) ?? 0;
}
