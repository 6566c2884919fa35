const instant = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g;

/** Moves every ISO instant in a text by whole days; the hour of the day stays. For made-up data that should look recent. */
export function shiftInstants(text: string, days: number): string {
  return text.replace(instant, (written) => {
    const moved = new Date(Date.parse(written) + days * 86_400_000);
    return `${moved.toISOString().slice(0, 19)}Z`;
  });
}
