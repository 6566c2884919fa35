import { bigQuery } from '../support/cloud-server.ts';
import { describeWholeProject } from './whole-project.ts';

describeWholeProject('BigQuery', bigQuery.missing, bigQuery.start);
