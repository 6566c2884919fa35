/** `12,345` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `0.4 s`, `12 s`, `3 min 20 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** A share from 0 to 1 as per cent: `0.02%`, `12%` */
export function formatShare(ratio: number): string {
  const percent = ratio * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)}%`;
}
