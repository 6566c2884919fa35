import { snowflake } from '../support/cloud-server.ts';
import { describeWholeProject } from './whole-project.ts';

describeWholeProject('Snowflake', snowflake.missing, snowflake.start);
