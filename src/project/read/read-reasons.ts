import type { SqlFiles } from '../files/sql-files.ts';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import type { ReasonSettings } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { type ReasonsShape, reasonTemplates } from '../shapes/reasons-schema.ts';
import { validate } from '../validate/validate.ts';
import { readReason } from './read-reason.ts';

export interface ReasonsRequest {
  /** The key `reasons` of a scorecard or of the project. */
  readonly shape: ReasonsShape | null | undefined;
  readonly yaml: YamlFile;
  /** Of problems in `yaml`. */
  readonly code: 'MODEL_INVALID' | 'CONFIG_INVALID';
  readonly sqlFiles: SqlFiles;
  readonly report: ProblemSink;
}

const places = ['label', 'count', 'window'];

/** How reasons read: what is written here, before what the file says that `templates` names. */
export function readReasons(request: ReasonsRequest): ReasonSettings | undefined {
  const { shape } = request;
  if (shape === undefined || shape === null) return undefined;
  const { templates, max_length: maxLength } = shape;
  const shared = templates === undefined ? {} : readTemplates(templates, request);
  const own = readGeneral(shape, { ...request, path: ['reasons'] });
  return { ...shared, ...own, ...(maxLength !== undefined && { maxLength }) };
}

function readTemplates(written: string, { yaml, sqlFiles, report }: ReasonsRequest): ReasonSettings {
  const file = sqlFiles.read(written, { yaml, path: ['reasons', 'templates'] });
  if (file === null) return {};
  const parsed = parseYaml(file.path, file.text, report);
  const valid = validate({ kind: 'model', yaml: parsed, schema: reasonTemplates, data: parsed.data, report });
  if (valid === null) return {};
  const { units } = valid.shape;
  const general = readGeneral(valid.shape, { yaml: parsed, code: 'MODEL_INVALID', path: [], report });
  return { ...general, ...(units !== undefined && { units }) };
}

interface GeneralRequest extends Pick<ReasonsRequest, 'yaml' | 'code' | 'report'> {
  readonly path: readonly string[];
}

/** Who says how events read, and nothing of distinct values, means both: what is written elsewhere ends there. */
function readGeneral(
  { events, distinct }: Pick<ReasonsShape, 'events' | 'distinct'>,
  { path, ...request }: GeneralRequest,
): Pick<ReasonSettings, 'events' | 'distinct'> {
  const read = (reason: ReasonsShape['events'], key: string) =>
    reason === undefined ? null : readReason({ ...request, reason, path: [...path, key], places });
  const ofEvents = read(events, 'events');
  const ofDistinct = read(distinct, 'distinct') ?? ofEvents;
  return { ...(ofEvents !== null && { events: ofEvents }), ...(ofDistinct !== null && { distinct: ofDistinct }) };
}
