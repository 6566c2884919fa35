import type types from '@google-cloud/bigquery/build/src/types.js';

/* Google's own description of the REST API, as the client carries it. */

export type Job = types.default.IJob;
export type JobConfiguration = types.default.IJobConfiguration;
export type CopyConfiguration = types.default.IJobConfigurationTableCopy;
export type LoadConfiguration = types.default.IJobConfigurationLoad;
export type QueryConfiguration = types.default.IJobConfigurationQuery;
export type QueryResults = types.default.IGetQueryResultsResponse;
export type QueryParameter = types.default.IQueryParameter;
export type ErrorProto = types.default.IErrorProto;
export type Field = types.default.ITableFieldSchema;
export type TableReference = types.default.ITableReference;
export type Table = types.default.ITable;
export type TableRow = types.default.ITableRow;
