import { snowflake } from '../support/cloud-server.ts';
import { describeSameNumbersOn } from './same-numbers.cloud.ts';

describeSameNumbersOn(snowflake);
