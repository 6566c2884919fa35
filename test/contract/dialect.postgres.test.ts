import { sql } from 'kysely';
import { openTempPostgres } from '../support/temp-postgres.ts';
import { describeAgreement } from './dialect-agreement.ts';

describeAgreement('PostgreSQL', openTempPostgres, { localTime: (wallTime) => sql`timestamp ${sql.lit(wallTime)}` });
