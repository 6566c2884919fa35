import { ScorelineError } from '../errors/scoreline-error.ts';
import type { LogEntry, Report } from '../operations/report.ts';
import type { GlobalOptions, LogLevel } from './global-options.ts';
import type { Io } from './io.ts';
import { painterFor } from './render/painter.ts';
import { errorAsJson, exitCodeOf, renderError } from './render/render-error.ts';

/** Tells on stderr what goes on. */
export interface Talk {
  readonly report: Report;
  warn(text: string): void;
  /** Every warning told so far, whatever stderr's level, for the result's `warnings`; those of passing steps are not among them. */
  readonly warnings: readonly string[];
  /** How the command ended, where it did not end well. */
  fail(error: unknown): void;
  /** Removes what is shown only for the moment, before anything else is printed. */
  end(): void;
}

const severity: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

export async function openTalk(io: Io, options: GlobalOptions, command: string, runId: string): Promise<Talk> {
  const isWanted = ({ level }: LogEntry) => severity[level] <= severity[options.logLevel];
  const talk =
    options.logFormat === 'json'
      ? await jsonTalk(io, isWanted, command, runId)
      : textTalk(io, isWanted, options.logLevel);
  const warnings: string[] = [];
  return {
    ...talk,
    warnings,
    report(entry) {
      if (entry.level === 'warn' && entry.passing !== true) warnings.push(entry.message);
      talk.report(entry);
    },
    warn(text) {
      warnings.push(text);
      talk.warn(text);
    },
  };
}

type Voice = Omit<Talk, 'warnings'>;

/** One JSON object a line: time, level, command, run_id, event, figures. */
async function jsonTalk(
  io: Io,
  isWanted: (entry: LogEntry) => boolean,
  command: string,
  runId: string,
): Promise<Voice> {
  const { pino } = await import('pino');
  const logger = pino(
    {
      level: 'debug',
      base: { command, run_id: runId },
      messageKey: 'message',
      timestamp: () => `,"time":"${io.now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void io.stderr.write(line) },
  );
  const report: Report = (entry) => {
    if (!isWanted(entry)) return;
    const { level, message, passing: _passing, progress: _progress, ...rest } = entry;
    logger[level](rest, message);
  };
  return {
    report,
    warn: (text) => report({ level: 'warn', event: 'warning', message: text }),
    fail: (error) => {
      const { message, ...rest } = errorAsJson(error);
      const stack = error instanceof ScorelineError || !(error instanceof Error) ? undefined : error.stack;
      logger.error({ event: 'failed', exit_code: exitCodeOf(error), ...rest, stack }, message);
    },
    end: () => {},
  };
}

function textTalk(io: Io, isWanted: (entry: LogEntry) => boolean, logLevel: LogLevel): Voice {
  const { stderr } = io;
  const paint = painterFor(stderr, io.env);
  // Who asks for every detail wants to keep it.
  const showsPassing = stderr.isTTY === true && logLevel === 'info';
  let isShown = false;
  const end = () => {
    if (isShown) stderr.write('\r\u001b[2K');
    isShown = false;
  };
  const write = (text: string) => {
    end();
    stderr.write(`${text}\n`);
  };
  const report: Report = (entry) => {
    if (entry.passing && showsPassing) {
      const share = entry.progress && bar(entry.progress.done / entry.progress.total);
      const line = share === undefined ? entry.message : `${share} ${entry.message}`;
      // A line that wraps could not be removed again.
      stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns || 80) - 1)}`);
      isShown = true;
      return;
    }
    if (!isWanted(entry)) return;
    if (entry.level === 'warn') write(`${paint.warn('warning:')} ${entry.message}`);
    else write(entry.level === 'debug' ? paint.dim(entry.message) : entry.message);
  };
  return {
    report,
    warn: (text) => write(`${paint.warn('warning:')} ${text}`),
    fail: (error) => write(renderError(error, paint)),
    end,
  };
}

function bar(share: number): string {
  const width = 24;
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
