import { styleText } from 'node:util';
import type { LogEntry, Report } from '../operations/report.ts';
import type { GlobalOptions, LogLevel } from './global-options.ts';
import type { Io } from './io.ts';

/** Tells on stderr what goes on. */
export interface Talk {
  readonly report: Report;
  /** Removes what a progress bar left, before anything else is printed. */
  end(): void;
}

const severity: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

export async function openTalk(io: Io, options: GlobalOptions, command: string, runId: string): Promise<Talk> {
  const wanted = (entry: LogEntry) => severity[entry.level] <= severity[options.logLevel];
  if (options.logFormat === 'json') return jsonTalk(io, wanted, command, runId);
  return textTalk(io, wanted);
}

/** One JSON object a line: time, level, command, run_id, event, figures. */
async function jsonTalk(io: Io, wanted: (entry: LogEntry) => boolean, command: string, runId: string): Promise<Talk> {
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
    // A log wants the end of long work, not each step of it.
    if (!wanted(entry) || (entry.progress && entry.progress.done < entry.progress.total)) return;
    const { level, message, progress: _progress, ...rest } = entry;
    logger[level](rest, message);
  };
  return { report, end: () => {} };
}

function textTalk(io: Io, wanted: (entry: LogEntry) => boolean): Talk {
  const isTerminal = io.stderr.isTTY === true;
  let barIsDrawn = false;
  const end = () => {
    if (barIsDrawn) io.stderr.write('\r\u001b[2K');
    barIsDrawn = false;
  };
  const report: Report = (entry) => {
    if (!wanted(entry)) return;
    const { progress } = entry;
    if (progress && progress.done < progress.total) {
      if (!isTerminal) return;
      io.stderr.write(`\r\u001b[2K${bar(progress.done / progress.total)} ${entry.message}`);
      barIsDrawn = true;
      return;
    }
    end();
    const mark = entry.level === 'warn' ? `${paint(io, 'yellow', 'warning:')} ` : '';
    const text = entry.level === 'debug' ? paint(io, 'dim', entry.message) : entry.message;
    io.stderr.write(`${mark}${text}\n`);
  };
  return { report, end };
}

function bar(share: number): string {
  const width = 24;
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}

/** Colour where stderr is a terminal and NO_COLOR is not set. */
function paint(io: Io, format: 'yellow' | 'dim', text: string): string {
  return io.stderr.isTTY === true && !io.env.NO_COLOR ? styleText(format, text, { validateStream: false }) : text;
}
