/** Snowflake refuses longer ones. */
const maxLength = 2000;
const maxPurpose = 500;

/** What the query history shows beside a statement: JSON, so that `parse_json(query_tag):run` can be asked for. */
export function queryTag(runId: string | undefined, purpose: string | undefined): string {
  return JSON.stringify({ app: 'scoreline', run: runId, purpose: purpose?.slice(0, maxPurpose) }).slice(0, maxLength);
}
