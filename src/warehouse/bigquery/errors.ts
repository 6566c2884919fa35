import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { CompiledSql } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import { type Refusal, refusalError } from '../refusal.ts';
import { type ErrorFacts, errorFactsOf } from './error-facts.ts';

interface KnownError {
  readonly pattern: RegExp;
  readonly hint: string | ((match: RegExpExecArray) => string);
}

/** Looked for in `reason: message`; the first that matches wins. */
const knownErrors: readonly KnownError[] = [
  {
    pattern: /does not have (bigquery\.jobs\.\w+) permission in project ([\w.:-]+?)\.?(?:\s|,|$)/,
    hint: ([, permission = '', project = '']) =>
      `It lacks ${permission}: gcloud projects add-iam-policy-binding ${project} --member="serviceAccount:<who runs this>" --role="roles/bigquery.jobUser"`,
  },
  {
    pattern: /Access Denied: (?:Table|Dataset) ([\w-]+):(\w+)(?:\.\S+)?:? .*?(bigquery\.\w+\.\w+)/,
    hint: ([, project = '', dataset = '', permission = '']) =>
      `It lacks ${permission}: ${grantOf(permission, project, dataset)}`,
  },
  {
    pattern: /Access Denied: .*bigquery\.datasets\.create/,
    hint: 'It may not make datasets: make the two of the target (`schema` and `<schema>_state`) by hand in its `location`, or give it roles/bigquery.user on the project.',
  },
  {
    pattern: /^accessDenied|Access Denied/,
    hint: 'Scoreline needs roles/bigquery.jobUser on the project, roles/bigquery.dataViewer on the datasets of the sources, and roles/bigquery.dataEditor on the two of the target.',
  },
  {
    pattern: /Not found: Dataset (\S+) was not found in location (\S+)/,
    hint: ([, dataset = '', location = '']) =>
      `Either there is no dataset ${dataset}, or it lies in another location than ${location}: one statement reads one location, so \`location\` of the target must be that of its sources.`,
  },
  {
    pattern: /Not found: (Table|Dataset)|must be qualified with a dataset/,
    hint: 'Models are read with `ref`, sources with `source`; a source needs its `schema` (the dataset) in config/scoreline.yml, and its `database` where that is another project. Names of datasets and tables have upper and lower case.',
  },
  {
    pattern: /^bytesBilledLimitExceeded|limit for bytes billed/,
    hint: 'Let the model read fewer partitions or columns, or raise `max_bytes_billed` of the target.',
  },
  {
    pattern: /^quotaExceeded|Quota exceeded|Exceeded rate limits/,
    hint: 'A quota of the project is used up: wait until it is filled again, or ask for more (Google Cloud console, IAM & Admin, Quotas).',
  },
  {
    pattern: /Billing has not been enabled|free tier/,
    hint: 'Scoreline keeps its state by statements that the free sandbox of BigQuery does not allow: turn billing on for the project.',
  },
  {
    pattern: /without a filter over column\(s\) ('[^']+')/,
    hint: ([, column = '']) =>
      `The table can only be read with a filter on ${column}: a rule with \`within\` sets one, a model writes it itself.`,
  },
  {
    pattern: /concurrent (update|modification|DML)|could not serialize access|transaction is aborted/i,
    hint: 'Another statement changed the same rows at that moment; run the command again.',
  },
  {
    pattern: /^timeout|timed out/i,
    hint: 'Raise `statement_timeout` of the target, or let the model read less.',
  },
  {
    pattern: /^(resourcesExceeded|responseTooLarge)/,
    hint: 'Let the model keep fewer rows together: aggregate earlier, or take an ORDER BY off.',
  },
  {
    pattern: /Syntax error/,
    hint: 'Look at the SQL just before that place. A column that is called like a SQL keyword (`order`, `at`) goes in backticks.',
  },
  {
    pattern: /No matching signature/,
    hint: 'A column has another type than is wanted here: cast it, for example with `safe_cast(x as int64)`, which gives null for a value that does not fit.',
  },
  {
    pattern: /Bad (int64|double|bool|numeric) value|Could not (cast|convert|parse)|Invalid (date|timestamp|NUMERIC)/i,
    hint: 'Leave the row out with WHERE, or use `safe_cast(x as type)`, which gives null for a value that does not fit.',
  },
];

function grantOf(permission: string, project: string, dataset: string): string {
  const isReading = /\.(get|getData|list)$/.test(permission);
  const role = isReading ? 'dataViewer' : 'dataEditor';
  return `GRANT \`roles/bigquery.${role}\` ON SCHEMA \`${project}\`.\`${dataset}\` TO "serviceAccount:<who runs this>"`;
}

/** Wraps what went wrong with a request or a job. `statement` is the text that was sent; absent where no statement was. */
export function bigQueryRefusal(
  error: unknown,
  statement: CompiledSql | undefined,
  options: StatementOptions | undefined,
): ScorelineError {
  if (error instanceof ScorelineError) return error;
  const facts = errorFactsOf(error);
  const cause = causeOf(facts);
  const isUnanswered = facts.status === undefined && /^E[A-Z_]+$/.test(facts.reason ?? '');
  if (isUnanswered) {
    const purpose = options?.purpose === undefined ? '' : `Cannot ${options.purpose}: `;
    return new ScorelineError('WAREHOUSE_UNREACHABLE', `${purpose}BigQuery does not answer${silenceOf(facts)}`, {
      hint: 'Check the network, and `api_endpoint` of the target where it is set, then run again: what was accepted is remembered.',
      cause,
    });
  }
  const access = accessProblem(facts);
  if (access !== null) {
    return new ScorelineError('WAREHOUSE_UNREACHABLE', `BigQuery does not accept the credentials: ${facts.message}`, {
      hint: access,
      retryable: false,
      cause,
    });
  }
  const { words, excerpt } = wordsOf(facts.message, statement);
  const known = hintFor(`${facts.reason ?? ''}: ${facts.message}`);
  const refusal: Refusal = {
    message: facts.reason === undefined ? words : `${words} (${facts.reason})`,
    hint: known,
    retryable: facts.isPassing || facts.isWorthAnotherJob,
    cause,
    excerpt,
  };
  return refusalError('BigQuery', refusal, options);
}

function hintFor(text: string): string | undefined {
  for (const { pattern, hint } of knownErrors) {
    const match = pattern.exec(text);
    if (match !== null) return typeof hint === 'string' ? hint : hint(match);
  }
  return undefined;
}

/** @returns what to do; null where the credentials are not the trouble */
function accessProblem({ status, message }: ErrorFacts): string | null {
  if (/unable to impersonate|iam\.serviceAccounts\.getAccessToken/i.test(message)) {
    return 'Give the account whose credentials these are roles/iam.serviceAccountTokenCreator on the service account of `impersonate`: gcloud iam service-accounts add-iam-policy-binding <impersonate> --member="user:<you>" --role="roles/iam.serviceAccountTokenCreator"';
  }
  const isRefused =
    status === 401 ||
    /invalid_grant|invalid_client|unauthorized_client|could not refresh access token|could not load the default credentials/i.test(
      message,
    );
  return isRefused
    ? 'Run `gcloud auth application-default login` again, or check `key_file` of the target: the key may have been deleted or expired.'
    : null;
}

/** The client tells the whole address of a request, of which the host says enough. */
function silenceOf({ message }: ErrorFacts): string {
  const [, address = '', reason = ''] = /request to (\S+) failed, reason: (.*)/s.exec(message) ?? [];
  return URL.canParse(address)
    ? ` at ${new URL(address).origin}: ${reason || 'it ended the connection'}`
    : `: ${message}`;
}

/** What is known, without the client's error: that holds the request with its token. */
function causeOf({ message, status, reason }: ErrorFacts): Error {
  return Object.assign(new Error(message), { status, reason });
}

/** A value in it may be as long as a row's. */
const maxWords = 600;

/** BigQuery's words without the place, `… at [3:7]`, which is one of the statement as it was sent. */
function wordsOf(message: string, statement: CompiledSql | undefined): { words: string; excerpt: Refusal['excerpt'] } {
  const match = /(?:;? at |; error at )?\[(\d+):(\d+)\]\s*$/.exec(message.trim());
  const kept = (match === null ? message : message.slice(0, match.index)).replace(/\s+/g, ' ').trim();
  const words = kept.length > maxWords ? `${kept.slice(0, maxWords / 2)} … ${kept.slice(-maxWords / 2)}` : kept;
  const line = match === null ? undefined : statement?.text.split('\n')[Number(match[1]) - 1];
  if (match === null || line === undefined) return { words, excerpt: unplacedExcerpt(message, statement) };
  const column = Number(match[2]);
  const word = /^`?([\p{L}_][\p{L}\p{N}_]*)/u.exec(line.slice(column - 1))?.[1];
  return { words, excerpt: { text: line, column, word } };
}

/** Where BigQuery gives no place, it often gives the name that it does not know. */
function unplacedExcerpt(message: string, statement: CompiledSql | undefined): Refusal['excerpt'] {
  const word = /(?:Unrecognized name|Function not found): ([\p{L}_][\p{L}\p{N}_]*)/u.exec(message)?.[1];
  return word === undefined || statement === undefined ? undefined : { text: word, word };
}
