/** `12,345` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 call`, `12,345 calls` */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

const byteUnits = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** `0 bytes`, `10 MB`, `1.5 TB`: by thousands, as `max_bytes_billed` counts */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCounted(bytes, 'byte');
  const power = Math.min(byteUnits.length, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount < 9.95 ? amount.toFixed(1) : formatCount(Math.round(amount))} ${byteUnits[power - 1]}`;
}

/** A share from 0 to 1 as per cent: `under 0.1%`, `0.5%`, `12%` */
export function formatShare(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.1) return 'under 0.1%';
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)}%`;
}

/** Data as one line of text: what could move the cursor, or hide what follows, becomes a space. */
export function oneLine(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
