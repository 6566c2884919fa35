import { bigQuery } from '../support/cloud-server.ts';
import { describeSameNumbersOn } from './same-numbers.cloud.ts';

describeSameNumbersOn(bigQuery);
