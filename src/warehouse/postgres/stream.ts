import type { CompiledSql } from '../../sql/types.ts';
import type { LocalTimeReader } from '../local-time.ts';
import type { Row, StatementOptions } from '../port.ts';
import type { SessionPool } from '../session-pool.ts';
import { rowsOf } from './rows.ts';
import { plain, type Session } from './session.ts';

const chunkRows = 2000;

/**
 * Reads the rows of a statement through a cursor of the server's, a chunk at a time as it is wanted.
 *
 * The cursor outlives its transaction (WITH HOLD): the server computes all of the result first and keeps it, on its disk
 * where it is large. A reader of a plan waits for HubSpot, for hours perhaps, and an open transaction would meanwhile keep
 * VACUUM from the whole database, hold locks that a swap has to wait for, and end by the server's own limits for
 * transactions that do nothing.
 */
export async function* streamRows(
  sessions: SessionPool<Session>,
  local: LocalTimeReader,
  statement: CompiledSql,
  options: StatementOptions | undefined,
): AsyncGenerator<readonly Row[], void> {
  const session = await sessions.take();
  let isSound = false;
  try {
    const declare = { ...statement, text: `declare result no scroll cursor with hold for\n${statement.text}` };
    await session.transaction(() => session.run(declare, options), options);
    isSound = true;
    for (;;) {
      const result = await session.run(plain(`fetch ${chunkRows} from result`), options).catch((error: unknown) => {
        isSound = false;
        throw error;
      });
      if (result.rows.length > 0) yield rowsOf(result, local);
      if (result.rows.length < chunkRows) break;
    }
  } finally {
    if (isSound) {
      // A reader who left: what is kept for it goes.
      isSound = await session.run(plain('close result')).then(
        () => true,
        () => false,
      );
    }
    await (isSound ? sessions.giveBack(session) : sessions.discard(session));
  }
}
